"""The tables of megatrends, and the lists of megatrends that texts name."""

from collections.abc import Callable
from typing import Final

from city_indicators.core.languages import name_in
from city_indicators.delivery.documents.edition import Row
from city_indicators.delivery.documents.model import Column, Note, Table
from city_indicators.delivery.documents.shown import Shown
from city_indicators.delivery.exports.texts import meaning


def names_of(shown: Shown, key: str, prefix: str, chosen: list[Row]) -> dict[str, str]:
    """The names of what some rows of report.megatrend have in a column, by id, in their order."""
    return {row[key]: name_in(shown.language, row, prefix) for row in chosen}


def with_verdict(shown: Shown, verdict: str, group: str, window: str) -> list[Row]:
    """The rows of a group and a window with a verdict, of cities or countries.

    Raises:
        LookupError: there is no such group, window or verdict.
    """
    found = shown.trends.megatrends
    for key, value in (("city_group", group), ("time_window", window)):
        if value not in {row[key] for row in found}:
            raise LookupError(f"there is no {key} {value!r} of megatrends")
    if meaning("verdict", verdict) is None:
        raise LookupError(f"there is no verdict {verdict!r}")
    wanted = (verdict, group, window)
    return [row for row in found if (row["verdict"], row["city_group"], row["time_window"]) == wanted]


def unassessed(shown: Shown) -> list[Row]:
    """The rows of the megatrends for which no place of any group was assessed in any window."""
    assessed = {row["megatrend"] for row in shown.trends.megatrends if row["places_assessed"]}
    return [row for row in shown.trends.megatrends if row["megatrend"] not in assessed]


def megatrends(shown: Shown, direction: str) -> Table:
    """What the trends of places show for each megatrend of a direction; rows without any place are left out.

    Raises:
        LookupError: there is no such direction, or nothing was assessed in it.
    """
    _ = shown.words.gettext
    found = [
        row
        for row in shown.trends.megatrends
        if row["megatrend_direction"] == direction and row["places_assessed"]
    ]
    if not found:
        raise LookupError(f"no place was assessed in the direction {direction!r}; loop over directions()")
    columns = (
        Column(_("Megatrend"), share=2.4),
        Column(_("Group"), share=1.3),
        Column(_("Cities or countries"), share=1.3),
        Column(_("Window"), share=1.2),
        Column(_("Assessed"), "right"),
        Column(_("For"), "right", 0.6),
        Column(_("Against"), "right", 0.8),
        Column(_("Verdict"), share=2.3),
    )
    lines = [
        (
            name_in(shown.language, row, "megatrend_name_"),
            name_in(shown.language, row, "group_name_"),
            meaning("level", row["level"], shown.language) or row["level"],
            name_in(shown.language, row, "window_name_"),
            _("%(n)s of %(all)s") % {"n": row["places_assessed"], "all": row["places_of_group"]},
            str(row["places_for"]),
            str(row["places_against"]),
            _verdict(shown, row),
        )
        for row in found
    ]
    caption = names_of(shown, "megatrend_direction", "direction_name_", found)[direction]
    return Table(caption, columns, tuple(lines), note_of(shown, "edition_megatrend"))


def _verdict(shown: Shown, row: Row) -> str:
    column, code = (
        ("verdict", row["verdict"]) if row["verdict"] else ("verdict_reason", row["verdict_reason"])
    )
    return meaning(column, code, shown.language) or str(code)


def trend_sources(shown: Shown) -> Table:
    """The sources of the trends behind the megatrends, with their licences."""
    _ = shown.words.gettext
    found = [row for row in shown.trends.sources if row["trends"]]
    columns = (
        Column(_("Source"), share=4.4),
        Column(_("Licence"), share=1.5),
        Column(_("Trends"), "right", 0.8),
    )
    lines = [(row["attribution"], row["licence"], f"{row['trends']:.0f}") for row in found]
    return Table(_("Sources and licences"), columns, tuple(lines), note_of(shown, "edition_source"))


def note_of(shown: Shown, table: str) -> Note:
    """Where the rows of a table of the research are: in the edition, or computed again for an older one."""
    return shown.note_of_table(table) if shown.trends.are_frozen else shown.note_of_analysis()


TABLES: Final[dict[str, Callable[..., Table]]] = {
    "megatrends": megatrends,
    "trend_sources": trend_sources,
}
