"""The tables and charts of a best practice: its facts, the evidence on it, and their sources."""

from collections import Counter
from collections.abc import Callable
from typing import Final

from city_indicators.delivery.documents.best_practices import Row
from city_indicators.delivery.documents.model import Column, Table
from city_indicators.delivery.documents.practice_facts import in_unit, stated
from city_indicators.delivery.documents.shown import Shown
from city_indicators.delivery.exports.texts import heading, meaning
from city_indicators.delivery.numbers import NOTHING
from city_indicators.delivery.web import practice_charts
from city_indicators.delivery.web.charts import Drawing
from city_indicators.warehouse.database import rows


def case(shown: Shown) -> Table:
    """The facts of the case that its sources state."""
    _ = shown.words.gettext
    columns = (Column(_("Fact")), Column(_("As stated"), share=2.6))
    lines = tuple((name, text) for name, text in stated(shown, shown.case) if text)
    note = shown.case.facts["note"]
    more = ((heading("note", shown.language), note),) if note else ()
    return Table(_("What the sources state"), columns, lines + more, shown.note_of_case())


def case_change(shown: Shown) -> Table:
    """The indicator of the case in the city and in its peers, before and after the start."""
    _ = shown.words.gettext
    row = _evidence(shown)
    unit = shown.labels("unit_measure", row["unit_measure"])
    columns = (
        Column(_("City"), share=2),
        Column(_("Mean before"), "right"),
        Column(_("Mean after"), "right"),
        Column(_("Change"), "right"),
    )
    peers = shown.words.ngettext("mean of %(num)s peer", "mean of %(num)s peers", row["peers"])
    names = {"city": shown.labels("ref_area", row["ref_area"]), "peers": peers % {"num": row["peers"]}}
    lines = [
        (
            name,
            *(in_unit(shown, row, row[f"{who}_{side}"]) for side in ("before", "after")),
            in_unit(shown, row, row[f"{who}_after"] - row[f"{who}_before"]),
        )
        for who, name in names.items()
    ]
    lines.append((heading("did", shown.language), "", "", in_unit(shown, row, row["did"])))
    caption = _("%(indicator)s (%(unit)s), before and after the start in %(year)s") % {
        "indicator": shown.labels("indicator", row["indicator"]),
        "unit": unit,
        "year": row["start_year"],
    }
    return Table(caption, columns, tuple(lines), shown.note_of_evidence(), frozenset({len(lines) - 1}))


def case_tests(shown: Shown) -> Table:
    """How sure the difference is, and what it rests on."""
    _ = shown.words.gettext
    row = _evidence(shown)
    show = shown.numbers
    over_years = (
        meaning("gap_reason", row["gap_reason"], shown.language)
        if row["gap_p"] is None
        else show.decimals(row["gap_p"], 3)
    )
    names = (shown.labels("ref_area", peer) for peer in row["peer_cities"])
    lines = (
        (_name(shown, "did"), in_unit(shown, row, row["did"])),
        (
            _("Differences that the placebo test does not reject"),
            _("from %(low)s to %(high)s")
            % {name: in_unit(shown, row, row[f"did_{name}"]) for name in ("low", "high")},
        ),
        (_name(shown, "placebo_p"), show.decimals(row["placebo_p"], 3)),
        (_name(shown, "slope_gap_p"), show.decimals(row["slope_gap_p"], 3)),
        (_name(shown, "gap_p"), over_years or NOTHING),
        (
            _("Years compared"),
            _("%(before)s before and %(after)s after the start")
            % {side: row[f"years_{side}"] for side in ("before", "after")},
        ),
        (_name(shown, "estimated"), str(row["estimated"])),
        (_name(shown, "geo_basis"), shown.labels("geo_basis", row["geo_basis"])),
        (_name(shown, "source"), f"{row['publisher']} ({row['licence']})"),
        (_name(shown, "peer_cities"), show.enumeration(names)),
        (_name(shown, "other_cases"), show.enumeration(row["other_cases"]) or NOTHING),
    )
    columns = (Column(_("Statistic")), Column(_("Value"), share=2))
    return Table(_("How sure the difference is"), columns, lines, shown.note_of_evidence())


def case_sources(shown: Shown) -> Table:
    """The sources of the values of the city and of the evidence, with their licences."""
    _ = shown.words.gettext
    area = shown.case.facts["ref_area"]
    used = Counter(
        row[name]
        for (city, _indicator), row in shown.frozen.indicators.items()
        if city == area and row["raw_value"] is not None
        for name in ("source", "denominator_source")
        if row[name]
    )
    evidence = shown.case.evidence["source"] if shown.case.is_compared and shown.case.evidence else None
    found = rows(shown.connection, "export/sources", sources=sorted({*used, *filter(None, [evidence])}))
    columns = (
        Column(_("Source"), share=4.4),
        Column(_("Licence"), share=1.5),
        Column(_("Values in the profile"), "right"),
        Column(_("Values in the evidence"), "right"),
    )
    lines = [
        (
            row["attribution"],
            row["licence"],
            str(used[row["source"]]),
            str(len(shown.case.observations) if row["source"] == evidence else 0),
        )
        for row in found
    ]
    return Table(_("Sources and licences"), columns, tuple(lines), shown.note_of_analysis())


def evidence_chart(shown: Shown) -> Drawing | None:
    """The indicator of the case in the city, in its peers and in their mean; None without a comparison."""
    return _drawn(shown, practice_charts.of_evidence)


def placebo_chart(shown: Shown) -> Drawing | None:
    """The difference of the city among those that each peer would have; None without a comparison."""
    return _drawn(shown, practice_charts.of_placebos)


def _drawn(shown: Shown, draw: Callable[..., Drawing]) -> Drawing | None:
    if not shown.case.is_compared:
        return None
    return draw(shown.case.evidence, shown.case.observations, shown.labels, shown.language)


def _evidence(shown: Shown) -> Row:
    if not shown.case.is_compared or shown.case.evidence is None:
        raise LookupError("there is no comparison for the case; put this in {% if case.is_compared %}")
    return shown.case.evidence


def _name(shown: Shown, column: str) -> str:
    return heading(column, shown.language)


TABLES: Final[dict[str, Callable[..., Table]]] = {
    "case": case,
    "case_change": case_change,
    "case_tests": case_tests,
    "case_sources": case_sources,
}
