"""The data interval of a run, as days and as the calendar years that begin within it."""

import re
from dataclasses import dataclass
from datetime import date
from typing import Final

YEAR: Final = re.compile("[0-9]{4}")


@dataclass(frozen=True)
class Interval:
    """The data interval of a run: `start` included, `end` excluded."""

    start: date
    end: date

    @property
    def years(self) -> range:
        """The calendar years that begin within the interval."""
        first = self.start.year + (self.start > date(self.start.year, 1, 1))
        return range(first, self.end.year + (self.end > date(self.end.year, 1, 1)))

    def has_period(self, period: str) -> bool:
        """Whether a published period is one of these years.

        One that is no year belongs to every year that it names, and to all intervals if it names none.
        """
        named = YEAR.findall(period)
        return not named or any(int(year) in self.years for year in named)

    def reaching_back(self, years: int) -> "Interval":
        """The interval with its start moved `years` earlier."""
        return Interval(_years_later(self.start, -years), self.end)

    def reaching_on(self, years: int) -> "Interval":
        """The interval with its end moved `years` later."""
        return Interval(self.start, _years_later(self.end, years))

    def ahead(self, years: int) -> "Interval":
        """The interval moved `years` later, of the same length."""
        return Interval(_years_later(self.start, years), _years_later(self.end, years))


def _years_later(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:  # the 29th of February
        return day.replace(year=day.year + years, day=28)


EVERY_YEAR: Final = Interval(date(1800, 1, 1), date(2101, 1, 1))
"""For reading a complete file, whatever its periods."""
