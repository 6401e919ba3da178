"""Pairs the observations of a load with those held, and measures how far two values are apart."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from city_indicators.ingest.categories import alike
from city_indicators.ingest.normalise import KEY

SAME: Final = 1e-9
"""Values that are relatively closer than this are the same."""
Values = npt.NDArray[np.float64]
Years = dict[int, Values]
"""The values of one indicator by year, in order: one of each place, NaN where there is none."""
Texts = dict[str, str]
"""What a check found: by indicator, the reason in words."""


def apart(value: Any, base: Any) -> Any:
    """The relative difference of two values from -2 to 2: their difference by the larger of the two.

    0 if both are 0, 1 or -1 if one of them is, beyond that if their signs differ.
    """
    larger = np.maximum(np.abs(value), np.abs(base))
    difference = np.asarray(value, float) - np.asarray(base, float)
    return np.divide(difference, larger, out=np.zeros_like(difference), where=np.asarray(larger) > 0)


def paired(observations: pd.DataFrame, held: pd.DataFrame) -> pd.DataFrame:
    """The observations whose key is held in the same unit, with `held_value` and `apart`.

    `observations` and `held` have ref_area, indicator, time_period, unit_measure and obs_value.
    """
    columns = [*KEY, "unit_measure", "obs_value"]
    of_years = held[held["time_period"].isin(observations["time_period"].unique())]
    pairs = observations[columns].merge(
        of_years[columns].rename(columns={"obs_value": "held_value"}), on=[*KEY, "unit_measure"]
    )
    return pairs.assign(apart=apart(pairs["obs_value"].to_numpy(float), pairs["held_value"].to_numpy(float)))


@dataclass(frozen=True)
class Series:
    """The values of an indicator in one unit, as a load gives them and as they are held.

    `places` are those of both.
    """

    indicator: str
    places: list[str]
    given: Years
    held: Years


def by_series(observations: pd.DataFrame, held: pd.DataFrame) -> list[Series]:
    """The series of which something is given and something is held."""
    observations, held = alike(observations, held)
    places = [str(place) for place in held["ref_area"].cat.categories]
    known = dict(_years_of_series(held, len(places)))
    return [
        Series(series[0], places, given, known[series])
        for series, given in _years_of_series(observations, len(places))
        if series in known
    ]


def _years_of_series(frame: pd.DataFrame, places: int) -> Iterator[tuple[tuple[str, str], Years]]:
    """The years of each indicator and unit; of repeated keys the first."""
    place, value = frame["ref_area"].cat.codes.to_numpy(), frame["obs_value"].to_numpy(float)
    found: dict[tuple[str, str], Years] = {}
    groups: dict[Any, Any] = frame.groupby(["indicator", "unit_measure", "time_period"]).indices
    for (indicator, unit, period), rows in groups.items():
        if str(period).isdigit():
            values = np.full(places, np.nan)
            values[place[rows][::-1]] = value[rows][::-1]
            found.setdefault((str(indicator), str(unit)), {})[int(period)] = values
    for series in sorted(found):
        yield series, dict(sorted(found[series].items()))


def both(one: Values, other: Values) -> "npt.NDArray[np.bool_]":
    """Which places have both values."""
    return ~np.isnan(one) & ~np.isnan(other)


def percent(share: float) -> str:
    """A share as text with two significant digits, for a reason."""
    return f"{100 * share:.2g} %"


def listed(items: list[str]) -> str:
    """The first three of a list, and how many more there are."""
    more = f" and {len(items) - 3} more" if len(items) > 3 else ""
    return ", ".join(items[:3]) + more
