"""The series of one indicator as arrays of cities and years, so that each case reads only its window."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from city_indicators.analytics.trends.statistics import Array
from city_indicators.catalog.entry import ESTIMATED

SERIES: Final = ["source", "geo_basis", "unit_measure"]
YearNumbers = NDArray[np.int64]


@dataclass(frozen=True)
class Window:
    """Some years of a series: `numbers` (city, year), NaN where there is none, and what their status says."""

    years: YearNumbers
    numbers: Array
    estimated: NDArray[np.bool_]
    breaks: NDArray[np.bool_]

    @property
    def broken(self) -> NDArray[np.bool_]:
        """Which cities have a break in series after their first year in the window."""
        known = ~np.isnan(self.numbers)
        after_first = np.cumsum(known, axis=1) > 1
        return np.asarray((self.breaks & after_first).any(axis=1))


@dataclass(frozen=True)
class CitySeries:
    """A series (source, basis and unit) of all cities: arrays (city, year).

    `row` has the position of each city, `first` is the first year.
    """

    named: Mapping[str, str]
    city_level: bool
    row: Mapping[str, int]
    first: int
    numbers: Array
    estimated: NDArray[np.bool_]
    breaks: NDArray[np.bool_]

    def has(self, city: str, first: int, last: int) -> bool:
        """Whether a city has a value in some years."""
        row = self.row.get(city)
        return row is not None and bool((~np.isnan(self.window(first, last).numbers[row])).any())

    def window(self, first: int, last: int) -> Window:
        """The years from the first to the last, as far as there are any."""
        begin, end = max(0, first - self.first), max(0, last + 1 - self.first)
        years = self.first + np.arange(self.numbers.shape[1])[begin:end]
        inside = np.s_[:, begin:end]
        return Window(years, self.numbers[inside], self.estimated[inside], self.breaks[inside])


def series_of(observations: pd.DataFrame) -> list[CitySeries]:
    """The series of an indicator, in the order of their first observation.

    `observations` as in `evidence.evidence`; projections and observations without a value are left out.
    """
    observed = observations[observations["obs_status"].ne("F") & observations["obs_value"].notna()]
    groups = observed.groupby([*SERIES, "city_level"], observed=True, sort=False)
    return list(map(_series, *zip(*groups, strict=True))) if len(observed) else []


def _series(key: tuple[Any, ...], rows: pd.DataFrame) -> CitySeries:
    *named, city_level = key
    cities = rows["ref_area"].astype("category").cat.remove_unused_categories().cat
    years = rows["time_period"].astype(int).to_numpy()
    first = int(years.min())
    shape = len(cities.categories), int(years.max()) - first + 1
    at = cities.codes.to_numpy(), years - first
    numbers = np.full(shape, np.nan)
    numbers[at] = rows["obs_value"]
    marked = {}
    for name, statuses in (("estimated", ESTIMATED), ("breaks", ("B",))):
        marked[name] = np.zeros(shape, bool)
        marked[name][at] = rows["obs_status"].isin(statuses)
    names = {str(city): number for number, city in enumerate(cities.categories)}
    series = dict(zip(SERIES, map(str, named), strict=True))
    return CitySeries(series, bool(city_level), names, first, numbers, **marked)
