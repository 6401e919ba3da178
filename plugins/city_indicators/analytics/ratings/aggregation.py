"""From the scores of a pillar's parts to its own.

Arrays have the axes (draw, unit, part), weights (draw, part). A missing part does not weigh: the weights of
the others are re-scaled. Copeland: A. H. Copeland (1951), the non-compensatory way of the OECD/JRC Handbook
(2008): how many units a unit is above, by the weight of the parts that are higher, less how many are above.
"""

import numpy as np

from city_indicators.analytics.ratings.steps import Aggregation
from city_indicators.analytics.ratings.structure import Floats


def aggregate(how: Aggregation, values: Floats, weights: Floats) -> Floats:
    """Scores with the axes (draw, unit); missing where no part with a weight is there.

    Geometric and harmonic means of a part that is zero or less are not a number: see `not_positive`.
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
    """Where parts stand that such a mean cannot take: an array of booleans like `values`."""
    if how in ("geometric", "harmonic"):
        return values <= 0
    return np.zeros(values.shape, dtype=bool)


def _mean(values: Floats, weights: Floats) -> Floats:
    """The weighted mean over the parts that are there."""
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

    Part after part, because a product of matrices rounds by the processor's kernel and the number of units:
    a published score must have the same digits on any machine, whoever else is rated.
    """
    sums: Floats = np.zeros((max(len(values), len(weights)), values.shape[1]))
    for part in range(values.shape[2]):
        sums += values[:, :, part] * weights[:, [part]]
    return sums


def _copeland(values: Floats, weights: Floats) -> Floats:
    """One unit against all others at a time, so that no table of all pairs is held."""
    scores = np.empty((max(len(values), len(weights)), values.shape[1]))
    for unit in range(values.shape[1]):
        above = np.nan_to_num(np.sign(values[:, [unit]] - values))
        scores[:, unit] = np.sign(np.round(_weighted(above, weights), 12)).sum(axis=1)
    return np.where(np.isnan(values).all(axis=-1), np.nan, scores)
