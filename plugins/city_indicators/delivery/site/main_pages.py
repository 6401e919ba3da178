"""The pages of the menu of a site."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from city_indicators.delivery.documents import charts, trend_charts
from city_indicators.delivery.documents.coverage_charts import covered
from city_indicators.delivery.documents.edition import Row
from city_indicators.delivery.documents.model import Block
from city_indicators.delivery.site import coverage_tables
from city_indicators.delivery.site.page import Page
from city_indicators.delivery.site.structured import dataset
from city_indicators.delivery.site.writer import Writer
from city_indicators.delivery.web.editions import documents

METHOD: Final = ("methodology", "robustness", "changes")
"""The chapters of documents that the page of the method shows."""
MEGATRENDS: Final = ("overview", "directions", "trend_method", "trend_sources")
"""The chapters of the document on megatrends that the page of trends shows."""


@dataclass(frozen=True)
class Files:
    """What pages link to: the bytes of each file by its path, and the documents that the archive keeps."""

    sizes: dict[str, int]
    kept: list[Row]


def first(writer: Writer, title: str, files: Files, address: str) -> Page:
    """The page that the site opens with; `address` leads to the folder of the site."""
    blocks = writer.html(writer.chapters("start", "ranking"), "")
    content = {"blocks": blocks, "dataset": dataset(writer.shown, files.sizes, address)}
    _ = writer.shown.words.gettext
    return Page("index.html", title, "start.html", content, _("Main pages"), _("Rating"))


def trends(writer: Writer) -> Iterator[Page]:
    """The page of megatrends, unless the edition knew none."""
    shown = writer.shown
    try:
        assessed = trend_charts.assessed(shown)
    except LookupError:
        return
    overview, *rest = MEGATRENDS
    drawn = [
        replace(
            charts.chart(shown, "megatrends", level=level, window=window),
            name=f"megatrends-{level}-{window}",
        )
        for level, window in assessed
    ]
    blocks = [*writer.chapters(overview), *drawn, *writer.chapters(*rest)]
    _ = shown.words.gettext
    yield _of_blocks(writer, "trends.html", _("Megatrends"), blocks)


def coverage(writer: Writer) -> Page:
    """The page of what the values rest on."""
    shown = writer.shown
    found = covered(shown)
    blocks = [
        *writer.chapters("coverage"),
        charts.chart(shown, "coverage"),
        charts.chart(shown, "ages"),
        coverage_tables.of_indicators(shown, found),
        coverage_tables.of_cities(shown, found),
    ]
    return _of_blocks(writer, "coverage.html", shown.words.gettext("Coverage"), blocks)


def method(writer: Writer) -> Page:
    """The page of how the rating is computed."""
    return _of_blocks(writer, "method.html", writer.shown.words.gettext("Method"), writer.chapters(*METHOD))


def last(writer: Writer, files: Files) -> Iterator[Page]:
    """Sources and downloads."""
    _ = writer.shown.words.gettext
    content = {"sources": writer.shown.sources}
    yield Page("sources.html", _("Sources"), "sources.html", content, _("Main pages"), _("Sources"))
    downloads = {"sizes": files.sizes, "documents": documents(files.kept, writer.shown.language)}
    yield Page("downloads.html", _("Downloads"), "downloads.html", downloads, _("Main pages"), _("Downloads"))


def _of_blocks(writer: Writer, path: str, title: str, blocks: list[Block]) -> Page:
    content = {"blocks": writer.html(blocks, "")}
    return Page(path, title, "blocks.html", content, writer.shown.words.gettext("Main pages"), title)
