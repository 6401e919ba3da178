"""The tables of the pages of cities and indicators, made from an edition."""

from city_indicators.delivery.documents.edition import Row
from city_indicators.delivery.documents.model import Column, Table, subjects_of
from city_indicators.delivery.documents.shown import Shown
from city_indicators.delivery.numbers import NOTHING


def pillars(shown: Shown, city: str) -> Table:
    """The pillars of a city."""
    _ = shown.words.gettext
    columns = (
        Column(_("Pillar")),
        Column(_("Score in the pillar"), "right"),
        Column(_("Rank in the pillar"), "right"),
        Column(_("Coverage"), "right"),
        Column(_("Share of the score"), "right"),
        Column(_("Points of the total score"), "right"),
    )
    lines = []
    for part in shown.parts.values():
        row = shown.frozen.pillars.get((city, part.id))
        if row is None:
            continue
        lines.append(
            (
                2 * part.depth * "\u00a0" + part.name,
                shown.points(row["score"]),
                NOTHING if row["rank"] is None else str(row["rank"]),
                shown.numbers.percent(row["coverage"], 0),
                shown.numbers.percent(row["weight_effective"]),
                shown.points(row["contribution"]),
            )
        )
    return Table(_("Scores of the pillars"), columns, tuple(lines), shown.note("edition_rating_pillar"))


def of_city(shown: Shown, city: str) -> Table:
    """The indicators of a city in the order of the method."""
    _ = shown.words.gettext
    columns = (Column(_("Indicator")), *_columns(shown), Column(_("Points of the total score"), "right"))
    parts = [part for part in shown.parts.values() if part.kind == "indicator"]
    rows = [shown.frozen.indicators.get((city, part.id), {}) for part in parts]
    lines = [
        (part.name, *_cells(shown, row), shown.points(row.get("contribution")))
        for part, row in zip(parts, rows, strict=True)
    ]
    subjects = subjects_of("indicator", (part.id for part in parts)) | _sources(rows)
    note = shown.note("edition_rating_indicator")
    return Table(_("Values of the indicators"), columns, tuple(lines), note, subjects=subjects)


def of_indicator(shown: Shown, indicator: str) -> Table:
    """The values of an indicator, the city with the most points first."""
    _ = shown.words.gettext
    columns = (Column(_("City")), Column(_("Country")), *_columns(shown))
    cities = shown.frozen.cities
    rows = sorted(shown.values_of(indicator), key=lambda row: (-(row["normalised"] or 0), row["ref_area"]))
    lines = [
        (
            shown.name(cities[row["ref_area"]]),
            shown.name_of_country(cities[row["ref_area"]]),
            *_cells(shown, row),
        )
        for row in rows
    ]
    subjects = subjects_of("city", (row["ref_area"] for row in rows)) | _sources(rows, 1)
    note = shown.note("edition_rating_indicator")
    return Table(_("Values of the cities"), columns, tuple(lines), note, subjects=subjects)


def _columns(shown: Shown) -> tuple[Column, ...]:
    """The columns of a value, the same on both pages."""
    _ = shown.words.gettext
    return (
        Column(_("Value"), "right"),
        Column(_("Year"), "right"),
        Column(_("Source")),
        Column(_("Geographic basis")),
        Column(_("Points"), "right"),
        Column(_("Share of the score"), "right"),
    )


def _cells(shown: Shown, row: Row) -> tuple[str, ...]:
    if row.get("raw_value") is None:
        return (NOTHING,) * 6
    return (
        shown.value(row["indicator"], row["raw_value"], row["unit_measure"]),
        row["raw_time_period"],
        _source(shown, row),
        shown.labels("geo_basis", row["geo_basis"]),
        shown.points(row["normalised"]),
        shown.numbers.percent(row["weight"]),
    )


def _source(shown: Shown, row: Row) -> str:
    """The source of a value, and that of what it is divided by, if it is another one."""
    used = dict.fromkeys([row["source"], row["denominator_source"] or row["source"]])
    return " ÷ ".join(shown.source_names[source] for source in used)


def _sources(rows: list[Row], before: int = 0) -> dict[tuple[int, int], str]:
    """The sources that rows name, `before` columns further than on the page of a city."""
    named = (row["source"] if row.get("raw_value") is not None else "" for row in rows)
    return subjects_of("source", named, column=3 + before)
