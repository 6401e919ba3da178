"""The tables beside the charts of a city: what the charts show, for readers without a script."""

from city_indicators.delivery.documents.city_charts import lines_of, places
from city_indicators.delivery.documents.edition import Row
from city_indicators.delivery.documents.model import Column, Table, subjects_of
from city_indicators.delivery.documents.shown import Shown
from city_indicators.delivery.numbers import NOTHING
from city_indicators.delivery.web.city import ends
from city_indicators.delivery.web.city_charts import likely


def ranks(shown: Shown, city: str) -> Table:
    """The ranks of the years until that of the edition, the latest first."""
    _ = shown.words.gettext
    found = shown.computed.ranks
    own = found[found["ref_area"] == city].to_dict("records")
    columns = (
        Column(_("Year"), "right"),
        Column(_("Rank"), "right"),
        Column(_("Likely rank"), "right"),
        Column(_("Cities ranked"), "right"),
        Column(_("Comparable with the year before")),
    )
    lines = [
        (
            row["time_period"],
            str(row["rank"]),
            likely(row),
            str(row["n_ranked"]),
            _("yes") if row["comparable"] else _("no"),
        )
        for row in reversed(own)
    ]
    return Table(_("Ranks by year"), columns, tuple(lines), shown.note_of_analysis())


def peers(shown: Shown, city: str) -> Table:
    """The share of the other cities that do worse than a city and those similar to it, by indicator."""
    _ = shown.words.gettext
    found = places(shown, city)
    others = dict.fromkeys(row["ref_area"] for row, _share in found if row["ref_area"] != city)
    cities = [city, *others]
    names = [shown.name(shown.frozen.cities[each]) for each in cities]
    columns = (Column(_("Indicator")), *(Column(name, "right") for name in names))
    shares = {(row["indicator"], row["ref_area"]): share for row, share in found}
    indicators = list(dict.fromkeys(row["indicator"] for row, _share in found))
    lines = [
        (shown.parts[indicator].name, *(_percent(shown, shares.get((indicator, each))) for each in cities))
        for indicator in indicators
    ]
    caption = _("Share of the other cities with fewer points")
    subjects = subjects_of("indicator", indicators)
    return Table(caption, columns, tuple(lines), shown.note("edition_rating_indicator"), subjects=subjects)


def series(shown: Shown, city: str) -> Table:
    """The first and the last year of the series that the values come from."""
    _ = shown.words.gettext
    found = ends(lines_of(shown, city))
    columns = (
        Column(_("Indicator")),
        Column(_("Geographic basis")),
        Column(_("First year"), "right"),
        Column(_("Value"), "right"),
        Column(_("Last year"), "right"),
        Column(_("Value"), "right"),
        Column(_("Years"), "right"),
    )
    lines = [
        (
            shown.parts[each["first"]["indicator"]].name,
            shown.labels("geo_basis", each["first"]["geo_basis"]),
            *_year(shown, each["first"]),
            *_year(shown, each["last"]),
            str(each["years"]),
        )
        for each in found
    ]
    subjects = subjects_of("indicator", (each["first"]["indicator"] for each in found))
    note = shown.note_of_analysis()
    return Table(_("Values over time"), columns, tuple(lines), note, subjects=subjects)


def _year(shown: Shown, row: Row) -> tuple[str, str]:
    return row["time_period"], shown.value(row["indicator"], row["obs_value"], row["unit_measure"])


def _percent(shown: Shown, share: float | None) -> str:
    return NOTHING if share is None else shown.numbers.percent(share, 0)
