"""Whether the bytes of an answer end where its format says that they end.

Old workbooks (.xls) are compound files: [MS-CFB], sections 2.2 and 2.3.
"""

import io
import struct
import zipfile
from typing import Final

from city_indicators.core.snapshots import Snapshot
from city_indicators.sources.records import broken_off
from city_indicators.sources.workbooks import OLE

ZIP: Final = b"PK\x03\x04"
OLE_HEADER: Final = 512
SECTOR_SHIFT: Final = 30
TABLES: Final = 76
"""Where the header says how long a sector is, and in which sectors the first tables of sectors lie."""
NO_SECTOR: Final = 0xFFFFFFFA
"""From here on a number names no sector."""
FREE: Final = 0xFFFFFFFF


def check_complete(snapshot: Snapshot, content: bytes) -> None:
    """Let pass what is no workbook, and a workbook that ends as one; new ones are zips.

    Raises:
        SourceUnavailableError: it breaks off, which a later try may mend.
    """
    if content.startswith(ZIP):
        kind, whole = "a zip", zipfile.is_zipfile(io.BytesIO(content))
    elif content.startswith(OLE):
        kind, whole = "an old workbook", holds_its_sectors(content)
    else:
        return
    if not whole:
        raise broken_off(snapshot, f"{kind} broken off after {len(content)} bytes")


def holds_its_sectors(content: bytes) -> bool:
    """Whether a compound file holds every sector in use, as far as the tables named by its header tell.

    They tell of the first 7 MB of a file with the usual sectors of 512 bytes.
    """
    if len(content) < OLE_HEADER:
        return False
    size = 1 << int.from_bytes(content[SECTOR_SHIFT : SECTOR_SHIFT + 2], "little")
    named = [number for number in struct.unpack_from("<109I", content, TABLES) if number < NO_SECTOR]
    # The header fills the first sector.
    tables = [content[(number + 1) * size : (number + 2) * size] for number in named]
    if any(len(table) < size for table in tables):
        return False
    entries = struct.iter_unpack("<I", b"".join(tables))
    last = max((at for at, (entry,) in enumerate(entries) if entry != FREE), default=-1)
    # The last sector may lack its padding.
    return (last + 1) * size < len(content)
