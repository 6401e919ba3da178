"""Writes a document as one HTML file that needs nothing else."""

import re
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import Final

from city_indicators.delivery.documents.html_blocks import HtmlBlocks, runs
from city_indicators.delivery.documents.model import Chart, Document, Heading
from city_indicators.delivery.documents.numbering import CONTENTS, numbered
from city_indicators.delivery.documents.pictures import name_of, picture

STYLE: Final = Path(__file__).with_name("document.css")


def html(document: Document) -> bytes:
    """The document as HTML in UTF-8."""
    return "\n".join(_lines(document)).encode()


def _lines(document: Document) -> Iterator[str]:
    blocks = HtmlBlocks(_chart)
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
        yield blocks.block(each.block, each.label)
    yield "</main>"
    yield f"<footer>{escape(document.label)}</footer>"
    yield "</body></html>"


def _chart(chart: Chart, label: str) -> str:
    svg = _own_names(picture(chart, "svg").decode(), name_of(chart))
    # The picture has one alternative text; its marks have none of their own.
    svg = re.sub(r' (?:role|aria-[a-z]+)="[^"]*"', "", svg)
    title = escape(chart.alternative)
    svg = svg.replace("<svg ", f'<svg role="img" aria-label="{title}" ', 1)
    svg = re.sub(r"(<svg [^>]*>)", lambda found: f"{found[1]}<title>{title}</title>", svg, count=1)
    caption = f"{escape(label)} {escape(chart.caption)}<br><small>{runs(chart.note.runs)}</small>"
    return f"<figure>{svg}<figcaption>{caption}</figcaption></figure>"


def _own_names(svg: str, name: str) -> str:
    """A picture whose names are its own: those of several pictures in one page would clash."""
    svg = re.sub(r'\bid="([^"]+)"', rf'id="{name}-\1"', svg)
    return re.sub(r"(url\(|href=\")#", rf"\1#{name}-", svg)
