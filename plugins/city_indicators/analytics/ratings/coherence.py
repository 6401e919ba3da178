"""Coherence of a rating: correlations, reliability and importance of the parts of each pillar.

OECD/JRC Handbook (2008), step 4; the flags follow the audits of the JRC. Importance against weight:
P. Paruolo, M. Saisana, A. Saltelli (2013), Ratings and rankings: voodoo or science?, J. R. Statist. Soc. A
176(3), in its linear form, the squared correlation.
"""

from collections.abc import Iterator
from itertools import combinations
from typing import Any, Final

import numpy as np
import pandas as pd

from city_indicators.analytics.ratings.decomposition import declared_weights
from city_indicators.analytics.ratings.normalisation import distinct
from city_indicators.analytics.ratings.structure import Floats, Node
from city_indicators.analytics.ratings.tables import Steps

REDUNDANT: Final = 0.92
RELIABLE: Final = 0.7
LEAST_UNITS: Final = 3
NEARLY_ZERO: Final = 1e-12
COLUMNS: Final = [
    "time_period",
    "pillar",
    "part",
    "other",
    "statistic",
    "value",
    "p_value",
    "n_units",
    "threshold",
    "flag",
]


def coherence(steps: Steps) -> pd.DataFrame:
    """One row per statistic and period, for each pillar, its parts and their pairs, over the ranked units.

    Statistics: correlation (Pearson, of a pair, with its p-value), cronbach_alpha and first_component_share
    (of the pillar, over units with all parts), pca_weight (the loading of the part in the first component,
    with the sum of loadings positive), weight (the declared share in the index), importance (squared
    correlation with the index). `n_units` is the number of units of a statistic. `flag` is negative,
    redundant, unreliable, against_its_pillar, or missing.
    """
    declared = declared_weights(steps.chain.structure)
    ranked = np.where(np.isnan(steps.ranked_scores)[..., None], np.nan, steps.scores)
    rows = [
        row | {"time_period": label}
        for period, label in enumerate(steps.chain.panel.periods)
        for node in steps.chain.structure.nodes
        for row in _of_pillar(steps, ranked[period], node, declared)
    ]
    return pd.DataFrame(rows, columns=COLUMNS)


def _of_pillar(steps: Steps, scores: Floats, node: Node, declared: Floats) -> Iterator[dict[str, Any]]:
    structure = steps.chain.structure
    names = [structure.names[column] for column in node.parts]
    parts = scores[:, node.parts]
    for (i, one), (j, other) in combinations(enumerate(names), 2):
        value, p_value, n = _correlation(parts[:, i], parts[:, j])
        flag = "negative" if value < 0 else "redundant" if value > REDUNDANT else None
        threshold = REDUNDANT if flag == "redundant" else 0.0 if flag else None
        yield _row(
            node, "correlation", value, flag, threshold, part=one, other=other, p_value=p_value, n_units=n
        )
    for column, name in zip(node.parts, names, strict=True):
        if not np.isnan(declared[column]):
            yield _row(node, "weight", declared[column], None, None, part=name)
        with_index, p_value, n = _correlation(scores[:, column], scores[:, structure.root.column])
        flag = "negative" if with_index < 0 else None
        threshold = 0.0 if flag else None
        yield _row(node, "importance", with_index**2, flag, threshold, part=name, p_value=p_value, n_units=n)
    yield from _together(node, names, parts)


def _together(node: Node, names: list[str], parts: Floats) -> Iterator[dict[str, Any]]:
    """Cronbach's alpha and the first principal component, over units that have all parts.

    They are of sums: the parts of a formula have none.
    """
    if node.pillar.formula:
        return
    complete = parts[~np.isnan(parts).any(axis=1)]
    if len(complete) >= LEAST_UNITS:
        complete = complete[:, distinct(complete.min(axis=0), complete.max(axis=0))]
    if len(complete) < LEAST_UNITS or complete.shape[1] != len(names) or len(names) < 2:
        return
    count, covariance = len(names), np.cov(complete.T)
    # It is not defined if the parts cancel out.
    if covariance.sum() > NEARLY_ZERO * np.trace(covariance):
        alpha = count / (count - 1) * (1 - np.trace(covariance) / covariance.sum())
        flag = "unreliable" if alpha < RELIABLE else None
        yield _row(node, "cronbach_alpha", alpha, flag, RELIABLE, n_units=len(complete))
    values, vectors = np.linalg.eigh(np.corrcoef(complete.T))
    yield _row(node, "first_component_share", values[-1] / values.sum(), None, None, n_units=len(complete))
    loadings = vectors[:, -1] * (1 if vectors[:, -1].sum() >= 0 else -1)
    for name, loading in zip(names, loadings, strict=True):
        flag = "against_its_pillar" if loading < 0 else None
        yield _row(node, "pca_weight", loading, flag, 0.0 if flag else None, part=name, n_units=len(complete))


def _correlation(one: Floats, other: Floats) -> tuple[float, float, int]:
    """Pearson's correlation, its p-value, and the number of units that have both."""
    from scipy.stats import pearsonr

    pairs = np.stack((one, other))
    pairs = pairs[:, ~np.isnan(pairs).any(axis=0)]
    count = pairs.shape[1]
    if count < LEAST_UNITS or not distinct(pairs.min(axis=1), pairs.max(axis=1)).all():
        return np.nan, np.nan, count
    found = pearsonr(*pairs)
    return float(found.statistic), float(found.pvalue), count


def _row(
    node: Node, statistic: str, value: float, flag: str | None, threshold: float | None, **more: Any
) -> dict[str, Any]:
    return {
        "pillar": node.pillar.id,
        "statistic": statistic,
        "value": float(value),
        "flag": flag,
        "threshold": threshold,
        **more,
    }
