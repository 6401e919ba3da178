"""Test helpers: a snapshot of given bytes, and a publisher that answers from a list."""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime

from city_indicators.core.snapshots import Snapshot


def as_snapshot(content: bytes, url: str = "https://publisher.example/answer") -> tuple[Snapshot, bytes]:
    sha256 = hashlib.sha256(content).hexdigest()
    fetched_at = datetime(2026, 11, 23, tzinfo=UTC)
    return Snapshot("publisher", url, sha256, len(content), "text/plain", fetched_at), content


class Publisher:
    """Answers requests in order and records them."""

    def __init__(self, *answers: bytes) -> None:
        self.answers = list(answers)
        self.requests: list[tuple[str, dict[str, str]]] = []

    def __call__(self, path: str, params: Mapping[str, str]) -> tuple[Snapshot, bytes]:
        self.requests.append((path, dict(params)))
        return as_snapshot(self.answers.pop(0), f"https://publisher.example{path}")
