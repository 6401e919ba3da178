"""The pages of single cities, indicators, pairs of cities and charts."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Final

from city_indicators.delivery.documents import charts
from city_indicators.delivery.documents.declaration import documents, load_document
from city_indicators.delivery.documents.method_tables import goalposts
from city_indicators.delivery.documents.model import Block, Chart, Table
from city_indicators.delivery.documents.shown import Shown
from city_indicators.delivery.site import city_tables, tables
from city_indicators.delivery.site.page import Page
from city_indicators.delivery.site.writer import NARROW, Writer
from city_indicators.delivery.web.ratings import reason

OF_CITY: Final[dict[str, Callable[[Shown, str], Table]]] = {
    "peers": city_tables.peers,
    "ranks": city_tables.ranks,
    "series": city_tables.series,
}
"""The charts of a city, each with the table of what it shows."""
PAIR: Final = ("pair", "values")
"""The chapters of a comparison of two cities."""


def cities(writer: Writer) -> Iterator[Page]:
    """A page for each city."""
    shown = writer.shown
    for area, city in shown.frozen.cities.items():
        found: list[Block] = [
            table for table in (tables.pillars(shown, area), tables.of_city(shown, area)) if table.rows
        ]
        for name, table in OF_CITY.items():
            if charts.has_values(shown, name, city=area):
                chart = charts.chart(shown, name, city=area)
                found += [replace(chart, name=f"{name}-{area}"), table(shown, area)]
        content = {
            "city": city,
            "country": shown.name_of_country(city),
            "score": shown.points(city["score"]),
            "likely": shown.likely(city),
            "reason": reason(city["reason_code"], shown.frozen.method, shown.language)
            if city["rank"] is None
            else "",
            "blocks": writer.html(found, "../", NARROW),
        }
        listed = shown.words.gettext("Cities of the rating")
        yield Page(f"city/{area}.html", shown.name(city), "city.html", content, listed)


def indicators(writer: Writer) -> Iterator[Page]:
    """A page for each indicator of the method."""
    shown = writer.shown
    for part in shown.parts.values():
        if part.kind == "pillar":
            continue
        blocks: list[Block] = [tables.of_indicator(shown, part.id)]
        if shown.values_of(part.id):
            chart = charts.chart(shown, "indicator", indicator=part.id)
            blocks.insert(0, replace(chart, name=part.id))
        worst, best, unit = goalposts(shown, part.declared)
        content = {
            "part": part,
            "pillar": shown.rated.names[part.pillar],
            "worst": worst,
            "best": best,
            "unit": unit,
            "blocks": writer.html(blocks, "../"),
        }
        listed = shown.words.gettext("Indicators of the rating")
        yield Page(f"indicator/{part.id}.html", part.name, "indicator.html", content, listed)


def comparisons(writer: Writer) -> Iterator[Page]:
    """A page for each pair of cities that a document compares and the edition ranks.

    The first one is in the menu.
    """
    shown = writer.shown
    any_before = False
    ranked = {city["ref_area"] for city in shown.frozen.ranked}
    for name in documents():
        declared = load_document(name)
        if not declared.pair or not ranked.issuperset(declared.pair):
            continue
        blocks = [
            replace(block, name=f"{block.name}-{name}") if isinstance(block, Chart) else block
            for block in writer.chapters(*PAIR, pair=declared.pair)
        ]
        title = declared.title.in_language(shown.language)
        _ = shown.words.gettext
        content = {"blocks": writer.html(blocks, "../")}
        menu = "" if any_before else _("Comparison")
        yield Page(f"comparison/{name}.html", title, "blocks.html", content, _("Comparisons of cities"), menu)
        any_before = True


def drawn(writer: Writer) -> Iterator[Page]:
    """The pages of the charts drawn so far, which other sites embed."""
    for chart in writer.drawn.values():
        content = {"chart": writer.interactive(chart, "")}
        yield Page(f"chart/{chart.name}.html", chart.alternative, "chart.html", content)
