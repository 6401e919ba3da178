"""The tables of the page on coverage: what values rest on, by indicator and by city."""

from city_indicators.delivery.documents.model import Column, Table, subjects_of
from city_indicators.delivery.documents.shown import Shown
from city_indicators.delivery.numbers import NOTHING
from city_indicators.delivery.web.coverage import RESTS_ON, Coverage


def of_indicators(shown: Shown, found: Coverage) -> Table:
    """The number of cities by what their value rests on, and the median age of the values."""
    _ = shown.words.gettext
    columns = (
        Column(_("Indicator")),
        Column(_("Share of the score"), "right"),
        *_bases(shown),
        Column(_("Median age of values, years"), "right"),
    )
    lines = [
        (
            each["name"],
            shown.numbers.percent(each["weight"]),
            *(str(each["cities"][code]) for code in RESTS_ON),
            NOTHING if each["age"] is None else shown.numbers.number(each["age"]),
        )
        for each in found.counted
    ]
    subjects = subjects_of("indicator", (each["id"] for each in found.counted))
    note = shown.note("edition_rating_indicator")
    return Table(_("Cities by what their value rests on"), columns, tuple(lines), note, subjects=subjects)


def of_cities(shown: Shown, found: Coverage) -> Table:
    """The share of the weight by what the values of a city rest on."""
    _ = shown.words.gettext
    columns = (Column(_("City")), *_bases(shown))
    lines = [
        (each["name"], *(shown.numbers.percent(each["shares"][code], 0) for code in RESTS_ON))
        for each in found.cities
    ]
    caption = _("Share of the weight by what the values rest on")
    subjects = subjects_of("city", (each["ref_area"] for each in found.cities))
    return Table(caption, columns, tuple(lines), shown.note("edition_rating_indicator"), subjects=subjects)


def _bases(shown: Shown) -> tuple[Column, ...]:
    return tuple(Column(shown.words.gettext(name), "right") for _, name in RESTS_ON.values())
