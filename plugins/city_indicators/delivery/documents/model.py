"""What a document consists of, whatever its format: blocks, and in them runs of text."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any, Literal


@dataclass(frozen=True)
class Run:
    """Text in one style. `link` is an address, or `#` and the id of a heading; empty if there is none."""

    text: str
    strong: bool = False
    emphasis: bool = False
    code: bool = False
    link: str = ""


@dataclass(frozen=True)
class Heading:
    """A heading of `level` 1 (a chapter) to 4; `id` is unique in the document."""

    level: int
    runs: tuple[Run, ...]
    id: str

    @property
    def text(self) -> str:
        """Its text without styles."""
        return "".join(run.text for run in self.runs)


@dataclass(frozen=True)
class Paragraph:
    """A paragraph."""

    runs: tuple[Run, ...]


@dataclass(frozen=True)
class Items:
    """A list, numbered if `ordered`; each item is a sequence of blocks."""

    ordered: bool
    items: tuple[tuple["Block", ...], ...]


@dataclass(frozen=True)
class Formula:
    """A formula on a line of its own."""

    text: str


@dataclass(frozen=True)
class Note:
    """Where the values of a chart or table come from.

    `address` is the page that shows it: a path if the server is not declared, empty if there is none.
    """

    text: str
    address: str = ""

    @property
    def runs(self) -> tuple[Run, ...]:
        """The text and the address, which is a link if it names a server."""
        if not self.address:
            return (Run(self.text),)
        link = "" if self.address.startswith("/") else self.address
        return Run(f"{self.text} · "), Run(self.address, link=link)


@dataclass(frozen=True)
class Column:
    """A column of a table; `share` is its width relative to other columns."""

    heading: str
    align: Literal["left", "right"] = "left"
    share: float = 1


@dataclass(frozen=True)
class Table:
    """A table of texts. `caption` names it; `note` names its lineage. `strong` are rows in bold, by place.

    `subjects` are what cells name (cities, indicators, sources), such as `city/moscow`, by row and column.
    """

    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    note: Note
    strong: frozenset[int] = frozenset()
    subjects: Mapping[tuple[int, int], str] = field(default_factory=dict)


def subjects_of(kind: str, ids: Iterable[str], column: int = 0) -> dict[tuple[int, int], str]:
    """The subjects of a table that names one of a kind in each row; an empty id stands for none."""
    return {(row, column): f"{kind}/{each}" for row, each in enumerate(ids) if each}


@dataclass(frozen=True)
class Chart:
    """A chart with its caption, alternative text and lineage.

    `draw` makes the Vega-Lite specification for a width in pixels, with titles and sources in the picture: a
    page shows it without a caption of its own. Documents draw it `width` pixels wide.
    """

    name: str
    caption: str
    alternative: str
    note: Note
    draw: Callable[[int], dict[str, Any]]
    width: int

    @cached_property
    def specification(self) -> dict[str, Any]:
        """The picture in a document, whose caption replaces the titles in it."""
        drawn = self.draw(self.width)
        drawn.pop("title", None)
        drawn["vconcat"][0].pop("title", None)
        return drawn


INDENT = "\u2003"
"""The beginning of a cell that stands below that of another row."""

INDENT = "\u2003"
"""The beginning of a cell that stands below that of another row."""

Block = Heading | Paragraph | Items | Formula | Table | Chart


@dataclass(frozen=True)
class Document:
    """A document of an edition in one language.

    `made_at` is when the edition was published: the date of the files, so that they never differ. `words`
    are the texts that renderers add: contents, chart, table. `label` is shown on each page. `watermark` is
    printed across each page of a draft; it is empty for an edition. With
    `has_pages_of_chapters`, each chapter begins on a page of its own.
    """

    name: str
    language: str
    title: str
    subtitle: str
    label: str
    made_at: datetime
    words: dict[str, str]
    blocks: tuple[Block, ...]
    watermark: str = ""
    has_pages_of_chapters: bool = True
