"""Which requests an interval costs, counted without asking anybody."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from city_indicators.catalog.models import Catalogue
from city_indicators.catalog.source import Source
from city_indicators.core.intervals import Interval
from city_indicators.core.snapshots import Snapshot
from city_indicators.sources.connectors import connector_of
from city_indicators.sources.records import Metered, Paged


@dataclass(frozen=True)
class Wanted:
    """The requests of an interval: what the service counts for each, in the order they are made.

    `at_least`: an answer may tell of more requests, such as further pages.
    """

    calls: tuple[float, ...]
    at_least: bool = False


def wanted(source: Source, catalogue: Catalogue, interval: Interval) -> Wanted:
    """What the connector asks for an interval if every answer is a single, empty page."""
    connector = connector_of(source)
    if isinstance(connector, Metered):
        requests = connector.list_requests(source, catalogue, interval)
        return Wanted(tuple(request.calls for request in requests))
    page = connector.empty_page(source) if isinstance(connector, Paged) else None
    paths = []

    def note(path: str, params: Mapping[str, str]) -> tuple[Snapshot, bytes]:  # noqa: ARG001
        paths.append(path)
        return Snapshot(source.id, path, "", 0, "", datetime.min.replace(tzinfo=UTC)), page or b""

    connector.fetch(source, catalogue, interval, note)
    return Wanted((1.0,) * len(paths), at_least=page is not None)


def asks(source: Source) -> int:
    """How many requests it takes to ask a source which revision it serves."""
    return len(source.revision.paths or ("",)) if source.revision else 0
