"""The pages of a site in one language."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from markupsafe import Markup

from city_indicators.core.errors import DocumentError
from city_indicators.core.languages import languages
from city_indicators.core.paths import INCLUDE
from city_indicators.delivery.documents import charts, phrases
from city_indicators.delivery.documents.build import chapters
from city_indicators.delivery.documents.declaration import DOCUMENTS, SHARED
from city_indicators.delivery.documents.edition import Row
from city_indicators.delivery.documents.html_blocks import HtmlBlocks
from city_indicators.delivery.documents.markup import blocks_of
from city_indicators.delivery.documents.method_tables import goalposts
from city_indicators.delivery.documents.model import Block, Chart
from city_indicators.delivery.documents.shown import Shown
from city_indicators.delivery.site import tables
from city_indicators.delivery.site.interactive import specifications
from city_indicators.delivery.site.structured import dataset
from city_indicators.delivery.web.editions import documents
from city_indicators.delivery.web.ratings import reason
from city_indicators.delivery.web.render import environment

TEMPLATES: Final = Path(__file__).with_name("templates")
TEXTS: Final = INCLUDE / "site"
METHOD: Final = ("methodology", "robustness", "coverage", "changes")
"""The chapters of documents that the page of the method shows."""


@dataclass(frozen=True)
class Page:
    """A page by its path in the folder of its language; `content` is what its template needs.

    `lists` is the heading under which the list of all pages has it, empty for a page that it leaves out.
    """

    path: str
    title: str
    template: str
    content: dict[str, Any] = field(default_factory=dict)
    lists: str = ""

    @property
    def home(self) -> str:
        """What leads from the page to the folder of its language."""
        return "../" * self.path.count("/")


@dataclass(frozen=True)
class Site:
    """A site in one language: an edition, the files of the site that are no pages, and where it will be.

    `sizes` has the bytes of each file by its path, `kept` the documents of the archive. `address` is empty if
    nobody named it.
    """

    shown: Shown
    sizes: dict[str, int]
    kept: list[Row]
    address: str
    _specifications: dict[str, Markup] = field(default_factory=dict)

    def files(self) -> Iterator[tuple[str, bytes]]:
        """The pages by their paths in the folder of the site.

        Raises:
            DocumentError: a text is missing or wrong; names the file.
        """
        for page in self.pages:
            yield f"{self.shown.language}/{page.path}", self._rendered(page)

    @cached_property
    def pages(self) -> list[Page]:
        """All pages, those of the menu first."""
        found = [*self._main(), *self._cities(), *self._indicators(), *self._charts()]
        lists: dict[str, list[Page]] = {}
        for page in found:
            if page.lists:
                lists.setdefault(page.lists, []).append(page)
        title = self.shown.words.gettext("All pages")
        return [*found, Page("pages.html", title, "pages.html", {"lists": lists})]

    def _rendered(self, page: Page) -> bytes:
        shown = self.shown
        root = f"{page.home}../"
        others = {code: f"{root}{code}/{page.path}" for code in languages()}
        common = {
            "language": shown.language,
            "languages": {code: (name, others[code]) for code, name in languages().items()},
            "edition": shown.frozen.row,
            "title": self._title,
            "page": page,
            "home": page.home,
            "root": root,
            "address": f"{self.address}{shown.language}/{page.path}" if self.address else "",
            "notice": "" if page.path == "method.html" else self._notice,
        }
        return self._filled(page.template, common | page.content).encode()

    @property
    def _title(self) -> str:
        """The rating and the year in the language; an edition has its title in one language only."""
        frozen = self.shown.frozen
        return f"{frozen.method.name.in_language(self.shown.language)}, {frozen.period}"

    @cached_property
    def _notice(self) -> Markup:
        """What a reader must know of a method that nobody accepted."""
        if all(city["method_status"] != "draft" for city in self.shown.frozen.ranked):
            return Markup()
        return self._html(blocks_of(phrases.status(self.shown), "status", []), "")

    def _main(self) -> Iterator[Page]:
        _ = self.shown.words.gettext
        menu = _("Main pages")
        data = {
            "blocks": self._html(self._start, ""),
            "dataset": dataset(self.shown, self.sizes, self.address or "../"),
        }
        yield Page("index.html", self._title, "start.html", data, menu)
        method = {"blocks": self._html(self._method, "")}
        yield Page("method.html", _("Method"), "blocks.html", method, menu)
        yield Page("sources.html", _("Sources"), "sources.html", {"sources": self.shown.sources}, menu)
        downloads = {"sizes": self.sizes, "documents": documents(self.kept, self.shown.language)}
        yield Page("downloads.html", _("Downloads"), "downloads.html", downloads, menu)

    def _cities(self) -> Iterator[Page]:
        shown = self.shown
        for area, city in shown.frozen.cities.items():
            found = [tables.pillars(shown, area), tables.of_city(shown, area)]
            content = {
                "city": city,
                "country": shown.name_of_country(city),
                "score": shown.points(city["score"]),
                "likely": shown.likely(city),
                "reason": reason(city["reason_code"], shown.frozen.method, shown.language)
                if city["rank"] is None
                else "",
                "blocks": self._html([table for table in found if table.rows], "../"),
            }
            path = f"city/{area}.html"
            yield Page(
                path, shown.name(city), "city.html", content, shown.words.gettext("Cities of the rating")
            )

    def _indicators(self) -> Iterator[Page]:
        shown = self.shown
        for part in shown.parts.values():
            if part.kind == "pillar":
                continue
            chart = self._of_indicators.get(part.id)
            blocks: list[Block] = [*([chart] if chart else []), tables.of_indicator(shown, part.id)]
            worst, best, unit = goalposts(shown, part.declared)
            content = {
                "part": part,
                "pillar": shown.rated.names[part.pillar],
                "worst": worst,
                "best": best,
                "unit": unit,
                "blocks": self._html(blocks, "../"),
            }
            path = f"indicator/{part.id}.html"
            yield Page(
                path, part.name, "indicator.html", content, shown.words.gettext("Indicators of the rating")
            )

    def _charts(self) -> Iterator[Page]:
        """The pages of single charts, which other sites embed."""
        drawn = [block for block in [*self._start, *self._method] if isinstance(block, Chart)]
        for chart in [*drawn, *self._of_indicators.values()]:
            page = {"chart": Markup(self._interactive(chart, ""))}  # noqa: S704
            yield Page(f"chart/{chart.name}.html", chart.alternative, "chart.html", page)

    @cached_property
    def _start(self) -> list[Block]:
        return self._chapters("start", "ranking")

    @cached_property
    def _method(self) -> list[Block]:
        return self._chapters(*METHOD)

    @cached_property
    def _of_indicators(self) -> dict[str, Chart]:
        """The charts of the indicators that have values, by id, which is their name."""
        shown = self.shown
        return {
            part.id: replace(charts.chart(shown, "indicator", indicator=part.id), name=part.id)
            for part in shown.parts.values()
            if part.kind == "indicator" and shown.values_of(part.id)
        }

    def _chapters(self, *names: str) -> list[Block]:
        """The blocks of chapters of the site, or of those that all documents share."""
        language = self.shown.language
        folders = [TEXTS, DOCUMENTS / SHARED]
        files = {}
        for name in names:
            found = [folder / f"{name}.{language}.md" for folder in folders]
            present = [file for file in found if file.exists()]
            if not present:
                fault = f"the chapter {name!r} has no translation into {language!r}"
                raise DocumentError(found[-1].name, fault, f"write {found[-1].relative_to(INCLUDE)}")
            files[name] = present[0]
        return chapters(self.shown, files, folders, INCLUDE)

    def _interactive(self, chart: Chart, address: str) -> str:
        """A chart with its note; `address` leads to its own page, empty on that page itself."""
        if chart.name not in self._specifications:
            self._specifications[chart.name] = specifications(chart)
        content = {"chart": chart, "specifications": self._specifications[chart.name], "address": address}
        return self._filled("interactive.html", content)

    def _filled(self, template: str, content: dict[str, Any]) -> str:
        return environment(self.shown.language, TEMPLATES).get_template(template).render(content)

    def _html(self, blocks: list[Block], home: str) -> Markup:
        """Blocks on a page from which `home` leads to the folder of the language."""

        def address(subject: str) -> str:
            kind, _, name = subject.partition("/")
            return f"{home}sources.html#{name}" if kind == "source" else f"{home}{subject}.html"

        def draw(chart: Chart, _label: str) -> str:
            return self._interactive(chart, f"{home}chart/{chart.name}.html")

        writer = HtmlBlocks(draw, address)
        return Markup("\n".join(map(writer.block, blocks)))  # noqa: S704
