"""Normalises values to one scale on which higher is better. Arrays have the axes (draw, unit, indicator).

OECD/JRC Handbook (2008), step 5; goalposts as in UNDP's Human Development Report.
"""

from collections.abc import Callable, Sequence
from math import nan
from typing import Final, NamedTuple

import numpy as np

from city_indicators.analytics.ratings.goal import Goal
from city_indicators.analytics.ratings.places import lower
from city_indicators.analytics.ratings.steps import Normalisation
from city_indicators.analytics.ratings.structure import Floats

# The scale spans this many standard deviations on either side.
SPAN: Final = 3.0
# Values that differ by less, relative to the largest, are equal: the rest is rounding of their arithmetic.
NEARLY_EQUAL: Final = 1e-12


class NormalisationInput(NamedTuple):
    """The input of a normalisation: values with more being better, and the pool that gives its bounds."""

    values: Floats
    pool: Floats
    leaves: Sequence[Goal]
    how: Normalisation
    scale: tuple[float, float]


def normalise(
    values: Floats,
    leaves: Sequence[Goal],
    how: Normalisation,
    scale: tuple[float, float],
    sample: Floats | None,
) -> Floats:
    """Values on the scale; NaN for an indicator with a single value if the bounds come from a sample.

    `sample` has the axes (anything, indicator): the bounds are taken from it instead of from the units of the
    draw.
    """
    sign = np.array([leaf.sign for leaf in leaves])
    if how.method == "goalposts":
        return _by_goalposts(values, leaves, scale, how.clip)
    oriented = sign * _beside_bands(values, leaves)
    if how.method == "none":
        return oriented
    pool = oriented if sample is None else (sign * _beside_bands(sample, leaves))[None]
    with np.errstate(invalid="ignore"):
        return METHODS[how.method](NormalisationInput(oriented, pool, leaves, how, scale))


def _by_goalposts(values: Floats, leaves: Sequence[Goal], scale: tuple[float, float], clip: bool) -> Floats:
    scores = _between(values, *_posts(leaves, 0), scale, clip)
    if banded := _banded(leaves):
        beyond = _posts([leaves[column] for column in banded], 1)
        above = _between(values[..., banded], *beyond, scale, clip)
        # Within a band, neither side gives more than the best score.
        scores[..., banded] = np.minimum(np.minimum(scores[..., banded], above), scale[1])
    return scores


def _banded(leaves: Sequence[Goal]) -> list[int]:
    """The columns of the indicators with a band."""
    return [column for column, leaf in enumerate(leaves) if leaf.band]


def _posts(leaves: Sequence[Goal], side: int) -> tuple[Floats, Floats]:
    """The goalposts below (0) or above (1) a band; without a band, both sides have the same."""
    worst, best = _as_values([leaf.posts[side] for leaf in leaves], leaves)
    return worst, best


def _beside_bands(values: Floats, leaves: Sequence[Goal]) -> Floats:
    """The distance of each value from its band, 0 within; the value itself without a band."""
    banded = _banded(leaves)
    if not banded:
        return values
    # The order in memory stays too: the last digits of a sum depend on it.
    beside, own = values.copy("K"), [leaves[column] for column in banded]
    low, high = _as_values([leaf.band.best if leaf.band else (nan, nan) for leaf in own], own)
    inside = values[..., banded]
    beside[..., banded] = np.maximum(low - inside, inside - high).clip(0)
    return beside


def _as_values(pairs: Sequence[tuple[float | None, float | None]], leaves: Sequence[Goal]) -> Floats:
    """The first and the second number of each pair, under the logarithm that the values are under."""
    numbers = np.array(pairs, dtype=float).T
    logs = [leaf.log for leaf in leaves]
    return np.where(logs, np.log(np.where(logs & (numbers > 0), numbers, 1)), numbers)


def _between(
    values: Floats, worst: Floats, best: Floats, scale: tuple[float, float], clip: bool = True
) -> Floats:
    with np.errstate(invalid="ignore"):
        position = (values - worst) / np.where(best != worst, best - worst, np.nan)
    return scale[0] + (scale[1] - scale[0]) * (position.clip(0, 1) if clip else position)


def _ends(pool: Floats) -> tuple[Floats, Floats]:
    """The minimum and maximum by draw and indicator; infinite if there is no value."""
    low = np.where(np.isnan(pool), np.inf, pool).min(axis=1, keepdims=True)
    high = np.where(np.isnan(pool), -np.inf, pool).max(axis=1, keepdims=True)
    return low, high


def distinct(low: Floats, high: Floats) -> np.ndarray:
    """Whether the minimum and the maximum differ by more than the rounding of their arithmetic."""
    differ: np.ndarray = high - low > NEARLY_EQUAL * np.maximum(np.abs(low), np.abs(high))
    return differ


def _distinct_ends(pool: Floats) -> tuple[Floats, Floats]:
    """The minimum and maximum, which are the same number if all values are equal but for their rounding."""
    low, high = _ends(pool)
    return low, np.where(distinct(low, high), high, low)


def _min_max(case: NormalisationInput) -> Floats:
    return _between(case.values, *_distinct_ends(case.pool), case.scale)


def _to_target(case: NormalisationInput) -> Floats:
    target = np.array([leaf.target for leaf in case.leaves], dtype=float)
    oriented = target * [leaf.sign for leaf in case.leaves]
    lowest = _ends(case.pool)[0]
    scores = _between(case.values, lowest, oriented, case.scale, case.how.clip)
    # If all units have reached the target, the distance to it spans no scale.
    reached = (lowest >= oriented) & ~np.isnan(case.values)
    return np.where(reached, case.scale[1], scores)


def _z_score(case: NormalisationInput) -> Floats:
    count = np.sum(~np.isnan(case.pool), axis=1, keepdims=True)
    low, high = _distinct_ends(case.pool)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = np.nansum(case.pool, axis=1, keepdims=True) / count
        spread = np.sqrt(np.nansum((case.pool - mean) ** 2, axis=1, keepdims=True) / (count - 1))
        scores = np.where(high > low, (case.values - mean) / spread, np.nan)
    if case.how.mean is not None and case.how.sd is not None:
        return case.how.mean + case.how.sd * scores
    return _between(scores, np.array(-SPAN), np.array(SPAN), case.scale)


def _places(values: Floats, pool: Floats) -> Floats:
    """The number of values in the pool that are lower."""
    if pool is values:
        return np.moveaxis(lower(np.moveaxis(values, 1, 2)), 2, 1)
    ordered = np.sort(np.moveaxis(pool, 1, 2), axis=2)
    mine = np.moveaxis(values, 1, 2)
    places = np.empty(mine.shape)
    for at in np.ndindex(mine.shape[:2]):
        places[at] = np.searchsorted(ordered[at[0] % len(ordered), at[1]], mine[at], side="left")
    return np.where(np.isnan(values), np.nan, np.moveaxis(places, 2, 1))


def _rank(case: NormalisationInput) -> Floats:
    return _places(case.values, case.pool) + 1


def _borda(case: NormalisationInput) -> Floats:
    return _places(case.values, case.pool)


def _percentile(case: NormalisationInput) -> Floats:
    others = np.sum(~np.isnan(case.pool), axis=1, keepdims=True) - 1.0
    return _between(_places(case.values, case.pool), np.zeros_like(others), others, case.scale)


def _exponential(case: NormalisationInput) -> Floats:
    """As in the English Indices of Deprivation: -23 ln(1 - R (1 - exp(-100/23))), R from 1 / n to 1."""
    share = (_places(case.values, case.pool) + 1) / np.sum(~np.isnan(case.pool), axis=1, keepdims=True)
    decay = case.how.decay
    percent: Floats = -decay * np.log1p(share * np.expm1(-100 / decay))
    return _between(percent, np.array(0.0), np.array(100.0), case.scale)


METHODS: Final[dict[str, Callable[[NormalisationInput], Floats]]] = {
    "min_max": _min_max,
    # 1 - (max - x) / (max - min), as COINr defines it, is the same.
    "distance_to_max": _min_max,
    "distance_to_target": _to_target,
    "z_score": _z_score,
    "rank": _rank,
    "borda": _borda,
    "percentile_rank": _percentile,
    "exponential_rank": _exponential,
}
