"""An answer of a source with its bytes, and the snapshot that refers to them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self


@dataclass(frozen=True)
class Answer:
    """An answer of a source: the bytes as received and the headers that identify a revision."""

    url: str
    content: bytes
    media_type: str
    etag: str | None
    last_modified: str | None


@dataclass(frozen=True)
class Snapshot:
    """One fetch of one address. `sha256` finds the bytes, the other fields record their origin."""

    source: str
    url: str
    sha256: str
    byte_count: int
    media_type: str
    fetched_at: datetime
    etag: str | None = None
    last_modified: str | None = None

    def to_json(self) -> dict[str, Any]:
        """A dictionary that can be passed through XCom."""
        return {**vars(self), "fetched_at": self.fetched_at.isoformat()}

    @property
    def kept_as(self) -> str:
        """Where the bytes are, for messages."""
        return f"the archived bytes {self.sha256}"

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """The inverse of `to_json`."""
        return cls(**{**data, "fetched_at": datetime.fromisoformat(data["fetched_at"])})


class LocalFile(Snapshot):
    """A file that was not fetched: nothing is archived."""

    @property
    def kept_as(self) -> str:
        """The file itself."""
        return f"the file {self.url}"
