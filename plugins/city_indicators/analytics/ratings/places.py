"""Places of values among others: how many are lower."""

from math import prod
from typing import Final

import numpy as np

from city_indicators.analytics.ratings.structure import Floats

CELLS_AT_ONCE: Final = 50_000
"""So many values at a time stay in the cache of a processor."""


def lower(values: Floats) -> Floats:
    """The number of lower values along the last axis; missing where the value is.

    It is one less than `scipy.stats.rankdata(method="min")`, in a quarter of the time.
    """
    rows = values.reshape(prod(values.shape[:-1]), values.shape[-1])
    found = np.empty(rows.shape)
    at_once = max(1, CELLS_AT_ONCE // max(1, rows.shape[1]))
    for start in range(0, len(rows), at_once):
        some = slice(start, start + at_once)
        found[some] = _lower(rows[some])
    found[np.isnan(rows)] = np.nan
    return found.reshape(values.shape)


def _lower(rows: Floats) -> Floats:
    # Without NaN, NumPy sorts several values at once.
    filled = np.where(np.isnan(rows), np.inf, rows)
    order = np.argsort(filled, axis=1) + np.arange(len(rows))[:, None] * rows.shape[1]
    ordered = filled.ravel()[order]
    first = np.zeros(rows.shape, dtype=np.int64)
    np.multiply(ordered[:, 1:] != ordered[:, :-1], np.arange(1, rows.shape[1]), out=first[:, 1:])
    np.maximum.accumulate(first, axis=1, out=first)
    found = np.empty(rows.size)
    found[order] = first
    return found.reshape(rows.shape)
