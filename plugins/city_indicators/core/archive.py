"""Content-addressed archive of snapshots: stores every answer as received, under its sha256."""

import errno
import hashlib
import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Final

from city_indicators.core.errors import ArchiveError
from city_indicators.core.names import escaped, unescaped
from city_indicators.core.snapshots import Answer, Snapshot
from city_indicators.core.storage import forget_listing, write_atomically

CHUNK_BYTES: Final = 1 << 20
SHA256: Final = re.compile("[0-9a-f]{64}")


class Archive:
    """A folder of snapshots; `root` is any pathlib-like path, local or object storage."""

    def __init__(self, root: Path) -> None:
        self.root = root

    @property
    def staging(self) -> Path:
        """The folder of staged loads, next to the snapshots."""
        return self.root / "staged"

    def store(self, source: str, answer: Answer, fetched_at: datetime) -> Snapshot:
        """Store an answer's bytes; equal bytes are stored once and replace a damaged object.

        Raises:
            StorageError: the disk is full, read-only or closed to us.
        """
        sha256 = hashlib.sha256(answer.content).hexdigest()
        path = self._path(sha256)
        if not _is_intact(path, sha256):
            write_atomically(path, answer.content)
        return Snapshot(
            source=source,
            url=answer.url,
            sha256=sha256,
            byte_count=len(answer.content),
            media_type=answer.media_type,
            fetched_at=fetched_at,
            etag=answer.etag,
            last_modified=answer.last_modified,
        )

    def read(self, sha256: str) -> bytes:
        """The bytes of a snapshot.

        Raises:
            ArchiveError: the bytes are missing, cannot be read, or no longer have that sha256.
        """
        path = self._path(sha256)
        try:
            content = path.read_bytes()
        except FileNotFoundError:
            raise ArchiveError(
                f"{path}: the snapshot is missing. Next step: restore the archive, or clear the fetch task"
            ) from None
        except OSError as error:
            if error.errno != errno.EIO:
                raise
            raise _damaged(path, "the bytes cannot be read") from error
        if (found := hashlib.sha256(content).hexdigest()) != sha256:
            raise _damaged(path, f"the bytes have sha256 {found}")
        return content

    def holds(self, sha256: str) -> bool:
        """Whether the bytes of a snapshot are stored; only `read` verifies that they are undamaged."""
        return self._path(sha256).exists()

    def digest(self, name: str) -> tuple[str, int]:
        """The sha256 and the length of the bytes of an object, by its name as of `objects`.

        Raises:
            FileNotFoundError: there is no such object.
        """
        digest, length = hashlib.sha256(), 0
        with self._object(name).open("rb") as stream:
            while chunk := stream.read(CHUNK_BYTES):
                digest.update(chunk)
                length += len(chunk)
        return digest.hexdigest(), length

    def objects(self) -> Iterator[str]:
        """The name of each stored object: its sha256, or for another object its folder and escaped name."""
        forget_listing(self.root)
        for folder in _entries(self.root / "sha256"):
            for file in _entries(folder):
                name = escaped(file.name.encode("utf-8", "surrogateescape"))
                in_place = SHA256.fullmatch(name) and folder.name == name[:2]
                yield name if in_place else f"{escaped(folder.name.encode())}/{name}"

    def _object(self, name: str) -> Path:
        folder, _, file = name.rpartition("/")
        if not folder:
            return self._path(name)
        return self.root / "sha256" / folder / unescaped(file).decode("utf-8", "surrogateescape")

    def _path(self, sha256: str) -> Path:
        return self.root / "sha256" / sha256[:2] / sha256


def _is_intact(path: Path, sha256: str) -> bool:
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest() == sha256
    except FileNotFoundError:
        return False
    except OSError as error:
        if error.errno != errno.EIO:
            raise
        # Written anew, the bytes get another place on the disk.
        return False


def _damaged(path: Path, fault: str) -> ArchiveError:
    return ArchiveError(
        f"{path}: {fault}. Next step: restore the object from a backup, or clear the fetch task: if the "
        "source still publishes the same bytes, they replace it"
    )


def _entries(folder: Path) -> Iterator[Path]:
    # In object storage an empty folder does not exist; a file beside the folders has no entries.
    with suppress(FileNotFoundError, NotADirectoryError):
        yield from folder.iterdir()
