"""Checks the schedule of a source: a year must begin in every data interval."""

from datetime import UTC, date, datetime
from functools import cache
from itertools import pairwise
from typing import Final

CONTINUOUS: Final = "@continuous"
"""The schedule of a source whose files people submit."""
INTERVALS: Final = 28
"""This many years include every weekday and leap day that a schedule may name."""
POSSIBLE: Final = (
    "use a cron expression with at most one tick a year, for example '0 0 1 1 *' (each 1 January)"
)


@cache
def check_schedule(schedule: str) -> None:
    """Check that a year begins in every interval of a schedule (cron, in UTC), because data are annual.

    Raises:
        ValueError: it is no schedule, or no year begins in one of its intervals.
    """
    from croniter import croniter

    try:
        ticks = croniter(schedule, datetime(2000, 1, 1, tzinfo=UTC))
        days = [ticks.get_next(datetime).date() for _ in range(INTERVALS + 1)]
    except ValueError as error:
        raise ValueError(f"{schedule!r} is no schedule ({error}): {POSSIBLE}") from error
    for start, end in pairwise(days):
        if _next_beginning(start) >= end:
            raise ValueError(
                f"{schedule!r}: in the interval from {start} to {end} no year begins, and a run loads the "
                f"years that begin in its interval: {POSSIBLE}"
            )


def _next_beginning(day: date) -> date:
    """The first day of a year on or after a day."""
    first = day.replace(month=1, day=1)
    return first if first == day else first.replace(year=day.year + 1)
