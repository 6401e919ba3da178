"""The freshness expected of a source: its latest year, its changes, and how often we request it."""

from datetime import UTC, datetime
from itertools import pairwise
from typing import Final, Self

from pydantic import Field, model_validator

from city_indicators.catalog.entry import Entry

WATCHED_DAYS: Final = 1
"""How often `watch_revisions` requests the revision of a source that publishes one."""
ALLOWANCE_DAYS: Final = 3
"""How many days a request may be overdue before an alert: a weekend."""


class Latest(Entry):
    """The latest year to expect.

    A year is published `lag_days` after its end; an edition that is not continued ends with `last_period`.
    """

    lag_days: int | None = Field(default=None, ge=0)
    last_period: int | None = None

    @model_validator(mode="after")
    def _one_latest(self) -> Self:
        if (self.lag_days is None) == (self.last_period is None):
            raise ValueError("give either `lag_days` or `last_period`")
        return self


class Expected(Latest):
    """The freshness expected of a source; `indicators` lists those that differ.

    The publisher changes something at least once in `changed_within_days`; without it, no change is expected.
    """

    changed_within_days: int | None = Field(default=None, ge=1)
    indicators: dict[str, Latest] = Field(default_factory=dict)

    def of(self, indicator: str) -> Latest:
        """The latest year to expect of an indicator."""
        return self.indicators.get(indicator, self)


def requested_within_days(schedule: str, watched: bool) -> int:
    """The longest time between requests to a source in days: by its schedule (cron), or daily if watched."""
    if watched:
        return WATCHED_DAYS + ALLOWANCE_DAYS
    from croniter import croniter

    # Five intervals of a yearly schedule include a leap year, whichever year is the first.
    ticks = croniter(schedule, datetime(2000, 1, 1, tzinfo=UTC))
    days: list[datetime] = [ticks.get_next(datetime) for _ in range(6)]
    return max((later - earlier).days for earlier, later in pairwise(days)) + ALLOWANCE_DAYS
