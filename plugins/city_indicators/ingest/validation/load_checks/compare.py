"""Pairs the observations of a load with those held, and measures how far two values are apart."""

from typing import Any, Final

import numpy as np
import pandas as pd

from city_indicators.ingest.normalise import KEY

SAME: Final = 1e-9
"""Values that are relatively closer than this are the same."""
Years = dict[int, "pd.Series[float]"]
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
    pairs = observations[columns].merge(
        held[columns].rename(columns={"obs_value": "held_value"}), on=[*KEY, "unit_measure"]
    )
    return pairs.assign(apart=apart(pairs["obs_value"].to_numpy(float), pairs["held_value"].to_numpy(float)))


def by_year(frame: pd.DataFrame) -> Years:
    """The values of one indicator by year, in order: a series by place; the first of repeated keys."""
    first = frame.drop_duplicates(["ref_area", "time_period"])
    return {
        int(str(year)): group.set_index("ref_area")["obs_value"]
        for year, group in first.groupby("time_period")
        if str(year).isdigit()
    }


def percent(share: float) -> str:
    """A share as text with two significant digits, for a reason."""
    return f"{100 * share:.2g} %"


def listed(items: list[str]) -> str:
    """The first three of a list, and how many more there are."""
    more = f" and {len(items) - 3} more" if len(items) > 3 else ""
    return ", ".join(items[:3]) + more
