"""Detects truncated workbooks: checks that the bytes of an answer are complete by its format.

Old workbooks (.xls) are compound files: [MS-CFB], sections 2.2 and 2.3.
"""

import io
import struct
import zipfile
from typing import Final

from city_indicators.core.snapshots import Snapshot
from city_indicators.sources.records import truncated
from city_indicators.sources.workbooks import OLE

ZIP: Final = b"PK\x03\x04"
OLE_HEADER: Final = 512
SECTOR_SHIFT: Final = 30
SHIFTS: Final = (9, 12)
"""Sectors have 512 bytes, or 4096 in the version 4 of the format."""
TABLES: Final = 76
"""Positions in the header: the length of a sector, and the sectors of the first allocation tables."""
NO_SECTOR: Final = 0xFFFFFFFA
"""Numbers from this one on do not name a sector."""
FREE: Final = 0xFFFFFFFF


def check_complete(snapshot: Snapshot, content: bytes) -> None:
    """Check that a workbook is complete; new ones are zips. Anything else is not checked.

    Raises:
        SourceUnavailableError: the workbook is truncated; a retry may succeed.
    """
    if content.startswith(ZIP):
        kind, complete = "a zip", zipfile.is_zipfile(io.BytesIO(content))
    elif content.startswith(OLE):
        kind, complete = "an old workbook", holds_its_sectors(content)
    else:
        return
    if not complete:
        raise truncated(snapshot, f"{kind} truncated after {len(content)} bytes")


def holds_its_sectors(content: bytes) -> bool:
    """Whether a compound file has every sector in use that the tables named by its header list.

    With the usual sectors of 512 bytes, these tables cover the first 7 MB of a file.
    """
    if len(content) < OLE_HEADER:
        return False
    shift = int.from_bytes(content[SECTOR_SHIFT : SECTOR_SHIFT + 2], "little")
    if shift not in SHIFTS:
        return False
    size = 1 << shift
    named = [number for number in struct.unpack_from("<109I", content, TABLES) if number < NO_SECTOR]
    # The header fills the first sector.
    tables = [content[(number + 1) * size : (number + 2) * size] for number in named]
    if any(len(table) < size for table in tables):
        return False
    entries = struct.iter_unpack("<I", b"".join(tables))
    last = max((at for at, (entry,) in enumerate(entries) if entry != FREE), default=-1)
    # The last sector may lack its padding.
    return (last + 1) * size < len(content)
