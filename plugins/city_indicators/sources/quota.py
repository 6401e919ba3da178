"""Schedules the requests to a metered service so that they keep all of its limits."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True)
class Request:
    """A planned request and the calls that the service counts for it."""

    path: str
    params: Mapping[str, str]
    calls: float


@dataclass(frozen=True)
class Slot:
    """The time at which a request is sent, and its number of calls."""

    at: datetime
    calls: float


def slots(
    calls: Sequence[float], taken: Iterable[Slot], limits: Mapping[int, int], now: datetime
) -> list[Slot]:
    """The first possible time of each request, at or after `now` and all `taken`, that keeps the limits.

    `limits` are calls by minutes. Every window of a limit's length keeps the limit, wherever the service
    begins to count.

    Raises:
        ValueError: a single request exceeds a limit.
    """
    if any(each > min(limits.values()) for each in calls):
        raise ValueError(f"a request counts {max(calls):.0f} calls, more than a limit of {dict(limits)}")
    sent = sorted(taken, key=lambda slot: slot.at)
    found = []
    for each in calls:
        slot = Slot(_first_time(sent, each, limits, now), each)
        sent.append(slot)
        found.append(slot)
    return found


def _first_time(sent: Sequence[Slot], calls: float, limits: Mapping[int, int], now: datetime) -> datetime:
    at = max(now, sent[-1].at) if sent else now
    while True:
        spans = [timedelta(minutes=minutes) for minutes in limits]
        full = [
            span
            for span, limit in zip(spans, limits.values(), strict=True)
            if calls + sum(slot.calls for slot in sent if slot.at > at - span) > limit
        ]
        if not full:
            return at
        # The longest full window has room again when its oldest request leaves it.
        span = max(full)
        at = min(slot.at for slot in sent if slot.at > at - span) + span
