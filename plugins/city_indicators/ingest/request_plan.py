"""The plan of requests to metered services, kept where every process sees it."""

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
"""How overdue a try still finds its turn: it had to wait for the scheduler, or for a slot of its pool."""


@dataclass(frozen=True)
class Planned:
    """A request of the plan: its number within the run and when to send it."""

    position: int
    send_at: datetime
    request: Request


@dataclass(frozen=True)
class Counted:
    """A request of any run that the limits count: when it was sent or, until then, is to be sent."""

    slot: Slot
    is_sent: bool


class RequestPlan:
    """The requests of one run to a metered service, beside those of all other runs."""

    def __init__(self, warehouse: Engine, quota: Quota, run: Run) -> None:
        self._warehouse = warehouse
        self._quota = quota
        self._key = {"account": quota.account, **vars(run)}

    def reserve(self, requests: Sequence[Request], within: timedelta, now: datetime) -> list[Planned]:
        """A time for each request, all `within` the span of one fetch and none before `now`.

        A repeated try keeps its times. If the first of them is past, all are planned anew: where they were
        in the queue if the try is a little overdue, else behind everything planned.

        Raises:
            ValueError: the requests alone do not fit the limits within that span.
        """
        with self._warehouse.begin() as connection:
            connection.execute(statement("plan/lock_account"), self._key)
            held = self._held(connection, requests)
            if held and held[0].send_at >= now:
                return held
            connection.execute(statement("plan/release"), self._key)
            taken = self._counted(connection, now)
            if held and held[0].send_at >= now - GRACE:
                # A try is always a little overdue for a turn it was told to come back at: were it to lose its
                # place for that, no run of a long queue would ever be served.
                taken = [each for each in taken if each.is_sent or each.slot.at < held[0].send_at]
            times = self._times([each.slot for each in taken], requests, within, now)
            return [
                self._enter(connection, request, slot.at, now)
                for request, slot in zip(requests, times, strict=True)
            ]

    def send(self, planned: Planned, now: datetime) -> datetime:
        """When a planned request leaves, noted as sent: now, or later if others left later than planned."""
        with self._warehouse.begin() as connection:
            connection.execute(statement("plan/lock_account"), self._key)
            sent = [each.slot for each in self._counted(connection, now) if each.is_sent]
            (slot,) = slots([planned.request.calls], sent, self._quota.calls, now)
            connection.execute(
                statement("plan/mark_sent"), {**self._key, "position": planned.position, "sent_at": slot.at}
            )
            return slot.at

    def _held(self, connection: Connection, requests: Sequence[Request]) -> list[Planned]:
        """The times of an earlier try, if it planned just these requests and sent none of them."""
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
                f"{sum(calls):.0f} calls take {alone[-1].at - now} of the limits {limits} (calls by minutes)"
            )
        start, found = now, slots(calls, taken, limits, now)
        while found and found[-1].at - found[0].at > within:
            # A fetch is not interrupted half-way: it begins when the last window has opened.
            start = found[-1].at
            found = slots(calls, taken, limits, start)
        return found

    def _counted(self, connection: Connection, now: datetime) -> list[Counted]:
        """What the limits count at `now` or later, of all runs."""
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
