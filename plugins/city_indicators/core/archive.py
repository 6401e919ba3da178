"""Content-addressed archive of snapshots: stores every answer as received, under its sha256."""

import hashlib
from datetime import datetime
from pathlib import Path

from city_indicators.core.errors import ArchiveError
from city_indicators.core.snapshots import Answer, Snapshot
from city_indicators.core.storage import write_atomically


class Archive:
    """A folder of snapshots; `root` is any pathlib-like path, local or object storage."""

    def __init__(self, root: Path) -> None:
        self.root = root

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
            ArchiveError: the bytes are missing or no longer have that sha256.
        """
        path = self._path(sha256)
        try:
            content = path.read_bytes()
        except FileNotFoundError:
            raise ArchiveError(
                f"{path}: the snapshot is missing. Next step: restore the archive, or clear the fetch task"
            ) from None
        if (found := hashlib.sha256(content).hexdigest()) != sha256:
            raise ArchiveError(
                f"{path}: the bytes have sha256 {found}. Next step: restore the object from a backup, or "
                "clear the fetch task: if the source still publishes the same bytes, they replace it"
            )
        return content

    def holds(self, sha256: str) -> bool:
        """Whether the bytes of a snapshot are stored; only `read` verifies that they are undamaged."""
        return self._path(sha256).exists()

    def _path(self, sha256: str) -> Path:
        return self.root / "sha256" / sha256[:2] / sha256


def _is_intact(path: Path, sha256: str) -> bool:
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest() == sha256
    except FileNotFoundError:
        return False
