"""Contributions of each part to the index; those of all indicators of a unit sum to its score."""

from typing import Final

import numpy as np

from city_indicators.analytics.ratings.method import Method
from city_indicators.analytics.ratings.steps import Aggregation
from city_indicators.analytics.ratings.structure import Floats, Structure

NEARLY_ZERO: Final = 1e-12


def effective_weights(structure: Structure, scores: Floats, through_formulas: bool = False) -> Floats:
    """The weight of each column in the index, by unit, re-scaled for missing parts: (unit, column).

    The parts of a formula have no weights (NaN), or, `through_formulas`, the same weight each.
    """
    weights = np.zeros_like(scores)
    weights[:, structure.root.column] = 1
    for node in reversed(structure.nodes):
        known = through_formulas or not node.pillar.formula
        shares = _shares(structure, scores, node.parts) if known else np.nan
        weights[:, node.parts] = weights[:, [node.column]] * shares
    return weights


def declared_weights(structure: Structure) -> Floats:
    """The weight of each column in the index if nothing is missing."""
    weights: Floats = effective_weights(structure, np.ones((1, len(structure.names))))[0]
    return weights


def covered(
    method: Method, structure: Structure, there: np.ndarray, leaves: np.ndarray | None = None
) -> Floats:
    """The share of the indicators, or of `leaves`, that are there: (..., indicator) to (...)."""
    count = len(structure.leaves)
    weights = np.ones(count)
    if method.coverage.by == "weight":
        complete = np.ones((1, len(structure.names)))
        weights = effective_weights(structure, complete, through_formulas=True)[0, :count]
    chosen = np.arange(count) if leaves is None else leaves
    shares: Floats = (there[..., chosen] * weights[chosen]).sum(axis=-1) / weights[chosen].sum()
    return shares


def contributions(structure: Structure, scores: Floats, imputed: np.ndarray) -> Floats:
    """Contributions to the index, in points, for the units of one period: (unit, column).

    Below a formula, a score that is normalised once more, or an imputed one, there are none (NaN).

    For an arithmetic mean: weight times score. For a geometric mean: the score split in proportion to weight
    times logarithm. For a harmonic mean, by Euler's theorem: score² × weight / part. For Copeland: each win
    or loss split among the parts that contribute to it.
    """
    given = np.zeros_like(scores)
    given[:, structure.root.column] = scores[:, structure.root.column]
    # The ratio of contribution to score; missing if the score is zero.
    factor = np.ones_like(scores)
    for node in reversed(structure.nodes):
        shares = _shares(structure, scores, node.parts)
        own, parts = scores[:, node.column], np.nan_to_num(scores[:, node.parts])
        if node.aggregation == "copeland":
            split = _wins(scores[:, node.parts], structure.shares[node.parts])
        else:
            split = _split_score(node.aggregation, parts, shares, own)
        unknown = np.isnan(factor[:, [node.column]])
        found = np.where(unknown, given[:, [node.column]] * shares, factor[:, [node.column]] * split)
        ends = imputed[:, [node.column]] | (not node.follows_parts)
        found = np.where(ends, np.nan, found)
        given[:, node.parts] = np.where(np.isnan(scores[:, node.parts]), np.nan, found)
        with np.errstate(divide="ignore", invalid="ignore"):
            other = np.where(parts != 0, found / parts, np.nan)
        same = node.aggregation == "arithmetic" and node.follows_parts
        factor[:, node.parts] = np.where(same & ~unknown & ~ends, factor[:, [node.column]] * shares, other)
    return given


def _shares(structure: Structure, scores: Floats, parts: np.ndarray) -> Floats:
    there = np.where(np.isnan(scores[:, parts]), 0.0, structure.shares[parts])
    total = there.sum(axis=1, keepdims=True)
    shares: Floats = np.divide(there, total, out=np.zeros_like(there), where=total > 0)
    return shares


def _split_score(how: Aggregation, parts: Floats, shares: Floats, own: Floats) -> Floats:
    """Split the score of a pillar into its parts: (unit, part)."""
    if how == "geometric":
        logs = shares * np.log(np.where((shares > 0) & (parts > 0), parts, 1))
        total = logs.sum(axis=1, keepdims=True)
        divided = np.divide(logs, total, out=shares.copy(), where=np.abs(total) > NEARLY_ZERO)
        found: Floats = own[:, None] * divided
        return found
    if how == "harmonic":
        inverse: Floats = np.divide(
            shares, parts, out=np.zeros_like(parts), where=(shares > 0) & (parts != 0)
        )
        return own[:, None] ** 2 * inverse
    return shares * parts


def _wins(parts: Floats, shares: Floats) -> Floats:
    """Wins minus losses against the other units, split among the parts that both have: (unit, part)."""
    split = np.empty_like(parts)
    for unit, own in enumerate(parts):
        above = np.nan_to_num(np.sign(own - parts)) * shares
        margin = above.sum(axis=1)
        decided = np.abs(margin) > NEARLY_ZERO
        split[unit] = (above[decided] / np.abs(margin[decided])[:, None]).sum(axis=0)
    return split
