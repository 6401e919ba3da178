"""What each part contributes to the index; the contributions of all indicators of a unit sum to its score."""

from typing import Final

import numpy as np

from city_indicators.analytics.ratings.steps import Aggregation
from city_indicators.analytics.ratings.structure import Floats, Structure

NEARLY_ZERO: Final = 1e-12


def effective_weights(structure: Structure, scores: Floats) -> Floats:
    """The weight of each column in the index, by unit, re-scaled over what is there: (unit, column)."""
    weights = np.zeros_like(scores)
    weights[:, structure.root.column] = 1
    for node in reversed(structure.nodes):
        weights[:, node.parts] = weights[:, [node.column]] * _shares(structure, scores, node.parts)
    return weights


def declared_weights(structure: Structure) -> Floats:
    """The weight of each column in the index where nothing is missing."""
    weights: Floats = effective_weights(structure, np.ones((1, len(structure.names))))[0]
    return weights


def contributions(structure: Structure, scores: Floats) -> Floats:
    """Contributions to the index, in its unit, of the units of one period: (unit, column).

    Of an arithmetic mean, weight times score. Of a geometric one, the score divided in proportion to
    weight times logarithm. Of a harmonic one, by Euler's theorem: score² × weight / part. Of Copeland's, each
    win or loss divided among the parts by how much they speak for it.
    """
    given = np.zeros_like(scores)
    given[:, structure.root.column] = scores[:, structure.root.column]
    # What a contribution is of its own score; missing where that score is zero.
    factor = np.ones_like(scores)
    for node in reversed(structure.nodes):
        shares = _shares(structure, scores, node.parts)
        own, parts = scores[:, node.column], np.nan_to_num(scores[:, node.parts])
        if node.aggregation == "copeland":
            pieces = _wins(scores[:, node.parts], structure.shares[node.parts])
        else:
            pieces = _pieces(node.aggregation, parts, shares, own)
        unknown = np.isnan(factor[:, [node.column]])
        found = np.where(unknown, given[:, [node.column]] * shares, factor[:, [node.column]] * pieces)
        given[:, node.parts] = np.where(np.isnan(scores[:, node.parts]), np.nan, found)
        with np.errstate(divide="ignore", invalid="ignore"):
            other = np.where(parts != 0, found / parts, np.nan)
        same = node.aggregation == "arithmetic"
        factor[:, node.parts] = np.where(same & ~unknown, factor[:, [node.column]] * shares, other)
    return given


def _shares(structure: Structure, scores: Floats, parts: np.ndarray) -> Floats:
    there = np.where(np.isnan(scores[:, parts]), 0.0, structure.shares[parts])
    total = there.sum(axis=1, keepdims=True)
    shares: Floats = np.divide(there, total, out=np.zeros_like(there), where=total > 0)
    return shares


def _pieces(how: Aggregation, parts: Floats, shares: Floats, own: Floats) -> Floats:
    """Pieces of a pillar's score that sum to it: (unit, part)."""
    if how == "geometric":
        logs = shares * np.log(np.where(shares > 0, parts, 1))
        total = logs.sum(axis=1, keepdims=True)
        divided = np.divide(logs, total, out=shares.copy(), where=np.abs(total) > NEARLY_ZERO)
        found: Floats = own[:, None] * divided
        return found
    if how == "harmonic":
        inverse: Floats = np.divide(shares, parts, out=np.zeros_like(parts), where=shares > 0)
        return own[:, None] ** 2 * inverse
    return shares * parts


def _wins(parts: Floats, shares: Floats) -> Floats:
    """Wins less losses against each other unit, divided among the parts that both have: (unit, part)."""
    pieces = np.empty_like(parts)
    for unit, own in enumerate(parts):
        above = np.nan_to_num(np.sign(own - parts)) * shares
        margin = above.sum(axis=1)
        decided = np.abs(margin) > NEARLY_ZERO
        pieces[unit] = (above[decided] / np.abs(margin[decided])[:, None]).sum(axis=0)
    return pieces
