"""Writes what the pages of a site consist of: chapters, tables and interactive charts."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final, Self

from markupsafe import Markup

from city_indicators.core.errors import DocumentError
from city_indicators.core.paths import INCLUDE
from city_indicators.delivery.charts.style import WIDTHS
from city_indicators.delivery.documents.best_practices import Case
from city_indicators.delivery.documents.build import chapters
from city_indicators.delivery.documents.declaration import DOCUMENTS, SHARED
from city_indicators.delivery.documents.html_blocks import HtmlBlocks
from city_indicators.delivery.documents.model import Block, Chart
from city_indicators.delivery.documents.shown import Shown
from city_indicators.delivery.site.interactive import specifications
from city_indicators.delivery.web.render import environment

TEMPLATES: Final = Path(__file__).with_name("templates")
TEXTS: Final = INCLUDE / "site"
NARROW: Final = WIDTHS[:2]
"""The widths of charts of which there are many: in all widths they would take most of the time of a site."""
FOLDERS: Final = (TEXTS, DOCUMENTS / SHARED, DOCUMENTS / "megatrends", DOCUMENTS / "case")
"""Where the chapters of the site are: its own, those that all documents share, those on a subject."""


@dataclass(frozen=True)
class Writer:
    """Writes parts of pages in one language; `drawn` has the charts written so far by their names."""

    shown: Shown
    drawn: dict[str, Chart] = field(default_factory=dict)
    _specifications: dict[str, Markup] = field(default_factory=dict)

    def of_case(self, case: Case) -> Self:
        """A writer of the page of a best practice."""
        return replace(self, shown=replace(self.shown, of_case=case))

    def chapters(self, *names: str, **more: object) -> list[Block]:
        """The blocks of chapters; their texts may use `more` names.

        Raises:
            DocumentError: a text is missing or wrong; names the file.
        """
        files = {name: self._file(name) for name in names}
        return chapters(self.shown, files, FOLDERS, INCLUDE, **more)

    def _file(self, chapter: str) -> Path:
        language = self.shown.language
        files = [folder / f"{chapter}.{language}.md" for folder in FOLDERS]
        present = [file for file in files if file.exists()]
        if not present:
            fault = f"the chapter {chapter!r} has no translation into {language!r}"
            raise DocumentError(files[0].name, fault, f"write {files[0].relative_to(INCLUDE)}")
        return present[0]

    def html(self, blocks: Iterable[Block], home: str, widths: Sequence[int] = WIDTHS) -> Markup:
        """Blocks on a page from which `home` leads to the folder of the language; charts in these widths."""

        def address(subject: str) -> str:
            kind, _, name = subject.partition("/")
            return f"{home}sources.html#{name}" if kind == "source" else f"{home}{subject}.html"

        def draw(chart: Chart, _label: str) -> str:
            self.drawn[chart.name] = chart
            self._specifications[chart.name] = specifications(chart, widths)
            return self.interactive(chart, f"{home}chart/{chart.name}.html")

        writer = HtmlBlocks(draw, address)
        return Markup("\n".join(map(writer.block, blocks)))  # noqa: S704

    def interactive(self, chart: Chart, address: str) -> Markup:
        """A chart drawn before, with its note; `address` leads to its own page, empty on that page itself."""
        content = {"chart": chart, "specifications": self._specifications[chart.name], "address": address}
        return Markup(self.filled("interactive.html", content))  # noqa: S704

    def filled(self, template: str, content: dict[str, Any]) -> str:
        """A template with its content."""
        return environment(self.shown.language, TEMPLATES).get_template(template).render(content)
