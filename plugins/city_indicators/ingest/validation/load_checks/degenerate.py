"""Checks whether a column has become zero, constant, or a copy of another."""

from itertools import combinations
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from city_indicators.ingest.categories import alike
from city_indicators.ingest.validation.load_checks.compare import SAME, Texts, apart

FEWEST: Final = 5
"""From how many values on it is no coincidence that all are the same."""
FEWEST_COPIED: Final = 8
COPIED: Final = 0.9
"""The share of equal values from which on one column is a copy of another."""


def constant(observations: pd.DataFrame, held: pd.DataFrame) -> Texts:
    """Indicators with a year in which all places have one value, unless a held year is like that."""
    usual = {
        str(key[0])
        for key, group in held.groupby(["indicator", "time_period"])
        if len(group) >= FEWEST and _is_constant(group)
    }
    found: Texts = {}
    for (indicator, year), group in observations.groupby(["indicator", "time_period"]):
        if len(group) >= FEWEST and _is_constant(group) and indicator not in usual:
            found.setdefault(
                str(indicator),
                f"all {len(group)} values of {indicator} {year} are {group['obs_value'].iloc[0]:.6g}",
            )
    return found


def _is_constant(group: pd.DataFrame) -> bool:
    values = group["obs_value"].to_numpy()
    return bool((values == values[0]).all())


def copied(observations: pd.DataFrame, held: pd.DataFrame) -> Texts:
    """Indicators whose values are those of another indicator of the load, and were not before."""
    found: Texts = {}
    now, before = map(_columns, alike(observations, held))
    for one, other in combinations(now, 2):
        share, n = _equal(now, one, other)
        if n < FEWEST_COPIED or share < COPIED or len(np.unique(now[one][~np.isnan(now[one])])) < FEWEST:
            continue
        held_share, held_n = _equal(before, one, other)
        if held_n < FEWEST_COPIED or held_share < COPIED / 2:
            text = f"{one} and {other} have the same values ({n} compared): one is a copy of the other"
            found.update({one: text, other: text})
    return found


def _columns(frame: pd.DataFrame) -> dict[str, "npt.NDArray[np.float64]"]:
    """The values of each indicator by place and year, in the order of their categories, or NaN."""
    places, years = frame["ref_area"].cat, frame["time_period"].cat
    cell = places.codes.to_numpy().astype(np.int64) * len(years.categories) + years.codes.to_numpy()
    columns: dict[str, npt.NDArray[np.float64]] = {}
    for indicator, at in frame.groupby("indicator").indices.items():
        values = columns[str(indicator)] = np.full(len(places.categories) * len(years.categories), np.nan)
        # Backwards, so that of repeated keys the first stays.
        values[cell[at][::-1]] = frame["obs_value"].to_numpy()[at][::-1]
    return columns


def _equal(columns: dict[str, "npt.NDArray[np.float64]"], one: str, other: str) -> tuple[float, int]:
    """The share of equal values among the common keys of two columns, and the number of these keys."""
    if not {one, other} <= set(columns):
        return 0.0, 0
    values, others = columns[one], columns[other]
    both = ~np.isnan(values) & ~np.isnan(others)
    if not both.any():
        return 0.0, 0
    equal = np.abs(apart(values[both], others[both])) <= SAME
    return float(equal.mean()), int(both.sum())
