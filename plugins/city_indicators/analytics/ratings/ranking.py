"""Ranks units, and gives the reason if a unit is not ranked."""

from typing import Final

import numpy as np
import pandas as pd

from city_indicators.analytics.ratings.decomposition import NEARLY_ZERO, covered
from city_indicators.analytics.ratings.method import Method
from city_indicators.analytics.ratings.places import lower
from city_indicators.analytics.ratings.structure import Floats, Structure

COMPARED_DECIMALS: Final = 9


def ranks(scores: Floats, method: Method) -> Floats:
    """The rank of each score along the last axis, 1 for the highest; missing if there is no score.

    Scores are rounded to `rank_precision` decimals if the method has it; else to nine decimals, since sums of
    the same numbers may differ in the last digits.
    """
    decimals = COMPARED_DECIMALS if method.rank_precision is None else method.rank_precision
    compared = -scores.round(decimals)
    if method.ties == "min":
        return lower(compared) + 1
    from scipy.stats import rankdata

    found: Floats = rankdata(compared, method=method.ties, axis=-1, nan_policy="omit")
    return found


def reasons(method: Method, structure: Structure, observed: np.ndarray) -> list[str | None]:
    """The reason why each unit is not ranked, or None; `observed` has the axes (unit, indicator)."""
    overall = covered(method, structure, observed)
    found = np.full(len(observed), None, dtype=object)
    for node in sorted(structure.uppermost, key=lambda node: node.pillar.id, reverse=True):
        own = node.pillar.coverage
        least = method.coverage.per_pillar if own is None else own
        thin = covered(method, structure, observed, node.leaves) < least - NEARLY_ZERO
        found[thin] = f"pillar_incomplete:{node.pillar.id}"
    found[overall < method.coverage.overall - NEARLY_ZERO] = "too_few_indicators"
    found[overall == 0] = "no_data"
    return list(found)


def ranks_within(scores: Floats, classes: np.ndarray, method: Method) -> Floats:
    """The rank of each score within its class, by period (an axis); missing without a score or class."""
    within = np.full(scores.shape, np.nan)
    for label in pd.unique(classes[pd.notna(classes)]):
        within = np.where(classes == label, ranks(np.where(classes == label, scores, np.nan), method), within)
    return within
