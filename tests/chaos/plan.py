"""Draws the faults of a chaos test from a seed: which one, and after how many runs."""

from dataclasses import dataclass
from random import Random
from typing import Final

KILLS: Final = {"task": 6, "scheduler": 3, "postgres": 3, "mock_server": 3}
DAMAGES: Final = {"clock_ahead": 2, "bit_rot": 3, "torn_write": 2, "torn_stage": 2, "second_writer": 3}
FAULTS: Final = ("too_many_requests", "server_error", "unavailable", "disconnect", "timeout", "truncated")
INJECTIONS_PER_FAULT: Final = 2
"""How often each fault is injected for each source."""
MOST_IN_A_ROW: Final = 6
"""A task tries each request five times."""
SLOW_SECONDS: Final = 5.0


@dataclass(frozen=True, order=True)
class Event:
    """A fault after `runs` finished runs: a process is killed, data are damaged, or answers fail.

    `times` is how many answers in a row fail.
    """

    runs: int
    what: str
    source: str = ""
    times: int = 1


def draw(seed: int, sources: dict[str, bool], runs: int) -> list[Event]:
    """The events of a seed, in order.

    `sources` has for each source whether a truncated answer is detectable.
    """
    random = Random(seed)  # noqa: S311
    last = runs * 9 // 10
    kills = [
        Event(random.randint(1, last), what)
        for what, times in sorted((KILLS | DAMAGES).items())
        for _ in range(times)
    ]
    faults = [
        # These faults are not retried within a task; six of them would use up its tries.
        Event(
            random.randint(0, last),
            kind,
            source,
            1 if kind in ("truncated", "disconnect") else random.randint(1, MOST_IN_A_ROW),
        )
        for source, shows_truncation in sorted(sources.items())
        for kind in FAULTS
        for _ in range(INJECTIONS_PER_FAULT)
        if shows_truncation or kind != "truncated"
    ]
    return sorted(kills + faults)
