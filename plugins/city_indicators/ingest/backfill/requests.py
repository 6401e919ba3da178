"""Counts the requests of an interval without sending any."""

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
class RequestCount:
    """The requests of an interval in the order they are sent: the calls that the service counts for each.

    `at_least`: a response may lead to more requests, for example further pages.
    """

    calls: tuple[float, ...]
    at_least: bool = False


def count_requests(source: Source, catalogue: Catalogue, interval: Interval) -> RequestCount:
    """Count the requests that the connector sends for an interval, with one empty page as every response."""
    connector = connector_of(source)
    if isinstance(connector, Metered):
        requests = connector.list_requests(source, catalogue, interval)
        return RequestCount(tuple(request.calls for request in requests))
    page = connector.empty_page(source) if isinstance(connector, Paged) else None
    paths = []

    def record(path: str, params: Mapping[str, str]) -> tuple[Snapshot, bytes]:  # noqa: ARG001
        paths.append(path)
        return Snapshot(source.id, path, "", 0, "", datetime.min.replace(tzinfo=UTC)), page or b""

    connector.fetch(source, catalogue, interval, record)
    return RequestCount((1.0,) * len(paths), at_least=page is not None)


def revision_requests(source: Source) -> int:
    """The number of requests that it takes to read the revision that a source serves."""
    return len(source.revision.paths or ("",)) if source.revision else 0
