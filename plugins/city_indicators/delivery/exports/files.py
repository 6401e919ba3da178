"""Reads files in chunks and adds files to a zip."""

import zipfile
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import IO, Final

BLOCK: Final = 1 << 16
"""Bytes of a chunk."""


def chunks(file: IO[bytes]) -> Iterator[bytes]:
    """The content of a file from its beginning, in chunks."""
    file.seek(0)
    while chunk := file.read(BLOCK):
        yield chunk


def add(bundle: zipfile.ZipFile, name: str, content: Iterable[bytes], at: datetime) -> None:
    """Add a file of any size to a zip; `at` is its modification time."""
    entry = zipfile.ZipInfo(name, at.timetuple()[:6])
    entry.compress_type = zipfile.ZIP_DEFLATED
    with bundle.open(entry, "w", force_zip64=True) as file:
        for chunk in content:
            file.write(chunk)
