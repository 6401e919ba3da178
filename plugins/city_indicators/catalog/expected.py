"""What may be expected of a source: which year by when, and how often it is asked."""

from datetime import UTC, datetime
from itertools import pairwise
from typing import Final, Self

from pydantic import Field, model_validator

from city_indicators.catalog.entry import Entry

WATCHED_DAYS: Final = 1
"""How often `watch_revisions` asks a source that tells its revision."""
ALLOWANCE_DAYS: Final = 3
"""How overdue a source may be asked before somebody is told: a weekend."""


class Latest(Entry):
    """The latest year that may be expected.

    A year's observations are there `lag_days` after its end; an edition that is not continued ends with
    `last_period`.
    """

    lag_days: int | None = Field(default=None, ge=0)
    last_period: int | None = None

    @model_validator(mode="after")
    def _one_latest(self) -> Self:
        if (self.lag_days is None) == (self.last_period is None):
            raise ValueError("give either `lag_days` or `last_period`")
        return self


class Expected(Latest):
    """What may be expected of a source; `indicators` says where one of them differs.

    The publisher changes something at least once in `changed_within_days`; without it, no change is expected.
    """

    changed_within_days: int | None = Field(default=None, ge=1)
    indicators: dict[str, Latest] = Field(default_factory=dict)

    def of(self, indicator: str) -> Latest:
        """The latest year that may be expected of an indicator."""
        return self.indicators.get(indicator, self)


def requested_within_days(schedule: str, watched: bool) -> int:
    """Within how many days a source is asked again, by its schedule (cron) or because it is watched."""
    if watched:
        return WATCHED_DAYS + ALLOWANCE_DAYS
    from croniter import croniter

    # Five ticks of a yearly schedule meet a leap year, whichever year is the first.
    ticks = croniter(schedule, datetime(2000, 1, 1, tzinfo=UTC))
    days: list[datetime] = [ticks.get_next(datetime) for _ in range(6)]
    return max((later - earlier).days for earlier, later in pairwise(days)) + ALLOWANCE_DAYS
