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
    found: Texts = {}
    for (indicator, year), (count, value) in _constant_years(observations).items():
        found.setdefault(indicator, f"all {count} values of {indicator} {year} are {value:.6g}")
    usual = {indicator for indicator, _ in _constant_years(held)} if found else set()
    return {indicator: text for indicator, text in found.items() if indicator not in usual}


def _constant_years(frame: pd.DataFrame) -> dict[tuple[str, str], tuple[int, float]]:
    """Where all values of an indicator and year are the same, from FEWEST on: how many, and which."""
    by_year = frame.groupby(["indicator", "time_period"])["obs_value"].agg(["size", "min", "max"])
    same = by_year[(by_year["size"] >= FEWEST) & (by_year["min"] == by_year["max"])]
    return {(str(key[0]), str(key[1])): (int(size), low) for key, size, low, _ in same.itertuples(name=None)}


def copied(observations: pd.DataFrame, held: pd.DataFrame) -> Texts:
    """Indicators whose values are those of another indicator of the load, and were not before."""
    found: Texts = {}
    now = _columns(*alike(observations))
    for one, other in combinations(now, 2):
        share, n = _equal(now, one, other)
        if n < FEWEST_COPIED or share < COPIED or len(np.unique(now[one][~np.isnan(now[one])])) < FEWEST:
            continue
        of_both = held[held["indicator"].isin([one, other])]
        held_share, held_n = _equal(_columns(*alike(of_both)), one, other)
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
