"""Numbers the charts and tables of a document, and finds what stays on a page with them."""

from collections import Counter
from collections.abc import Iterator
from typing import Final, NamedTuple

from city_indicators.delivery.documents.model import Block, Chart, Document, Paragraph, Table

CONTENTS: Final = 1
"""Headings up to this level are in the contents."""


class Numbered(NamedTuple):
    """A block with its label, such as "Table 3.", empty for a block without one.

    A paragraph that `leads` introduces the chart or table after it: both stay on one page.
    """

    block: Block
    label: str
    leads: bool


def numbered(document: Document) -> Iterator[Numbered]:
    """The blocks of a document."""
    counted: Counter[str] = Counter()
    following = [*document.blocks[1:], None]
    for block, after in zip(document.blocks, following, strict=True):
        kind = {Chart: "chart", Table: "table"}.get(type(block), "")
        counted[kind] += 1
        label = f"{document.words[kind]} {counted[kind]}." if kind else ""
        yield Numbered(block, label, isinstance(block, Paragraph) and isinstance(after, Chart | Table))
