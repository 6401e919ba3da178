"""Digests of the project's own files: what was made from them is current while they are the same."""

import hashlib
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Final

from city_indicators.core.paths import INCLUDE, PROJECT

LIBRARY: Final = Path(__file__).resolve().parents[1]


def of_files(files: Iterable[Path], root: Path) -> str:
    """The sha256 of some files: of their contents and their paths within a folder, in any order."""
    digested = hashlib.sha256()
    for file in sorted(files):
        digested.update(f"{file.relative_to(root).as_posix()}\n".encode())
        digested.update(hashlib.sha256(file.read_bytes()).digest())
    return digested.hexdigest()


@cache
def of_project() -> str:
    """The sha256 of all code, declarations, statements and texts."""
    files = (file for folder in (LIBRARY, INCLUDE) for file in folder.rglob("*"))
    return of_files((file for file in files if file.is_file() and file.suffix != ".pyc"), PROJECT)
