"""Content-addressed snapshots: every answer is kept as received, under its sha256."""

import hashlib
from datetime import datetime
from pathlib import Path

from city_indicators.core.errors import ArchiveError
from city_indicators.core.snapshots import Answer, Snapshot


class Archive:
    """A folder of snapshots; `root` is any pathlib-like path, local or object storage."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def store(self, source: str, answer: Answer, fetched_at: datetime) -> Snapshot:
        """Keep an answer's bytes; equal bytes are stored once."""
        sha256 = hashlib.sha256(answer.content).hexdigest()
        path = self._path(sha256)
        # A writer killed half-way leaves a shorter object, which is written again.
        if not path.exists() or path.stat().st_size != len(answer.content):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(answer.content)
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
            ArchiveError: the bytes are absent or no longer have that sha256.
        """
        path = self._path(sha256)
        try:
            content = path.read_bytes()
        except FileNotFoundError:
            raise ArchiveError(
                f"{path}: the snapshot is absent. Next step: restore the archive, or clear the fetch task"
            ) from None
        if (found := hashlib.sha256(content).hexdigest()) != sha256:
            raise ArchiveError(
                f"{path}: the bytes have sha256 {found}. Next step: delete the object, restore it from backup"
            )
        return content

    def holds(self, sha256: str) -> bool:
        """Whether the bytes of a snapshot are there; only `read` says whether they are undamaged."""
        return self._path(sha256).exists()

    def _path(self, sha256: str) -> Path:
        return self.root / "sha256" / sha256[:2] / sha256
