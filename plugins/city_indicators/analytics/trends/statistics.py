"""Trend statistics, computed for many series of the same length at once.

`years` and `values` have the shape (series, points), years rising in each row, no value missing. Every result
has one entry per series; NaN where the statistic is not defined. The formulas are those of the libraries
named, vectorised for speed; tests compare the results.
"""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]

CONFIDENCE: Final = 0.95
"""Confidence level of the bounds of a slope, and of significant autocorrelations."""
FEWEST_BETWEEN_BREAKS: Final = 3


@dataclass(frozen=True)
class MannKendall:
    """Mann-Kendall: `s` and its `variance` with ties corrected, z, two-sided p, and tau-a."""

    s: Array
    variance: Array
    z: Array
    p: Array
    tau: Array


@dataclass(frozen=True)
class CorrectedMannKendall:
    """Mann-Kendall's z and p with the variance corrected for autocorrelation.

    `first` is the autocorrelation at lag 1 of the ranks without the trend, `significant` whether it is
    beyond ±1.96/√n. z is NaN where the corrected variance is not positive.
    """

    z: Array
    p: Array
    first: Array
    significant: Flags


@dataclass(frozen=True)
class Pettitt:
    """Pettitt's test: its approximate two-sided p, and the number of points before the change."""

    p: Array
    before: NDArray[np.int64]


def growth(years: Array, values: Array) -> tuple[Array, Array]:
    """Compound annual growth of the end points, and the slope of the logarithms by least squares (1/year).

    Both are NaN where a value is not positive.
    """
    positive = values.min(axis=1) > 0
    logs = np.log(np.where(positive[:, None], values, 1.0))
    compound = np.expm1((logs[:, -1] - logs[:, 0]) / (years[:, -1] - years[:, 0]))
    centred = years - years.mean(axis=1, keepdims=True)
    regressed = (centred * (logs - logs.mean(axis=1, keepdims=True))).sum(axis=1) / (centred**2).sum(axis=1)
    return np.where(positive, compound, np.nan), np.where(positive, regressed, np.nan)


def slopes(years: Array, values: Array) -> Array:
    """The slopes between all pairs of points, sorted in each row: shape (series, n(n - 1)/2)."""
    series, points = values.shape
    pairs = np.empty((series, points * (points - 1) // 2))
    begun = 0
    for apart in range(1, points):
        part = pairs[:, begun : begun + points - apart]
        np.subtract(values[:, apart:], values[:, :-apart], out=part)
        part /= years[:, apart:] - years[:, :-apart]
        begun += points - apart
    pairs.sort(axis=1)
    return pairs


def theil_sen(pairs: Array, variance: Array) -> tuple[Array, Array, Array]:
    """The median of `slopes`, and its lower and upper 95 % bounds, as scipy.stats.theilslopes.

    `variance` is Mann-Kendall's. Source: Sen (1968), JASA 63, equation 2.6.
    """
    from scipy.stats import norm

    count = pairs.shape[1]
    reach = norm.ppf((1 + CONFIDENCE) / 2) * np.sqrt(variance)
    low = np.maximum(np.round((count - reach) / 2).astype(int) - 1, 0)
    high = np.minimum(np.round((count + reach) / 2).astype(int), count - 1)
    row = np.arange(len(pairs))
    return _median(pairs), pairs[row, low], pairs[row, high]


def mann_kendall(values: Array, pairs: Array) -> MannKendall:
    """The test on `slopes` for a monotonic trend, ties corrected, as pymannkendall.original_test.

    A constant series has z 0 and p 1.
    """
    from scipy.stats import rankdata

    points = values.shape[1]
    s = np.sign(pairs).sum(axis=1)
    tied = rankdata(values, method="max", axis=1) - rankdata(values, method="min", axis=1) + 1
    of_ties = ((tied - 1) * (2 * tied + 5)).sum(axis=1)
    variance = (points * (points - 1) * (2 * points + 5) - of_ties) / 18
    z = _z(s, variance)
    return MannKendall(s, variance, z, _p(z), s / (points * (points - 1) / 2))


def without_autocorrelation(values: Array, slope: Array, test: MannKendall) -> CorrectedMannKendall:
    """The test with its variance corrected, as pymannkendall.hamed_rao_modification_test.

    The points must be evenly spaced; `slope` is Theil-Sen's from one point to the next. Source: Hamed and Rao
    (1998), Journal of Hydrology 204, with every lag whose autocorrelation is significant at 5 %.
    """
    from scipy.stats import norm, rankdata

    points = values.shape[1]
    ranks = rankdata(values - np.arange(1, points + 1) * slope[:, None], axis=1)
    ranks -= ranks.mean(axis=1, keepdims=True)
    total = (ranks**2).sum(axis=1)
    bound = norm.ppf((1 + CONFIDENCE) / 2) / math.sqrt(points)
    added = np.zeros(len(values))
    first = np.full(len(values), np.nan)
    for lag in range(1, points):
        with np.errstate(invalid="ignore", divide="ignore"):
            correlation = (ranks[:, lag:] * ranks[:, :-lag]).sum(axis=1) / total
        if lag == 1:
            first = correlation
        weight = (points - lag) * (points - lag - 1) * (points - lag - 2)
        added += np.where(np.abs(correlation) > bound, weight * correlation, 0.0)
    z = _z(test.s, test.variance * (1 + 2 * added / (points * (points - 1) * (points - 2))))
    return CorrectedMannKendall(z, _p(z), first, np.abs(first) > bound)


def pettitt(values: Array) -> Pettitt:
    """The test for one change of level. Source: Pettitt (1979), Applied Statistics 28."""
    from scipy.stats import rankdata

    points = values.shape[1]
    before = np.arange(1, points)
    u = 2 * rankdata(values, axis=1)[:, :-1].cumsum(axis=1) - before * (points + 1)
    k = np.abs(u).max(axis=1)
    p = np.minimum(2 * np.exp(-6 * k**2 / (points**3 + points**2)), 1.0)
    return Pettitt(p, np.abs(u).argmax(axis=1) + 1)


def level_shifts(values: Array) -> list[list[int]]:
    """The positions in each series at which a new level begins, by PELT; a constant series has none.

    Least squares on the standardised series, at least 3 points a level, penalty 2 ln n: as ruptures.Pelt, by
    that library's faster way to the same minimum.
    """
    from ruptures import KernelCPD

    points = values.shape[1]
    spread = values.std(axis=1, keepdims=True)
    with np.errstate(invalid="ignore", divide="ignore"):
        standard = (values - values.mean(axis=1, keepdims=True)) / spread
    search = KernelCPD(kernel="linear", min_size=FEWEST_BETWEEN_BREAKS)
    return [
        search.fit(series).predict(pen=2 * math.log(points))[:-1] if width > 0 else []
        for series, width in zip(standard, spread[:, 0], strict=True)
    ]


def _median(pairs: Array) -> Array:
    """The median of sorted rows."""
    count = pairs.shape[1]
    return np.asarray((pairs[:, (count - 1) // 2] + pairs[:, count // 2]) / 2)


def _z(s: Array, variance: Array) -> Array:
    with np.errstate(invalid="ignore", divide="ignore"):
        z = (s - np.sign(s)) / np.sqrt(variance)
    return np.where(s == 0, np.where(variance < 0, np.nan, 0.0), np.where(np.isfinite(z), z, np.nan))


def _p(z: Array) -> Array:
    from scipy.stats import norm

    return np.asarray(2 * norm.sf(np.abs(z)))
