"""The shipped catalogue, snapshots made of bytes, and a publisher that answers from a list."""

import hashlib
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime

import pytest

from city_indicators.catalog import Catalogue, load_catalogue
from city_indicators.core.intervals import Interval
from city_indicators.core.snapshots import Snapshot


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    return load_catalogue()


def as_snapshot(content: bytes, url: str = "https://publisher.example/answer") -> tuple[Snapshot, bytes]:
    sha256 = hashlib.sha256(content).hexdigest()
    fetched_at = datetime(2026, 11, 23, tzinfo=UTC)
    return Snapshot("publisher", url, sha256, len(content), "text/plain", fetched_at), content


@pytest.fixture(scope="session")
def snapshot_of() -> Callable[..., tuple[Snapshot, bytes]]:
    """A snapshot and its bytes, as an archive hands them to a connector."""
    return as_snapshot


@pytest.fixture(scope="session")
def years() -> Callable[[int, int], Interval]:
    """The interval of whole years, both inclusive."""
    return lambda first, last: Interval(date(first, 1, 1), date(last + 1, 1, 1))


class Publisher:
    """Answers requests in order and remembers what it was asked."""

    def __init__(self, *answers: bytes) -> None:
        self.answers = list(answers)
        self.asked: list[tuple[str, dict[str, str]]] = []

    def __call__(self, path: str, params: Mapping[str, str]) -> tuple[Snapshot, bytes]:
        self.asked.append((path, dict(params)))
        return as_snapshot(self.answers.pop(0), f"https://publisher.example{path}")


@pytest.fixture
def publisher() -> Callable[..., Publisher]:
    return Publisher
