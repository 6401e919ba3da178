"""Takes one file out of a zip, never more than the bound on what a zip may unpack to."""

import io
import re
import zipfile
from typing import Final

from city_indicators.core.snapshots import Snapshot
from city_indicators.sources.records import breach
from city_indicators.sources.workbooks import MAX_UNPACKED_BYTES

ANY: Final = re.compile(".*", re.DOTALL)


def only_file(snapshot: Snapshot, content: bytes, name: re.Pattern[str] = ANY) -> tuple[str, bytes]:
    """The name and the bytes of the only file of a zip whose name, without folders, matches completely.

    Raises:
        SourceContractError: the zip is broken or holds no such file, several of them, or too large a one.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = archive.namelist()
            found = [each for each in names if name.fullmatch(each.rpartition("/")[2])]
            first = _some(archive, found[0]) if found else b""
    # A damaged zip raises errors of zipfile, zlib or struct, or a ValueError.
    except Exception as error:
        raise breach(snapshot, f"the zip cannot be read: {error}") from error
    if len(found) != 1:
        raise breach(snapshot, f"the zip holds {names} instead of one {_wanted(name)}")
    if len(first) > MAX_UNPACKED_BYTES:
        raise breach(snapshot, f"the zip unpacks to more than {MAX_UNPACKED_BYTES} bytes")
    return found[0].rpartition("/")[2], first


def _wanted(name: re.Pattern[str]) -> str:
    return "file" if name is ANY else f"file {name.pattern}"


def _some(archive: zipfile.ZipFile, name: str) -> bytes:
    """A file of a zip, read only until it is known to be too large."""
    with archive.open(name) as part:
        return part.read(MAX_UNPACKED_BYTES + 1)
