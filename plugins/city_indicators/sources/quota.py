"""When the requests of a metered service may be sent, so that none of its limits breaks."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True)
class Request:
    """A request to come and what the service counts for it."""

    path: str
    params: Mapping[str, str]
    calls: float


@dataclass(frozen=True)
class Slot:
    """A time at which a request of so many calls is sent."""

    at: datetime
    calls: float


def slots(
    calls: Sequence[float], taken: Iterable[Slot], limits: Mapping[int, int], now: datetime
) -> list[Slot]:
    """For each request the first time, at or after `now` and all `taken`, at which no limit breaks.

    `limits` are calls by minutes. Every window of a limit's length keeps it, wherever the service
    begins to count.

    Raises:
        ValueError: a request alone breaks a limit.
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
        # The longest full window opens when its oldest request leaves it.
        span = max(full)
        at = min(slot.at for slot in sent if slot.at > at - span) + span
