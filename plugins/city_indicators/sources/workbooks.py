"""Security checks of untrusted workbooks: refuses zip bombs, macros, links and entities before opening.

What is checked, and what is not:

- The unpacked size is counted, because a zip can declare a false one. The workbooks of publishers known so
  far unpack to 14 MB at most and to less than 12 times their size.
- A formula is read with the value that the publisher's program saved with it. One without a saved value
  would be read as an empty cell, so the workbook is refused. Forms refuse every formula, cell by cell.
- Old workbooks (.xls) are not compressed and are searched only for the name of a macro storage: links to
  other files are not detected, nor are macros that the workbook hides with a password.
"""

import io
import re
import sys
import zipfile
import zlib
from typing import Final
from xml.etree.ElementTree import ParseError
from xml.parsers.expat import ExpatError, ParserCreate

from city_indicators.core.errors import SourceContractError
from city_indicators.core.snapshots import Snapshot
from city_indicators.sources.bounds import MAX_CELLS

MAX_UNPACKED_BYTES: Final = 200 * 1024 * 1024
MAX_RATIO: Final = 100
"""The highest ratio of unpacked to packed size, for workbooks that unpack to more than RATIO_FROM_BYTES."""
RATIO_FROM_BYTES: Final = 1024 * 1024
ZIP: Final = b"PK"
OLE: Final = b"\xd0\xcf\x11\xe0"
BEGINNINGS: Final = (ZIP, OLE)
"""With which the bytes of a workbook begin: a new one, which is a zip, or an old one."""
# The directory of an old workbook names its parts in UTF-16.
OLE_MACROS: Final = "_VBA_PROJECT".encode("utf-16-le")
TYPES: Final = "[Content_Types].xml"
ACTIVE: Final = {
    "vbaproject": "a macro",
    "macrosheet": "a sheet of macros",
    "macroenabled": "macros",
    "externallink": "links to other files",
}
"""What a workbook contains, by a text in the name or type of its parts."""
PACKINGS: Final = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
UNREADABLE: Final = (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError, ValueError)
"""The errors that the zip reader raises for broken, encrypted or unusual files."""
# A formula whose result is an empty text is saved with an empty value of type "str".
WITHOUT_VALUE: Final = re.compile(
    rb'<(?:\w+:)?c\b(?![^>]*\bt="str")[^>]*\br="([A-Z]+[0-9]+)"[^>]*>\s*<(?:\w+:)?f\b[^>]*'
    rb"(?:/>|>[^<]*</(?:\w+:)?f>)\s*(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v>\s*</(?:\w+:)?v>|</(?:\w+:)?c>)"
)

BOOK, RELATIONS = "xl/workbook.xml", "xl/_rels/workbook.xml.rels"
ROW_NAME: Final = re.compile("[0-9]{1,9}")
CELL_NAME: Final = re.compile("([A-Z]{1,3})([0-9]{1,9})")


def check(snapshot: Snapshot, content: bytes, sheet: str | None = None) -> None:
    """Check that a publisher's workbook is safe to open, and a sheet, by default the first, to read.

    Raises:
        SourceContractError: the workbook must not be opened, or one of its formulas has no saved value.
    """
    if fault := danger(content) or too_wide(content, sheet) or formula_without_value(content):
        raise SourceContractError(
            snapshot.source,
            snapshot.url,
            fault,
            f"leave {snapshot.kept_as} unopened and request an .xlsx with values only from the publisher",
        )


def danger(content: bytes, max_unpacked_bytes: int = MAX_UNPACKED_BYTES) -> str | None:
    """Why a workbook must not be opened; None if it is safe."""
    if content.startswith(OLE):
        return "the workbook holds a macro" if OLE_MACROS in content else None
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as book:
            return _too_large(book, len(content), max_unpacked_bytes) or _active(book) or _entities(book)
    except UNREADABLE as error:
        return f"the workbook cannot be read ({error})"


def formula_without_value(content: bytes) -> str | None:
    """The first cell whose formula has no saved value, in a workbook without `danger`."""
    if content.startswith(OLE):
        return None
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        for name in book.namelist():
            if name.startswith("xl/worksheets/") and (found := WITHOUT_VALUE.search(book.read(name))):
                return f"cell {found[1].decode()} of {name} holds a formula without a saved value"
    return None


def _too_large(book: zipfile.ZipFile, packed: int, max_unpacked_bytes: int) -> str | None:
    allowed = min(max_unpacked_bytes, max(RATIO_FROM_BYTES, MAX_RATIO * packed))
    parts = book.infolist()
    unpacked = sum(part.file_size for part in parts)
    if unpacked <= allowed:
        unpacked = 0
        for part in parts:
            unpacked += _unpacked(book, part, allowed - unpacked)
            if unpacked > allowed:
                break
    if unpacked <= allowed:
        return None
    return (
        f"the workbook of {packed:,} bytes unpacks to {unpacked:,} bytes or more; allowed are "
        f"{max_unpacked_bytes:,} bytes and, beyond {RATIO_FROM_BYTES:,}, {MAX_RATIO} times its size"
    )


def _unpacked(book: zipfile.ZipFile, part: zipfile.ZipInfo, limit: int) -> int:
    """The true size of a part in bytes; some size beyond the limit if it is larger."""
    if part.compress_type not in PACKINGS:
        raise zipfile.BadZipFile(f"{part.filename} is packed by method {part.compress_type}")
    claimed = part.file_size
    # Without this, reading would stop at the claimed size.
    part.file_size = sys.maxsize
    size = 0
    try:
        with book.open(part) as stream:
            while size <= limit and (chunk := stream.read(1 << 16)):
                size += len(chunk)
    finally:
        part.file_size = claimed
    if size <= limit and size != claimed:
        raise zipfile.BadZipFile(f"{part.filename} has {size} bytes and claims {claimed}")
    return size


def too_wide(content: bytes, sheet: str | None = None, every: bool = False) -> str | None:
    """Why a sheet of a workbook without `danger` must not be read; None if it spans few enough cells.

    The reader keeps every cell from A1 to the last one with a value, also those that the file does not have.
    `sheet` is the one to be read, by default the first; `every` looks at all of them.

    The dimension that a sheet declares does not count: some of UN-Habitat declare all rows of the program.
    """
    if content.startswith(OLE):
        return _too_wide_inside(content, sheet)
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        for name in book.namelist() if every else _parts_of(book, sheet):
            part = book.read(name)
            try:
                rows, columns = _span(part)
            except (ExpatError, LookupError, ValueError) as error:
                # A picture, or a sheet from which the reader may read more than this parser does.
                if b"sheetData" in part.replace(b"\0", b""):
                    return f"{name} of the workbook is no XML ({error})"
                continue
            if rows * columns > MAX_CELLS:
                return f"{name} of the workbook spans {rows} x {columns} cells, more than {MAX_CELLS} in all"
    return None


def _parts_of(book: zipfile.ZipFile, sheet: str | None) -> list[str]:
    """The part of a sheet; all parts unless exactly one is named for it."""
    from defusedxml.ElementTree import fromstring  # type: ignore[import-untyped]

    try:
        sheets = [each.attrib for each in fromstring(book.read(BOOK)).iter() if each.tag.endswith("}sheet")]
        parts = [each.attrib for each in fromstring(book.read(RELATIONS))]
        wanted = sheets[:1] if sheet is None else [each for each in sheets if each["name"] == sheet]
        (id_,) = (value for each in wanted for key, value in each.items() if key.endswith("}id"))
        (target,) = (part["Target"] for part in parts if part["Id"] == id_)
    # Also a sheet that does not exist, which the reader reports.
    except (KeyError, ValueError, ParseError):
        return book.namelist()
    name = target.removeprefix("/") if target.startswith(("/", "xl/")) else f"xl/{target}"
    return [name] if book.namelist().count(name) == 1 else book.namelist()


def _span(part: bytes) -> tuple[int, int]:
    """The last row and the last column with a value; a part that is no sheet has none.

    A row or cell without a number follows the one before it.

    Raises:
        ExpatError: the part is no XML.
    """
    row = column = last_row = last_column = 0

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal row, column, last_row, last_column
        match name.rpartition(":")[2], CELL_NAME.fullmatch(attributes.get("r", "")):
            case "row", _:
                number = attributes.get("r", "")
                row, column = int(number) if ROW_NAME.fullmatch(number) else row + 1, 0
            case "c", None:
                column += 1
            case "c", re.Match() as found:
                column, row = _column(found[1]), int(found[2])
            case "v" | "is", _:
                last_row, last_column = max(last_row, row), max(last_column, column)

    parser = ParserCreate()
    parser.StartElementHandler = start
    parser.Parse(part, True)
    return last_row, last_column


def _column(letters: str) -> int:
    """The number of a column, from 1 on: "XFD" is 16 384."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number


def _too_wide_inside(content: bytes, sheet: str | None) -> str | None:
    """Whether a sheet of an old workbook spans more cells than are read; one has 16.8 million at most."""
    from python_calamine import CalamineWorkbook

    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        page = book.get_sheet_by_index(0) if sheet is None else book.get_sheet_by_name(sheet)
        cells = page.total_height * page.total_width
    # The reader raises its own exceptions for any failure inside it, and reports it when it reads the sheet.
    except Exception:
        return None
    return f"the workbook spans {cells} cells, more than {MAX_CELLS}" if cells > MAX_CELLS else None


def _active(book: zipfile.ZipFile) -> str | None:
    from defusedxml import DefusedXmlException  # type: ignore[import-untyped]
    from defusedxml.ElementTree import fromstring

    try:
        declared = list(fromstring(book.read(TYPES))) if TYPES in book.namelist() else []
    # The workbook reader, or the search for entities, reports the fault.
    except (DefusedXmlException, ParseError):
        declared = []
    words = [*book.namelist(), *(text for entry in declared for text in entry.attrib.values())]
    text = " ".join(words).casefold()
    return next((f"the workbook holds {what}" for word, what in ACTIVE.items() if word in text), None)


def _entities(book: zipfile.ZipFile) -> str | None:
    """Whether a part declares a document type, which may contain entities; office programs write none."""
    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import iterparse

    for part in book.infolist():
        with book.open(part) as stream:
            try:
                # A document type is only allowed before the first element.
                next(iter(iterparse(stream, events=("start",), forbid_dtd=True)), None)
            except DefusedXmlException as error:
                return f"{part.filename} of the workbook declares a document type or entities ({error})"
            # A picture, or a broken part that the workbook reader reports.
            except (ParseError, LookupError, ValueError):
                continue
    return None
