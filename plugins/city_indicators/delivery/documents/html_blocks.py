"""Writes blocks as HTML, for documents and for the site."""

from collections.abc import Callable
from dataclasses import dataclass
from html import escape

from city_indicators.delivery.documents.model import (
    Block,
    Chart,
    Formula,
    Heading,
    Items,
    Paragraph,
    Run,
    Table,
)


def _no_address(_subject: str) -> str:
    return ""


@dataclass(frozen=True)
class HtmlBlocks:
    """Writes blocks as HTML.

    `draw` writes a chart with its label. `address` leads to a subject of a table, and is empty without one.
    """

    draw: Callable[[Chart, str], str]
    address: Callable[[str], str] = _no_address

    def block(self, block: Block, label: str = "") -> str:
        """A block; `label` stands before the caption of a chart or table."""
        match block:
            case Heading():
                # The title of the page is its only heading of the first level.
                level = block.level + 1
                return f'<h{level} id="{block.id}">{runs(block.runs)}</h{level}>'
            case Paragraph():
                return f"<p>{runs(block.runs)}</p>"
            case Items():
                tag = "ol" if block.ordered else "ul"
                items = "".join(f"<li>{''.join(map(self.block, item))}</li>" for item in block.items)
                return f"<{tag}>{items}</{tag}>"
            case Formula():
                return f'<p class="formula">{escape(block.text)}</p>'
            case Table():
                return self._table(block, label)
            case Chart():
                return self.draw(block, label)

    def _table(self, table: Table, label: str) -> str:
        kinds = [f' class="{column.align}"' if column.align == "right" else "" for column in table.columns]
        head = "".join(
            f'<th scope="col"{kind}>{escape(column.heading)}</th>'
            for kind, column in zip(kinds, table.columns, strict=True)
        )
        lines = []
        for place, row in enumerate(table.rows):
            cells = "".join(
                f"<td{kind}>{self._cell(cell, table.subjects.get((place, column), ''))}</td>"
                for column, (kind, cell) in enumerate(zip(kinds, row, strict=True))
            )
            style = ' class="strong"' if place in table.strong else ""
            lines.append(f"<tr{style}>{cells}</tr>")
        caption = f"<caption>{escape(f'{label} {table.caption}'.strip())}</caption>"
        body = f"<table>{caption}<thead><tr>{head}</tr></thead><tbody>{''.join(lines)}</tbody></table>"
        return f'<div class="wide">{body}</div><p class="note">{runs(table.note.runs)}</p>'

    def _cell(self, cell: str, subject: str) -> str:
        address = self.address(subject) if subject else ""
        if not address:
            return escape(cell)
        name = cell.lstrip()
        return f'{cell.removesuffix(name)}<a href="{escape(address)}">{escape(name)}</a>'


def runs(styled: tuple[Run, ...]) -> str:
    """Text in its styles."""
    return "".join(map(_run, styled))


def _run(run: Run) -> str:
    text = escape(run.text)
    for tag, is_set in (("code", run.code), ("em", run.emphasis), ("strong", run.strong)):
        text = f"<{tag}>{text}</{tag}>" if is_set else text
    return f'<a href="{escape(run.link)}">{text}</a>' if run.link else text
