"""Measures of inequality and of city-size distributions: Gini, Theil, Herfindahl, primacy, Zipf."""

import math
from typing import Final

import numpy as np

from city_indicators.analytics.trends.statistics import Array

FOUR: Final = 4


def gini(values: Array) -> float:
    """The Gini coefficient, 0 to 1, of non-negative values."""
    ranked = np.sort(values)
    count = len(ranked)
    return float((2 * np.arange(1, count + 1) - count - 1) @ ranked / (count * ranked.sum()))


def theil(values: Array) -> float:
    """Theil's T, 0 to ln n, of non-negative values; a value of 0 adds nothing."""
    share = values / values.mean()
    positive = share[share > 0]
    return float((positive * np.log(positive)).sum() / len(values))


def herfindahl(values: Array) -> float:
    """The sum of squared shares, 1/n to 1."""
    return float(((values / values.sum()) ** 2).sum())


def primacy(values: Array) -> tuple[float, float, float]:
    """The largest over the second; its share of all; the largest over the three that follow.

    The last is NaN with fewer than four values, the first with fewer than two.
    """
    largest = np.sort(values)[::-1]
    second = largest[0] / largest[1] if len(largest) > 1 else np.nan
    three = largest[0] / largest[1:4].sum() if len(largest) >= FOUR else np.nan
    return float(second), float(largest[0] / largest.sum()), float(three)


def zipf(values: Array, largest: int) -> tuple[float, float, int]:
    """Zipf's exponent of the `largest` positive sizes, its standard error, and how many sizes were used.

    The slope of ln(rank - 1/2) on ln(size), sign turned, by least squares, with the standard error b·√(2/n):
    that of least squares is far too small, since ranks are not independent. Source: Gabaix and Ibragimov
    (2011), Journal of Business & Economic Statistics 29.
    """
    sizes = np.sort(values)[::-1][:largest]
    x = np.log(sizes)
    y = np.log(np.arange(1, len(sizes) + 1) - 0.5)
    x -= x.mean()
    exponent = float(-(x @ y) / (x @ x))
    return exponent, exponent * math.sqrt(2 / len(sizes)), len(sizes)
