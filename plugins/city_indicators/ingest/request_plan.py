"""Plans requests to metered services within their quota, shared by all processes through the warehouse."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Engine

from city_indicators.catalog.source import Quota
from city_indicators.sources.quota import Request, Slot, slots
from city_indicators.warehouse.database import statement
from city_indicators.warehouse.ledger import Run

GRACE: Final = timedelta(minutes=5)
"""A retry that comes this much after its planned time keeps its place: it may have waited for a slot."""


@dataclass(frozen=True)
class Planned:
    """A planned request: its position within the run and when to send it."""

    position: int
    send_at: datetime
    request: Request


@dataclass(frozen=True)
class Counted:
    """A request of any run that counts against the quota, at the time it was sent or is planned for."""

    slot: Slot
    is_sent: bool


class RequestPlan:
    """The planned requests of one run to a metered service, coordinated with those of all other runs."""

    def __init__(self, warehouse: Engine, quota: Quota, run: Run) -> None:
        self._warehouse = warehouse
        self._quota = quota
        self._key = {"account": quota.account, **vars(run)}

    def reserve(self, requests: Sequence[Request], within: timedelta, now: datetime) -> list[Planned]:
        """Reserve a time for each request, not before `now` and all within one span of `within`.

        A retry keeps its times. If the first of them is past, all requests are planned again: at the same
        place in the queue if the retry comes within GRACE, else after everything that is planned.

        Raises:
            ValueError: the requests alone exceed the quota of that span.
        """
        with self._warehouse.begin() as connection:
            connection.execute(statement("plan/lock_account"), self._key)
            reserved = self._reserved(connection, requests)
            if reserved and reserved[0].send_at >= now:
                return reserved
            connection.execute(statement("plan/release"), self._key)
            taken = self._counted(connection, now)
            if reserved and reserved[0].send_at >= now - GRACE:
                # A retry always starts a little after its planned time. If it lost its place for that, no run
                # of a long queue would ever be served.
                taken = [each for each in taken if each.is_sent or each.slot.at < reserved[0].send_at]
            times = self._times([each.slot for each in taken], requests, within, now)
            return [
                self._enter(connection, request, slot.at, now)
                for request, slot in zip(requests, times, strict=True)
            ]

    def send(self, planned: Planned, now: datetime) -> datetime:
        """Mark a planned request as sent and return when to send it: now, or later if others were delayed."""
        with self._warehouse.begin() as connection:
            connection.execute(statement("plan/lock_account"), self._key)
            sent = [each.slot for each in self._counted(connection, now) if each.is_sent]
            (slot,) = slots([planned.request.calls], sent, self._quota.calls, now)
            connection.execute(
                statement("plan/mark_sent"), {**self._key, "position": planned.position, "sent_at": slot.at}
            )
            return slot.at

    def _reserved(self, connection: Connection, requests: Sequence[Request]) -> list[Planned]:
        """The requests planned by an earlier try, if they are exactly these and none has been sent."""
        rows = connection.execute(statement("plan/unsent"), self._key).all()
        if [(row.path, row.params) for row in rows] != [(each.path, dict(each.params)) for each in requests]:
            return []
        return [
            Planned(row.position, row.send_at, request) for row, request in zip(rows, requests, strict=True)
        ]

    def _times(
        self, taken: Sequence[Slot], requests: Sequence[Request], within: timedelta, now: datetime
    ) -> list[Slot]:
        limits = self._quota.calls
        calls = [request.calls for request in requests]
        alone = slots(calls, [], limits, now)
        if alone and alone[-1].at - now > within:
            raise ValueError(
                f"{sum(calls):.0f} calls take {alone[-1].at - now} within the quota {limits} (by minutes)"
            )
        start, found = now, slots(calls, taken, limits, now)
        while found and found[-1].at - found[0].at > within:
            # A fetch must not wait half-way for a quota window: it begins in the window in which it ends.
            start = found[-1].at
            found = slots(calls, taken, limits, start)
        return found

    def _counted(self, connection: Connection, now: datetime) -> list[Counted]:
        """All requests that count against the quota at `now` or later, of all runs."""
        since = now - timedelta(minutes=max(self._quota.calls))
        rows = connection.execute(statement("plan/taken"), {**self._key, "since": since})
        return [Counted(Slot(row.counted_at, row.calls), row.is_sent) for row in rows]

    def _enter(self, connection: Connection, request: Request, at: datetime, now: datetime) -> Planned:
        row: dict[str, Any] = {
            **self._key,
            "send_at": at,
            "calls": request.calls,
            "path": request.path,
            "params": json.dumps(dict(request.params)),
            "planned_at": now,
        }
        return Planned(connection.execute(statement("plan/insert"), row).scalar_one(), at, request)
