"""Aggregates the scores of the parts of a pillar into its score.

Arrays have the axes (draw, unit, part), weights (draw, part). A missing part has no weight: the weights of
the others are re-scaled. Copeland: A. H. Copeland (1951), the non-compensatory method of the OECD/JRC
Handbook (2008): the number of units that a unit beats, by the weight of the parts in which it is higher,
minus the number that beat it.
"""

import numpy as np

from city_indicators.analytics.ratings.steps import Aggregation
from city_indicators.analytics.ratings.structure import Floats


def aggregate(how: Aggregation, values: Floats, weights: Floats) -> Floats:
    """Scores with the axes (draw, unit); missing if no part with a weight has a score.

    Geometric and harmonic means of a part that is zero or less are NaN: see `not_positive`.
    """
    if how == "copeland":
        return _copeland(values, weights)
    if how == "geometric":
        with np.errstate(divide="ignore", invalid="ignore"):
            mean: Floats = np.exp(_mean(np.where(values > 0, np.log(values), np.nan), weights))
        return mean
    if how == "harmonic":
        with np.errstate(divide="ignore", invalid="ignore"):
            return 1 / _mean(np.where(values > 0, 1 / values, np.nan), weights)
    return _mean(values, weights)


def not_positive(how: Aggregation, values: Floats) -> np.ndarray:
    """A mask of the parts that a geometric or harmonic mean cannot take, zero or less; one cell if none."""
    if how in ("geometric", "harmonic") and (bad := values <= 0).any():
        return bad
    return np.zeros((1, 1, 1), dtype=bool)


def _mean(values: Floats, weights: Floats) -> Floats:
    """The weighted mean over the parts that are not missing."""
    missing = np.isnan(values)
    if not missing.any():
        total = weights.sum(axis=1)[:, None]
        mean = _weighted(values, weights)
    else:
        mean = _weighted(np.where(missing, 0.0, values), weights)
        total = _weighted((~missing).astype(float), weights)
    with np.errstate(divide="ignore", invalid="ignore"):
        found: Floats = np.where(total > 0, mean / total, np.nan)
    return found


def _weighted(values: Floats, weights: Floats) -> Floats:
    """The weighted sum over the parts: (draw, unit).

    Summed part by part, because the rounding of a matrix product depends on the processor and the number of
    units: a published score must have the same digits on any machine, whatever other units are rated.
    """
    sums: Floats = np.zeros((max(len(values), len(weights)), values.shape[1]))
    for part in range(values.shape[2]):
        sums += values[:, :, part] * weights[:, [part]]
    return sums


def _copeland(values: Floats, weights: Floats) -> Floats:
    """Compares one unit at a time with all others, to avoid a table of all pairs in memory."""
    scores = np.empty((max(len(values), len(weights)), values.shape[1]))
    for unit in range(values.shape[1]):
        above = np.nan_to_num(np.sign(values[:, [unit]] - values))
        scores[:, unit] = np.sign(np.round(_weighted(above, weights), 12)).sum(axis=1)
    return np.where(np.isnan(values).all(axis=-1), np.nan, scores)
