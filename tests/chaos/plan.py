"""What befalls a backfill, and after how many of its runs: drawn from a seed."""

from dataclasses import dataclass
from random import Random
from typing import Final

KILLS: Final = {"task": 6, "scheduler": 3, "postgres": 3, "mock_server": 3}
FAULTS: Final = ("too_many_requests", "server_error", "unavailable", "disconnect", "timeout", "truncated")
ORDERS_OF_A_FAULT: Final = 2
"""For each source."""
MOST_IN_A_ROW: Final = 6
"""A request is made five times before its task gives up."""
SLOW_SECONDS: Final = 5.0


@dataclass(frozen=True, order=True)
class Event:
    """After `runs` runs have ended: a process is killed, or the next `times` answers of a source fail."""

    runs: int
    what: str
    source: str = ""
    times: int = 1


def draw(seed: int, sources: dict[str, bool], runs: int) -> list[Event]:
    """The events of a seed in the order in which they come.

    `sources` says of each whether its answers show by themselves that they were cut off.
    """
    random = Random(seed)  # noqa: S311
    last = runs * 9 // 10
    kills = [
        Event(random.randint(1, last), what) for what, times in sorted(KILLS.items()) for _ in range(times)
    ]
    faults = [
        # One that the task does not try again at all, or as a whole, would by six use up its tries.
        Event(
            random.randint(0, last),
            kind,
            source,
            1 if kind in ("truncated", "disconnect") else random.randint(1, MOST_IN_A_ROW),
        )
        for source, tells_truncation in sorted(sources.items())
        for kind in FAULTS
        for _ in range(ORDERS_OF_A_FAULT)
        if tells_truncation or kind != "truncated"
    ]
    return sorted(kills + faults)
