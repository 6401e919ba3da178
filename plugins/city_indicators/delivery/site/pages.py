"""The pages of a site in one language."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from markupsafe import Markup

from city_indicators.core.languages import languages
from city_indicators.delivery.documents import phrases
from city_indicators.delivery.documents.markup import blocks_of
from city_indicators.delivery.site import main_pages, single_pages
from city_indicators.delivery.site.main_pages import Files
from city_indicators.delivery.site.page import Page
from city_indicators.delivery.site.practice_pages import practices
from city_indicators.delivery.site.writer import Writer


@dataclass(frozen=True)
class Site:
    """A site in one language; `address` is where it will be, empty if nobody named it."""

    writer: Writer
    linked: Files
    address: str

    def files(self) -> Iterator[tuple[str, bytes]]:
        """The pages by their paths in the folder of the site.

        Raises:
            DocumentError: a text is missing or wrong; names the file.
        """
        for page in self.pages:
            yield f"{self.writer.shown.language}/{page.path}", self._rendered(page)

    @cached_property
    def pages(self) -> list[Page]:
        """All pages, those of the menu first."""
        writer = self.writer
        found = [
            main_pages.first(writer, self._title, self.linked, self.address or "../"),
            *main_pages.trends(writer),
            *single_pages.comparisons(writer),
            *practices(writer),
            main_pages.coverage(writer),
            main_pages.method(writer),
            *main_pages.last(writer, self.linked),
            *single_pages.cities(writer),
            *single_pages.indicators(writer),
        ]
        lists: dict[str, list[Page]] = {}
        for page in found:
            lists.setdefault(page.lists, []).append(page)
        title = writer.shown.words.gettext("All pages")
        every = Page("pages.html", title, "pages.html", {"lists": lists}, menu=title)
        return [*found, every, *single_pages.drawn(writer)]

    def _rendered(self, page: Page) -> bytes:
        shown = self.writer.shown
        root = f"{page.home}../"
        others = {code: f"{root}{code}/{page.path}" for code in languages()}
        common = {
            "language": shown.language,
            "languages": {code: (name, others[code]) for code, name in languages().items()},
            "edition": shown.frozen.row,
            "title": self._title,
            "page": page,
            "menu": [each for each in self.pages if each.menu],
            "home": page.home,
            "root": root,
            "address": f"{self.address}{shown.language}/{page.path}" if self.address else "",
            "notice": "" if page.path == "method.html" else self._notice,
        }
        return self.writer.filled(page.template, common | page.content).encode()

    @property
    def _title(self) -> str:
        """The rating and the year in the language; an edition has its title in one language only."""
        frozen = self.writer.shown.frozen
        return f"{frozen.method.name.in_language(self.writer.shown.language)}, {frozen.period}"

    @cached_property
    def _notice(self) -> Markup:
        """What a reader must know of a method that nobody accepted."""
        shown = self.writer.shown
        if all(city["method_status"] != "draft" for city in shown.frozen.ranked):
            return Markup()
        return self.writer.html(blocks_of(phrases.status(shown), "status", []), "")
