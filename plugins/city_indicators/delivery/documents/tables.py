"""The tables of documents, made from an edition."""

from collections.abc import Callable
from typing import Any, Final

from city_indicators.delivery.documents import method_tables, pairs, practice_tables, trend_tables
from city_indicators.delivery.documents.edition import Row
from city_indicators.delivery.documents.model import INDENT, Column, Table, subjects_of
from city_indicators.delivery.documents.shown import Shown
from city_indicators.delivery.exports.texts import meaning
from city_indicators.delivery.numbers import NOTHING
from city_indicators.delivery.web.ratings import reason


def table(shown: Shown, name: str, **options: Any) -> Table:
    """A table by its name, with the options of its maker below.

    Raises:
        LookupError: there is no such table, or the edition lacks what an option names.
        TypeError: the table has no such option.
    """
    if name not in TABLES:
        raise LookupError(f"there is no table {name!r}, only {', '.join(TABLES)}")
    return TABLES[name](shown, **options)


def top(shown: Shown, n: int | None = None) -> Table:
    """The first `n` ranked cities, or all, with scores, likely ranks, coverage and city-level share."""
    _ = shown.words.gettext
    show = shown.numbers
    columns = (
        Column(_("Rank"), "right", 0.6),
        Column(_("City"), share=1.6),
        Column(_("Country"), share=1.9),
        Column(_("Score"), "right", 0.8),
        Column(_("Likely rank"), "right", 1.3),
        Column(_("Coverage"), "right"),
        Column(_("City-level share by weight"), "right", 1.3),
    )
    rows = [
        (
            str(city["rank"]),
            shown.name(city),
            shown.name_of_country(city),
            shown.points(city["score"]),
            shown.likely(city),
            show.percent(city["coverage"], 0),
            show.percent(city["city_level_weight"], 0),
        )
        for city in shown.frozen.ranked[:n]
    ]
    caption = _("Ranking, %(year)s") % {"year": shown.frozen.period}
    subjects = subjects_of("city", (city["ref_area"] for city in shown.frozen.ranked[:n]), column=1)
    return Table(caption, columns, tuple(rows), shown.note("edition_rating"), subjects=subjects)


def unranked(shown: Shown) -> Table:
    """The cities without a rank, and why."""
    _ = shown.words.gettext
    found = [city for city in shown.frozen.cities.values() if city["rank"] is None]
    columns = (
        Column(_("City"), share=1.2),
        Column(_("Country"), share=1.5),
        Column(_("Coverage"), "right", 0.8),
        Column(_("Why not ranked"), share=3),
    )
    rows = [
        (
            shown.name(city),
            shown.name_of_country(city),
            shown.numbers.percent(city["coverage"], 0),
            reason(city["reason_code"], shown.frozen.method, shown.language),
        )
        for city in found
    ]
    subjects = subjects_of("city", (city["ref_area"] for city in found))
    note = shown.note("edition_rating")
    return Table(_("Cities without a rank"), columns, tuple(rows), note, subjects=subjects)


def pillar(shown: Shown, pillar: str, n: int = 10) -> Table:
    """The first `n` cities by their score in a pillar."""
    _ = shown.words.gettext
    part = shown.part(pillar)
    cities = {city["ref_area"]: city for city in shown.frozen.ranked}
    found = [
        row
        for (area, name), row in shown.frozen.pillars.items()
        if name == pillar and area in cities and row["score"] is not None
    ]
    found.sort(key=lambda row: (-row["score"], cities[row["ref_area"]]["rank"]))
    columns = (
        Column(_("Rank in the pillar"), "right"),
        Column(_("City"), share=2),
        Column(_("Score in the pillar"), "right", 1.2),
        Column(_("Points of the total score"), "right", 1.4),
        Column(_("Coverage"), "right"),
        Column(_("Rank in the rating"), "right"),
    )
    rows = [
        (
            NOTHING if row["rank"] is None else str(row["rank"]),
            shown.name(cities[row["ref_area"]]),
            shown.points(row["score"]),
            shown.points(row["contribution"]),
            shown.numbers.percent(row["coverage"], 0),
            str(cities[row["ref_area"]]["rank"]),
        )
        for row in found[:n]
    ]
    caption = _("%(pillar)s: the first cities by score") % {"pillar": part.name}
    return Table(caption, columns, tuple(rows), shown.note("edition_rating_pillar"))


def profile(shown: Shown, city: str) -> Table:
    """The pillars and indicators of a city: values, their years, points and contributions."""
    _ = shown.words.gettext
    row = shown.city(city)
    columns = (
        Column(_("Part"), share=3.4),
        Column(_("Value"), "right", 2.2),
        Column(_("Year"), "right", 0.7),
        Column(_("Points"), "right", 0.8),
        Column(_("Contribution"), "right", 1.1),
    )
    lines: list[tuple[str, ...]] = []
    strong: set[int] = set()
    for part in shown.parts.values():
        if part.kind == "pillar":
            found = shown.frozen.pillars.get((city, part.id))
            strong.add(len(lines))
            lines.append((part.name, "", "", *_points(shown, found, "score")))
        else:
            found = shown.frozen.indicators.get((city, part.id))
            lines.append((INDENT + part.name, *_value(shown, found), *_points(shown, found, "normalised")))
    caption = _("%(city)s: values and points, %(year)s") % {
        "city": shown.name(row),
        "year": shown.frozen.period,
    }
    return Table(caption, columns, tuple(lines), shown.note_of_city(city), frozenset(strong))


def _value(shown: Shown, row: Row | None) -> tuple[str, str]:
    if row is None or row["raw_value"] is None:
        return NOTHING, NOTHING
    return shown.value(row["indicator"], row["raw_value"], row["unit_measure"]), row["raw_time_period"]


def _points(shown: Shown, row: Row | None, column: str) -> tuple[str, str]:
    found = row or {column: None, "contribution": None}
    return shown.points(found[column]), shown.points(found["contribution"])


def changes(shown: Shown) -> Table:
    """Ranks and scores beside those of the edition published before.

    Raises:
        LookupError: there was none before.
    """
    _ = shown.words.gettext
    before = shown.before
    columns = (
        Column(_("City"), share=2),
        Column(_("Rank, %(edition)s") % {"edition": before.row["edition"]}, "right"),
        Column(_("Rank, %(edition)s") % {"edition": shown.frozen.row["edition"]}, "right"),
        Column(_("Score, %(edition)s") % {"edition": before.row["edition"]}, "right"),
        Column(_("Score, %(edition)s") % {"edition": shown.frozen.row["edition"]}, "right"),
        Column(_("Change"), "right"),
    )
    rows, areas = [], []
    for area, city in shown.frozen.cities.items():
        earlier = before.cities.get(area, {"rank": None, "score": None})
        if city["rank"] is None and earlier["rank"] is None:
            continue
        areas.append(area)
        known = None not in (city["score"], earlier["score"])
        rows.append(
            (
                shown.name(city),
                *(NOTHING if row["rank"] is None else str(row["rank"]) for row in (earlier, city)),
                *(shown.points(row["score"]) for row in (earlier, city)),
                shown.numbers.change(city["score"] - earlier["score"]) if known else NOTHING,
            )
        )
    caption = _("Ranks and scores in this edition and in edition %(edition)s") % {
        "edition": before.row["edition"]
    }
    subjects = subjects_of("city", areas)
    return Table(caption, columns, tuple(rows), shown.note("edition_rating"), subjects=subjects)


def sources(shown: Shown) -> Table:
    """The sources of the values with their licences, by the numbers of `cite`."""
    _ = shown.words.gettext
    columns = (
        Column(_("No."), "right", 0.4),
        Column(_("Source"), share=4.4),
        Column(_("Licence"), share=1.5),
        Column(_("Values"), "right", 0.8),
    )
    rows = [
        (str(row["number"]), row["attribution"], row["licence"], shown.numbers.number(row["values"]))
        for row in shown.sources
    ]
    return Table(_("Sources and licences"), columns, tuple(rows), shown.note("edition_rating_indicator"))


def compared(shown: Shown, cities: list[str]) -> Table:
    """The scores of pillars and values of indicators of several cities, and which can be compared."""
    _ = shown.words.gettext
    named = [shown.city(city) for city in cities]
    columns = (
        Column(_("Part"), share=2.6),
        *(Column(shown.name(city), "right", 1.8) for city in named),
        Column(_("Why not comparable"), share=1.8),
    )
    lines: list[tuple[str, ...]] = []
    strong: set[int] = set()
    for part in shown.parts.values():
        if part.kind == "pillar":
            strong.add(len(lines))
            rows = [shown.frozen.pillars.get((city, part.id)) for city in cities]
            cells = [shown.points(row["score"] if row else None) for row in rows]
            why = ""
        else:
            pairs_of = [_value(shown, shown.frozen.indicators.get((city, part.id))) for city in cities]
            cells = [value if value == NOTHING else f"{value} ({year})" for value, year in pairs_of]
            why = _why_not(shown, part.id, cities)
        lines.append((part.name, *cells, why))
    caption = _("Scores of the pillars, and values of the indicators with their years")
    return Table(caption, columns, tuple(lines), shown.note("edition_rating_indicator"), frozenset(strong))


def _why_not(shown: Shown, indicator: str, cities: list[str]) -> str:
    reasons = pairs.incomparable(shown, indicator, cities)
    labels = (meaning("incomparable_because", reason, shown.language) or reason for reason in reasons)
    return "; ".join(labels)


TABLES: Final[dict[str, Callable[..., Table]]] = {
    "top": top,
    "unranked": unranked,
    "pillar": pillar,
    "profile": profile,
    "changes": changes,
    "sources": sources,
    "compared": compared,
    **method_tables.TABLES,
    **trend_tables.TABLES,
    **practice_tables.TABLES,
}
"""Each table by name."""
