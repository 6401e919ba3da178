"""Fetches an interval from a source and archives every response before it is parsed."""

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import requests

from city_indicators.catalog.models import Catalogue
from city_indicators.catalog.source import Source
from city_indicators.core.archive import Archive
from city_indicators.core.errors import SourceBusyError, SourceContractError
from city_indicators.core.intervals import Interval
from city_indicators.core.progress import followed
from city_indicators.core.snapshots import Snapshot
from city_indicators.ingest.request_plan import RequestPlan
from city_indicators.sources import revision
from city_indicators.sources.connectors import connector_of, metered
from city_indicators.sources.http import get, head
from city_indicators.sources.integrity import check_complete

Clock = Callable[[], datetime]

LONGEST_FETCH: Final = timedelta(minutes=20)
"""A fetch that is scheduled later than this frees its worker and is retried at its time."""


@dataclass(frozen=True)
class SourceClient:
    """HTTP client of one source at one address, with one session."""

    source: Source
    http: requests.Session
    base_url: str
    archive: Archive
    clock: Clock

    def request(self, path: str, params: Mapping[str, str]) -> tuple[Snapshot, bytes]:
        """Send one request and archive the response.

        Raises:
            SourceUnavailableError: the source did not answer completely; a later try may succeed.
            SourceContractError: the source refused the request.
        """
        answer = get(self.http, self.source.id, self._url(path), params)
        snapshot = self.archive.store(self.source.id, answer, self.clock())
        check_complete(snapshot, answer.content)
        return snapshot, answer.content

    def revision(self) -> str | None:
        """Return the revision that the source serves, without fetching data; None if it has no revision.

        Raises:
            SourceUnavailableError: the source did not answer.
            SourceContractError: the answer does not match the declaration of the source's revision.
        """
        return revision.current(
            self.source,
            lambda path: head(self.http, self.source.id, self._url(path)),
            lambda path: get(self.http, self.source.id, self._url(path), {}).content,
        )

    def _url(self, path: str) -> str:
        return self.base_url.rstrip("/") + path


def fetch(client: SourceClient, catalogue: Catalogue, interval: Interval) -> list[Snapshot]:
    """Send all requests of an interval.

    Raises:
        SourceUnavailableError: the source did not answer completely; a later try may succeed.
        SourceContractError: the answer is not in the declared format.
    """
    return connector_of(client.source).fetch(client.source, catalogue, interval, client.request)


def fetch_planned(
    client: SourceClient,
    catalogue: Catalogue,
    interval: Interval,
    plan: RequestPlan,
    wait: Callable[[float], None] = time.sleep,
) -> list[Snapshot]:
    """Send all requests of an interval to a metered service, each at its planned time or later.

    Raises:
        SourceBusyError: the first request is planned for later than a worker should wait.
        SourceContractError: the requests of this interval alone exceed the service's limits.
    """
    source = client.source
    url = f"{client.base_url}{source.path or ''}"
    wanted = metered(source).list_requests(source, catalogue, interval)
    try:
        planned = plan.reserve(wanted, LONGEST_FETCH, client.clock())
    except ValueError as error:
        raise SourceContractError(source.id, url, str(error), "backfill one year a run") from error
    now = client.clock()
    if planned and planned[-1].send_at - now > LONGEST_FETCH:
        first = planned[0].send_at
        raise SourceBusyError(
            source.id,
            url,
            f"the quota of the account is used up until {first}",
            max(1, math.ceil((first - now).total_seconds())),
        )

    def wait_until(moment: datetime) -> None:
        wait(max(0.0, (moment - client.clock()).total_seconds()))

    snapshots = []
    for each in followed(planned, "requests"):
        wait_until(each.send_at)
        wait_until(plan.send(each, client.clock()))
        snapshots.append(client.request(each.request.path, each.request.params)[0])
    return snapshots
