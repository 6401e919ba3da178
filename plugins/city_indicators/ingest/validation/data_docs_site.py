"""Stores the Data Docs as one object in a folder or bucket: replaced atomically, read page by page."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from zipfile import ZIP_DEFLATED, ZipFile

NAME: Final = "site.zip"
READ_AHEAD_BYTES: Final = 1 << 16
"""How many bytes of the object are requested at a time: a page needs only a part of it."""


class Site:
    """All pages in one ZIP file; `root` is any pathlib-like path, local or object storage.

    A reader sees either the old site or the new one, never a mix.
    """

    def __init__(self, root: Path) -> None:
        self._root = root

    def put(self, pages: Path) -> None:
        """Replace the site by the files of a local folder."""
        self._root.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile() as packed:
            with ZipFile(packed, "w", ZIP_DEFLATED) as site:
                for file in sorted(file for file in pages.rglob("*") if file.is_file()):
                    site.write(file, file.relative_to(pages).as_posix())
            packed.seek(0)
            # A bucket shows an object only when it is complete; a folder shows a half-written file.
            fresh = self._root / f"{NAME}.new"
            fresh.write_bytes(packed.read())
        fresh.replace(self._root / NAME)

    def unpack(self, folder: Path) -> None:
        """Write all pages to a local folder."""
        with self._opened() as site:
            site.extractall(folder)

    def read(self, page: str) -> bytes | None:
        """Read a page by its path, relative to the root of the site; None if there is no such page."""
        try:
            with self._opened() as site:
                return site.read(page)
        except (FileNotFoundError, KeyError):
            return None

    def pages(self) -> frozenset[str]:
        """The paths of all pages."""
        try:
            with self._opened() as site:
                return frozenset(site.namelist())
        except FileNotFoundError:
            return frozenset()

    def state(self) -> tuple[float, int] | None:
        """When the site was last replaced, and its size in bytes; None if there is none."""
        try:
            found = (self._root / NAME).stat()
        except FileNotFoundError:
            return None
        return found.st_mtime, found.st_size

    @contextmanager
    def _opened(self) -> Iterator[ZipFile]:
        with (self._root / NAME).open("rb", buffering=READ_AHEAD_BYTES) as stream, ZipFile(stream) as site:
            yield site
