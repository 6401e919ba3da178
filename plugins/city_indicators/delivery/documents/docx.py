"""Writes a document for Word, in the styles of include/documents/template.docx."""

import zipfile
from io import BytesIO
from typing import TYPE_CHECKING, Any, Final

from city_indicators.delivery.documents.declaration import DOCUMENTS
from city_indicators.delivery.documents.docx_footnotes import Footnotes
from city_indicators.delivery.documents.model import (
    INDENT,
    Block,
    Chart,
    Document,
    Formula,
    Heading,
    Items,
    Note,
    Paragraph,
    Run,
    Table,
)
from city_indicators.delivery.documents.numbering import CONTENTS, numbered
from city_indicators.delivery.documents.pictures import picture

if TYPE_CHECKING:
    from docx.document import Document as WordDocument

TEMPLATE: Final = DOCUMENTS / "template.docx"
TALLEST: Final = 1.25
"""The height of a chart, in widths of the text, that fits on a page with its caption."""
APART: Final = 12 * 12_700
"""The space after a table or the caption of a chart: 12 points, in units of Word."""
BELOW: Final = 10 * 12_700
"""How far a cell stands below that of another row."""
SAME_TIME: Final = (1980, 1, 1, 0, 0, 0)
"""The time of every part of the file: the earliest that a ZIP file can hold."""
REGIONS: Final = {"en": "en-GB", "ru": "ru-RU", "zh": "zh-CN"}


def docx(document: Document) -> bytes:
    """The document as DOCX."""
    import docx as word

    made = word.Document(str(TEMPLATE))
    _Writer(made, document).write()
    file = BytesIO()
    made.save(file)
    return _same_each_time(file)


class _Writer:
    """Appends the blocks of a document to a Word document."""

    def __init__(self, made: "WordDocument", document: Document) -> None:
        self._made = made
        self._document = document
        self._bookmarks = 0
        self._after_table = False
        self._footnotes = Footnotes(made)
        # Found once: by its name, python-docx searches all styles for each paragraph.
        self._styles = {str(style.name): str(style.style_id) for style in made.styles}

    def write(self) -> None:
        """Write all."""
        self._describe()
        self._paragraph("Title", self._document.title)
        self._paragraph("Subtitle", self._document.subtitle)
        self._contents()
        for each in numbered(self._document):
            self._block(each.block, each.label)
            if each.leads:
                self._made.paragraphs[-1].paragraph_format.keep_with_next = True
        section = self._made.sections[0]
        section.footer.paragraphs[0].text = self._document.label
        if self._document.watermark:
            section.header.paragraphs[0].add_run(self._document.watermark).bold = True

    @property
    def _width(self) -> int:
        """The width of the text, in units of Word."""
        section = self._made.sections[0]
        lengths = (section.page_width, section.left_margin, section.right_margin)
        page, left, right = (length or 0 for length in lengths)
        return int(page - left - right)

    def _describe(self) -> None:
        properties = self._made.core_properties
        properties.title = self._document.title
        properties.subject = self._document.label
        properties.language = self._document.language
        properties.author = properties.last_modified_by = properties.comments = ""
        properties.revision = 1
        properties.created = properties.modified = self._document.made_at.replace(tzinfo=None)
        region = REGIONS[self._document.language]
        language = next(self._made.styles.element.iter(_name("w:lang")))
        for attribute in ("w:val", "w:eastAsia"):
            language.set(_name(attribute), region)

    def _contents(self) -> None:
        self._paragraph("TOC Heading", self._document.words["contents"])
        for block in self._document.blocks:
            if isinstance(block, Heading) and block.level <= CONTENTS:
                paragraph = self._paragraph(f"TOC {block.level}")
                self._link(paragraph, Run(block.text, link=f"#{block.id}"))

    def _paragraph(self, style: str, text: str = "") -> Any:
        paragraph = self._made.add_paragraph(text)
        paragraph._p.style = self._styles[style]
        if self._after_table and not style.startswith("Heading"):
            paragraph.paragraph_format.space_before = APART
        self._after_table = False
        return paragraph

    def _block(self, block: Block, label: str = "", depth: int = 0) -> None:
        match block:
            case Heading():
                paragraph = self._paragraph(f"Heading {block.level}")
                if not self._document.has_pages_of_chapters:
                    paragraph.paragraph_format.page_break_before = False
                self._bookmark(paragraph, block)
            case Paragraph():
                style = "List Continue" if depth else "Body Text"
                self._runs(self._paragraph(style), block.runs)
            case Items():
                self._items(block, depth)
            case Formula():
                self._paragraph("Formula", block.text)
            case Table():
                self._table(block, label)
            case Chart():
                self._chart(block, label)

    def _items(self, block: Items, depth: int) -> None:
        style = "List Number" if block.ordered else "List Bullet"
        for item in block.items:
            first, *others = item
            paragraph = self._paragraph(f"{style} 2" if depth else style)
            if isinstance(first, Paragraph):
                self._runs(paragraph, first.runs)
            for other in others:
                self._block(other, depth=depth + 1)

    def _table(self, table: Table, label: str) -> None:
        self._caption(label, table.caption, table.note, before=True)
        made = self._made.add_table(len(table.rows) + 1, len(table.columns), "Data Table")
        made.autofit = False
        width = self._width
        shares = [column.share for column in table.columns]
        heads = tuple(column.heading for column in table.columns)
        lines = zip(made.rows, (heads, *table.rows), strict=True)
        for place, (row, texts) in enumerate(lines, start=-1):
            cells = row.cells
            _append(row._tr.get_or_add_trPr(), "w:cantSplit")
            for cell, column, text in zip(cells, table.columns, texts, strict=True):
                cell.width = int(width * column.share / sum(shares))
                paragraph = cell.paragraphs[0]
                style = "Table Text Right" if column.align == "right" else "Table Text"
                paragraph._p.style = self._styles[style]
                if text.startswith(INDENT):
                    paragraph.paragraph_format.left_indent = BELOW
                run = paragraph.add_run(text.removeprefix(INDENT))
                run.bold = True if place == -1 or place in table.strong else None
        for column, share in zip(made.columns, shares, strict=True):
            column.width = int(width * share / sum(shares))
        # A table of several pages repeats its first row.
        _append(made.rows[0]._tr.get_or_add_trPr(), "w:tblHeader")
        self._after_table = True

    def _chart(self, chart: Chart, label: str) -> None:
        shape = self._paragraph("Chart").add_run().add_picture(BytesIO(picture(chart, "png")), self._width)
        excess = shape.height / (TALLEST * shape.width)
        if excess > 1:
            shape.width, shape.height = int(shape.width / excess), int(shape.height / excess)
        shape._inline.docPr.set("descr", chart.alternative)
        shape._inline.docPr.set("title", chart.caption)
        self._caption(label, chart.caption, chart.note, before=False)

    def _caption(self, label: str, text: str, note: Note, *, before: bool) -> None:
        """A caption with a footnote. Its number is a field, so that Word can number and list the captions."""
        word, number = label.rstrip(".").rsplit(" ", 1)
        paragraph = self._paragraph("Caption")
        paragraph.paragraph_format.keep_with_next = before
        if not before:
            paragraph.paragraph_format.space_after = APART
        paragraph.add_run(f"{word} ")
        field = _append(paragraph._p, "w:fldSimple", {"w:instr": f" SEQ {word} \\* ARABIC "})
        shown = _append(_append(field, "w:r"), "w:t")
        shown.text = number
        # Apart from the mark of the footnote, which would look like an exponent of a year.
        paragraph.add_run(f". {text}\u00a0")
        self._runs(self._footnotes.add(paragraph), note.runs)

    def _bookmark(self, paragraph: Any, heading: Heading) -> None:
        self._bookmarks += 1
        number = str(self._bookmarks)
        _append(paragraph._p, "w:bookmarkStart", {"w:id": number, "w:name": heading.id})
        self._runs(paragraph, heading.runs)
        _append(paragraph._p, "w:bookmarkEnd", {"w:id": number})

    def _runs(self, paragraph: Any, runs: tuple[Run, ...]) -> None:
        for run in runs:
            if run.link:
                self._link(paragraph, run)
            else:
                _styled(paragraph.add_run(run.text), run)

    def _link(self, paragraph: Any, run: Run) -> None:
        from docx.opc.constants import RELATIONSHIP_TYPE
        from docx.text.run import Run as WordRun

        if run.link.startswith("#"):
            attributes = {"w:anchor": run.link[1:]}
        else:
            target = paragraph.part.relate_to(run.link, RELATIONSHIP_TYPE.HYPERLINK, is_external=True)
            attributes = {"r:id": target}
        link = _append(paragraph._p, "w:hyperlink", attributes)
        made = WordRun(_append(link, "w:r"), paragraph)
        made.text = run.text
        made._r.style = self._styles["Hyperlink"]
        _styled(made, run)


def _styled(made: Any, run: Run) -> None:
    made.bold = run.strong or None
    made.italic = run.emphasis or None


def _name(name: str) -> str:
    from docx.oxml.ns import qn

    return str(qn(name))


def _append(parent: Any, name: str, attributes: dict[str, str] | None = None) -> Any:
    from docx.oxml import OxmlElement

    made = OxmlElement(name)
    for attribute, value in (attributes or {}).items():
        made.set(_name(attribute), value)
    parent.append(made)
    return made


def _same_each_time(file: BytesIO) -> bytes:
    """The parts in one order, at one time and uncompressed: versions of zlib compress differently."""
    out = BytesIO()
    with zipfile.ZipFile(file) as parts, zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as made:
        # Readers expect the types first.
        for name in sorted(parts.namelist(), key=lambda name: (name != "[Content_Types].xml", name)):
            info = zipfile.ZipInfo(name, SAME_TIME)
            info.external_attr = 0o600 << 16
            made.writestr(info, parts.read(name))
    return out.getvalue()
