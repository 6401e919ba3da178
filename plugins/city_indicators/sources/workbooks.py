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

from city_indicators.core.errors import SourceContractError
from city_indicators.core.snapshots import Snapshot

MAX_UNPACKED_BYTES: Final = 200 * 1024 * 1024
MAX_RATIO: Final = 100
"""The highest ratio of unpacked to packed size, for workbooks that unpack to more than RATIO_FROM_BYTES."""
RATIO_FROM_BYTES: Final = 1024 * 1024
OLE: Final = b"\xd0\xcf\x11\xe0"
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


def check(snapshot: Snapshot, content: bytes) -> None:
    """Check that a publisher's workbook is safe to open.

    Raises:
        SourceContractError: the workbook must not be opened, or one of its formulas has no saved value.
    """
    if fault := danger(content) or formula_without_value(content):
        raise SourceContractError(
            snapshot.source,
            snapshot.url,
            fault,
            f"leave the archived bytes {snapshot.sha256} unopened and request an .xlsx with values only from "
            "the publisher",
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


def _active(book: zipfile.ZipFile) -> str | None:
    from defusedxml import DefusedXmlException  # type: ignore[import-untyped]
    from defusedxml.ElementTree import fromstring  # type: ignore[import-untyped]

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
