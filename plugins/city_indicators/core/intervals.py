"""The period that a run owns, as days and as the calendar years that begin within it."""

from dataclasses import dataclass
from datetime import date
from typing import Final

import pandas as pd


@dataclass(frozen=True)
class Interval:
    """The period a run owns: `start` included, `end` excluded."""

    start: date
    end: date

    @property
    def years(self) -> range:
        """The calendar years that begin within the interval."""
        first = self.start.year + (self.start > date(self.start.year, 1, 1))
        return range(first, self.end.year + (self.end > date(self.end.year, 1, 1)))

    def reaching_back(self, years: int) -> "Interval":
        """The same interval, begun `years` earlier."""
        return Interval((pd.Timestamp(self.start) - pd.DateOffset(years=years)).date(), self.end)

    def reaching_on(self, years: int) -> "Interval":
        """The same interval, ended `years` later."""
        return Interval(self.start, (pd.Timestamp(self.end) + pd.DateOffset(years=years)).date())

    def ahead(self, years: int) -> "Interval":
        """The interval as long, begun `years` later."""
        offset = pd.DateOffset(years=years)
        return Interval(*((pd.Timestamp(day) + offset).date() for day in (self.start, self.end)))


EVERY_YEAR: Final = Interval(date(1800, 1, 1), date(2101, 1, 1))
"""For reading a whole file, whatever its periods."""
