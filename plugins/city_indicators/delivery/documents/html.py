"""Writes a document as one HTML file that needs nothing else."""

import re
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import Final

from city_indicators.delivery.documents.model import (
    Block,
    Chart,
    Document,
    Formula,
    Heading,
    Items,
    Paragraph,
    Run,
    Table,
)
from city_indicators.delivery.documents.numbering import CONTENTS, numbered
from city_indicators.delivery.documents.pictures import name_of, picture

STYLE: Final = Path(__file__).with_name("document.css")


def html(document: Document) -> bytes:
    """The document as HTML in UTF-8."""
    return "\n".join(_lines(document)).encode()


def _lines(document: Document) -> Iterator[str]:
    yield "<!DOCTYPE html>"
    yield f'<html lang="{document.language}">'
    yield '<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
    yield f"<title>{escape(document.title)}</title>"
    yield f"<style>\n{STYLE.read_text(encoding='utf-8')}</style></head>"
    yield "<body>"
    if document.watermark:
        text = escape(document.watermark)
        yield f'<p class="draft">{text}</p><p class="watermark" aria-hidden="true">{text}</p>'
    yield f"<header><h1>{escape(document.title)}</h1><p>{escape(document.subtitle)}</p></header>"
    yield f"<nav><h2>{escape(document.words['contents'])}</h2><ul>"
    for block in document.blocks:
        if isinstance(block, Heading) and block.level <= CONTENTS:
            yield f'<li><a href="#{block.id}">{escape(block.text)}</a></li>'
    yield "</ul></nav>"
    yield "<main>"
    for each in numbered(document):
        yield _block(each.block, each.label)
    yield "</main>"
    yield f"<footer>{escape(document.label)}</footer>"
    yield "</body></html>"


def _block(block: Block, label: str = "") -> str:
    match block:
        case Heading():
            # The title of the document is the only heading of the first level.
            level = block.level + 1
            return f'<h{level} id="{block.id}">{_runs(block.runs)}</h{level}>'
        case Paragraph():
            return f"<p>{_runs(block.runs)}</p>"
        case Items():
            tag = "ol" if block.ordered else "ul"
            items = "".join(f"<li>{''.join(map(_block, item))}</li>" for item in block.items)
            return f"<{tag}>{items}</{tag}>"
        case Formula():
            return f'<p class="formula">{escape(block.text)}</p>'
        case Table():
            return _table(block, label)
        case Chart():
            return _chart(block, label)


def _runs(runs: tuple[Run, ...]) -> str:
    return "".join(map(_run, runs))


def _run(run: Run) -> str:
    text = escape(run.text)
    for tag, is_set in (("code", run.code), ("em", run.emphasis), ("strong", run.strong)):
        text = f"<{tag}>{text}</{tag}>" if is_set else text
    return f'<a href="{escape(run.link)}">{text}</a>' if run.link else text


def _table(table: Table, label: str) -> str:
    kinds = [f' class="{column.align}"' if column.align == "right" else "" for column in table.columns]
    head = "".join(
        f'<th scope="col"{kind}>{escape(column.heading)}</th>'
        for kind, column in zip(kinds, table.columns, strict=True)
    )
    lines = []
    for place, row in enumerate(table.rows):
        cells = "".join(f"<td{kind}>{escape(cell)}</td>" for kind, cell in zip(kinds, row, strict=True))
        style = ' class="strong"' if place in table.strong else ""
        lines.append(f"<tr{style}>{cells}</tr>")
    caption = f"<caption>{escape(label)} {escape(table.caption)}</caption>"
    body = f"<table>{caption}<thead><tr>{head}</tr></thead><tbody>{''.join(lines)}</tbody></table>"
    return f'<div class="wide">{body}</div><p class="note">{escape(table.note)}</p>'


def _chart(chart: Chart, label: str) -> str:
    svg = _own_names(picture(chart, "svg").decode(), name_of(chart))
    # The picture has one alternative text; its marks have none of their own.
    svg = re.sub(r' (?:role|aria-[a-z]+)="[^"]*"', "", svg)
    title = escape(chart.alternative)
    svg = svg.replace("<svg ", f'<svg role="img" aria-label="{title}" ', 1)
    svg = re.sub(r"(<svg [^>]*>)", lambda found: f"{found[1]}<title>{title}</title>", svg, count=1)
    caption = f"{escape(label)} {escape(chart.caption)}<br><small>{escape(chart.note)}</small>"
    return f"<figure>{svg}<figcaption>{caption}</figcaption></figure>"


def _own_names(svg: str, name: str) -> str:
    """A picture whose names are its own: those of several pictures in one page would clash."""
    svg = re.sub(r'\bid="([^"]+)"', rf'id="{name}-\1"', svg)
    return re.sub(r"(url\(|href=\")#", rf"\1#{name}-", svg)
