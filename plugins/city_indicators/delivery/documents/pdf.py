"""Writes a document as a tagged PDF, set by typst."""

from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from city_indicators.core.errors import DocumentError
from city_indicators.delivery.documents.model import (
    INDENT,
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
from city_indicators.delivery.documents.numbering import numbered
from city_indicators.delivery.documents.pictures import name_of, picture, proportion

TEMPLATE: Final = Path(__file__).with_name("document.typ")
FONTS: Final = ("manimgx_fonts_cjk", "pylopdf_fonts_zh_cn")
"""The packages with the font of the text, a variable one, and that of the charts."""
TALLEST: Final = 1.2
"""The height of a chart, in widths of the text, that fits on a page with its caption."""
NARROW: Final = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"'})
"""Quotation marks that the font draws as wide as ideographs."""


def pdf(document: Document) -> bytes:
    """The document as PDF/UA-1.

    Raises:
        DocumentError: typst cannot set it, for example because the font lacks a letter.
    """
    import typst

    with TemporaryDirectory() as folder:
        root = Path(folder)
        for block in document.blocks:
            if isinstance(block, Chart):
                (root / f"{name_of(block)}.svg").write_bytes(picture(block, "svg"))
        (root / "template.typ").write_bytes(TEMPLATE.read_bytes())
        main = root / "main.typ"
        main.write_text("\n".join(_lines(document)), encoding="utf-8")
        try:
            return typst.compile(
                main,
                font_paths=[Path(str(files(package))) for package in FONTS],
                ignore_system_fonts=True,
                pdf_standards="ua-1",
                timestamp=int(document.made_at.timestamp()),
            )
        except typst.TypstError as error:
            where = f"{document.name} in {document.language}"
            raise DocumentError(where, str(error), "correct the text, or take the format html") from error


def _lines(document: Document) -> Iterator[str]:
    """The source: texts are strings, so that nothing in them is a command."""
    at = document.made_at
    texts = {
        "title": document.title,
        "subtitle": document.subtitle,
        "label": document.label,
        "language": document.language,
        "contents": document.words["contents"],
        "watermark": document.watermark,
    }
    arguments = ", ".join(f"{name}: {_string(document, text)}" for name, text in texts.items())
    yield '#import "template.typ": *'
    breaks = str(document.has_pages_of_chapters).lower()
    day = f"datetime(year: {at.year}, month: {at.month}, day: {at.day})"
    yield f"#show: report.with({arguments}, breaks: {breaks}, day: {day})"
    for each in numbered(document):
        yield _block(document, each.block, each.label, leads=each.leads)


def _block(document: Document, block: Block, label: str = "", *, leads: bool = False) -> str:
    match block:
        case Heading():
            return f"#heading(level: {block.level}, {_runs(document, block.runs)}) <{block.id}>"
        case Paragraph():
            text = f"par({_runs(document, block.runs)})"
            return f"#block(sticky: true, {text})" if leads else f"#{text}"
        case Items():
            kind = "enum" if block.ordered else "list"
            items = ("[" + "\n".join(_block(document, each) for each in item) + "]" for item in block.items)
            return f"#{kind}({', '.join(items)})"
        case Formula():
            return f"#formula({_string(document, block.text)})"
        case Table():
            return _table(document, block, label)
        case Chart():
            return _chart(document, block, label)


def _table(document: Document, table: Table, label: str) -> str:
    lines = []
    for place, row in enumerate(table.rows):
        style = "strong-cell" if place in table.strong else "cell"
        lines.append(", ".join(_cell(document, style, cell) for cell in row) + ",")
    heads = "".join(f"{_string(document, column.heading)}, " for column in table.columns)
    shares = "".join(f"{column.share}fr, " for column in table.columns)
    aligned = "".join(f"{column.align}, " for column in table.columns)
    texts = ", ".join(_string(document, text) for text in (label, table.caption))
    note = _runs(document, table.note.runs)
    return f"#data-table({texts}, {note}, ({heads}), ({shares}), ({aligned}),\n" + "\n".join(lines) + "\n)"


def _cell(document: Document, style: str, text: str) -> str:
    is_below = "true" if text.startswith(INDENT) else "false"
    return f"{style}({_string(document, text.removeprefix(INDENT))}, is-below: {is_below})"


def _chart(document: Document, chart: Chart, label: str) -> str:
    name = name_of(chart)
    tall = proportion(picture(chart, "svg"))
    width = min(1.0, TALLEST / tall)
    note = _runs(document, chart.note.runs)
    named = ", ".join(_string(document, text) for text in (label, chart.caption))
    alternative = _string(document, chart.alternative)
    return f'#chart("{name}.svg", {named}, {note}, {alternative}, {100 * width:.1f}%)'


def _runs(document: Document, runs: tuple[Run, ...]) -> str:
    return " + ".join(_run(document, run) for run in runs) or '""'


def _run(document: Document, run: Run) -> str:
    text = f"text({_string(document, run.text)})"
    for name, is_set in (("raw", run.code), ("emph", run.emphasis), ("strong", run.strong)):
        if is_set:
            text = f"{name}({_string(document, run.text) if name == 'raw' else text})"
    if run.link.startswith("#"):
        return f"link(<{run.link[1:]}>, {text})"
    return f"link({_string(document, run.link)}, {text})" if run.link else text


def _string(document: Document, text: str) -> str:
    """A text as a string of typst."""
    narrow = text if document.language == "zh" else text.translate(NARROW)
    escaped = narrow.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
