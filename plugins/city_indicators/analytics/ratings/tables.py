"""Converts the steps of a rating into long frames by period and unit: scores, pillars, indicators."""

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import pandas as pd

from city_indicators.analytics.ratings.chain import Chain, Treatments
from city_indicators.analytics.ratings.decomposition import (
    NEARLY_ZERO,
    contributions,
    covered,
    declared_weights,
    effective_weights,
)
from city_indicators.analytics.ratings.draws import SampleDesign
from city_indicators.analytics.ratings.panel import PART, UNIT
from city_indicators.analytics.ratings.places import lower
from city_indicators.analytics.ratings.ranking import ranks, ranks_within, reasons
from city_indicators.analytics.ratings.structure import Floats
from city_indicators.core.errors import MethodError

PILLAR_COLUMNS: Final = [
    *UNIT,
    "pillar",
    "parent",
    "weight",
    "weight_effective",
    "score",
    "rank",
    "coverage",
    "contribution",
    "imputed",
]


@dataclass(frozen=True)
class Steps:
    """The results of all steps. Axes: (period, unit, indicator or column), of index scores (period, unit)."""

    chain: Chain
    treatments: Treatments
    normalised: Floats
    scores: Floats
    undefined: np.ndarray
    imputed: np.ndarray
    arithmetic: Floats
    geometric: Floats

    @cached_property
    def observed(self) -> np.ndarray:
        """A mask: whether a unit has a value that is not imputed: (period and unit, indicator)."""
        return _flat(~np.isnan(self.chain.panel.observations) & ~np.isnan(self.normalised))

    @cached_property
    def constants(self) -> list[tuple[str, str]]:
        """The period and id of each indicator with values but no score, because its values are equal."""
        lost = ~np.isnan(self.treatments.observations).all(axis=1) & np.isnan(self.normalised).all(axis=1)
        names, periods = self.chain.structure.names, self.chain.panel.periods
        return [(periods[period], names[column]) for period, column in np.argwhere(lost)]

    @cached_property
    def reasons(self) -> np.ndarray:
        """The reason why a unit is not ranked, or None: (period, unit)."""
        found = reasons(self.chain.method, self.chain.structure, self.observed)
        codes = np.array(found, dtype=object)
        # The lowest pillar comes first: those above it have no score because of it.
        for node in self.chain.structure.nodes:
            own = _flat(self.undefined)[:, node.column] & (codes == None)  # noqa: E711 - by element
            codes[own] = f"undefined:{node.pillar.id}"
        # A formula, or the share that an aggregate needs, wants more parts than the coverage does.
        without = np.isnan(_flat(self.scores)) & (codes == None)[:, None]  # noqa: E711 - by element
        for node in self.chain.structure.uppermost:
            codes[without[:, -1] & without[:, node.column]] = f"pillar_incomplete:{node.pillar.id}"
        codes[without[:, -1] & (codes == None)] = "too_few_indicators"  # noqa: E711 - by element
        if least := self.chain.method.coverage.city_level:
            codes[self.city_level_share(self.carried) < least - NEARLY_ZERO] = "too_few_city_values"
        return codes.reshape(self.scores.shape[:2])

    @cached_property
    def ranked_scores(self) -> Floats:
        """The scores of the ranked units: (period, unit)."""
        index = self.scores[..., self.chain.structure.root.column]
        return np.where(self.reasons == None, index, np.nan)  # noqa: E711 - by element

    @cached_property
    def design(self) -> SampleDesign:
        """The design of the uncertainty analysis of the method.

        Raises:
            MethodError: the method declares no uncertainty analysis.
        """
        declared = self.chain.method.uncertainty
        if declared is None:
            raise MethodError(f"{self.chain.method.id} declares no uncertainty analysis")
        return SampleDesign(declared, self.chain.structure)

    @cached_property
    def contributions(self) -> Floats:
        """The contribution of each column: (period and unit, column)."""
        structure = self.chain.structure
        return np.concatenate(
            [
                contributions(structure, scores, imputed)
                for scores, imputed in zip(self.scores, self.imputed, strict=True)
            ]
        )

    @cached_property
    def carried(self) -> Floats:
        """The weights of indicators, the same for all parts of a formula: (period and unit, indicator)."""
        structure = self.chain.structure
        weights = effective_weights(structure, _flat(self.scores), through_formulas=True)
        return np.where(np.isnan(_flat(self.normalised)), 0, weights[:, : len(structure.leaves)])

    def city_level_share(self, weights: Floats) -> Floats:
        """The weight of the values at city level in that of all; 0 without values: (period and unit)."""
        if self.chain.panel.city_level is None:
            return np.full(len(weights), np.nan)
        total = weights.sum(axis=1)
        own = (weights * _flat(self.chain.panel.city_level)).sum(axis=1)
        shares: Floats = np.divide(own, total, out=np.zeros_like(total), where=total > 0)
        return shares

    @cached_property
    def weights(self) -> Floats:
        """The weight of each column in the index, re-scaled for missing parts: (period and unit, column)."""
        return effective_weights(self.chain.structure, _flat(self.scores))


def indicators(steps: Steps, values: pd.DataFrame) -> pd.DataFrame:
    """One row per unit and indicator of the method, with or without a value, from the chosen `values`.

    Columns: time_period, ref_area, indicator_id (that of the method), indicator, pillar (its parent), the
    other columns of `values`, treated_value (after denominators, imputation, logarithm and outliers),
    treatment, worst and best (the ends of the scale, before a logarithm), normalised, weight,
    contribution, strength_rank (1 for the best indicator of the unit) and gap_to_best (points to the best
    unit); denominator, and the columns of its observation with that prefix.
    """
    chain, structure = steps.chain, steps.chain.structure
    count = len(structure.leaves)
    axes = [chain.panel.periods, chain.panel.units, list(structure.names[:count])]
    cells = pd.MultiIndex.from_product(axes, names=PART).to_frame(index=False)
    cells["indicator"] = [leaf.indicator for leaf in structure.leaves] * (len(cells) // count)
    above = [structure.names[column] for column in structure.parents[:count]]
    normalised = _flat(steps.normalised)
    best = np.nanmax(np.where(np.isnan(steps.normalised), -np.inf, steps.normalised), axis=1, keepdims=True)
    filled = np.isnan(chain.panel.observations) & ~np.isnan(chain.observations())
    cells = cells.merge(values.drop(columns="indicator"), "left", PART).assign(
        denominator=np.tile([leaf.denominator for leaf in structure.leaves], len(cells) // count),
        pillar=above * (len(cells) // count),
        treated_value=steps.treatments.observations.ravel(),
        treatment=_treatments(steps).ravel(),
        worst=_ends(steps)[0].ravel(),
        best=_ends(steps)[1].ravel(),
        normalised=steps.normalised.ravel(),
        weight=np.where(np.isnan(normalised), np.nan, steps.weights[:, :count]).ravel(),
        contribution=steps.contributions[:, :count].ravel(),
        strength_rank=pd.array(_strengths(normalised).ravel()).astype("Int64"),
        gap_to_best=(best - steps.normalised).ravel(),
    )
    if filled.any():
        status = cells["obs_status"] if "obs_status" in cells else pd.Series(None, cells.index, dtype=object)
        cells["obs_status"] = status.where(~filled.ravel(), "I")
    return cells


def pillars(steps: Steps) -> pd.DataFrame:
    """One row per unit and pillar.

    Columns: time_period, ref_area, pillar, parent, weight (the declared share in the index), weight_effective
    (re-scaled for the missing parts of the unit), score, rank (among all units with the score), coverage (the
    share of its indicators with a value that is not imputed) and contribution.
    """
    structure, method = steps.chain.structure, steps.chain.method
    declared = declared_weights(structure)
    frames = [
        units(steps).assign(
            pillar=node.pillar.id,
            parent=structure.names[structure.parents[node.column]],
            weight=declared[node.column],
            weight_effective=steps.weights[:, node.column],
            score=steps.scores[..., node.column].ravel(),
            rank=ranks(steps.scores[..., node.column], method).ravel(),
            coverage=covered(method, structure, steps.observed, node.leaves),
            contribution=steps.contributions[:, node.column],
            imputed=_flat(steps.imputed)[:, node.column],
        )
        for node in structure.nodes[:-1]
    ]
    empty = pd.DataFrame(columns=PILLAR_COLUMNS)
    return pd.concat(frames, ignore_index=True).astype({"rank": "Int64"}) if frames else empty


def scores(steps: Steps) -> pd.DataFrame:
    """One row per unit.

    Columns: time_period, ref_area, score, score_arithmetic and score_geometric (with these aggregations in
    all pillars), rank, n_ranked, size_class and rank_in_size_class, coverage, city_level_share, imputed_share
    (shares of the indicators), city_level_weight (the same share by weight; parts of a formula weigh the
    same), status and reason_code.
    """
    method, panel = steps.chain.method, steps.chain.panel
    ranked = steps.ranked_scores
    there = ~np.isnan(_flat(steps.normalised))
    frame = units(steps).assign(
        score=steps.scores[..., -1].ravel(),
        score_arithmetic=steps.arithmetic.ravel(),
        score_geometric=steps.geometric.ravel(),
        rank=ranks(ranked, method).ravel(),
        n_ranked=np.repeat((~np.isnan(ranked)).sum(axis=1), len(panel.units)),
        size_class=_classes(steps),
        rank_in_size_class=ranks_within(
            steps.ranked_scores, _classes(steps).to_numpy().reshape(ranked.shape), method
        ).ravel(),
        coverage=covered(method, steps.chain.structure, steps.observed),
        city_level_share=steps.city_level_share(there.astype(float)),
        city_level_weight=steps.city_level_share(steps.carried),
        imputed_share=(there & ~steps.observed).mean(axis=1),
        status=np.where(np.isnan(ranked), "not_ranked", "ranked").ravel(),
        reason_code=steps.reasons.ravel(),
    )
    return frame.astype({"rank": "Int64", "rank_in_size_class": "Int64"})


def _classes(steps: Steps) -> pd.Series:
    """The class within which each unit gets a second rank; missing without classes."""
    method, groups = steps.chain.method, steps.chain.panel.groups
    column = "size_class" if method.size_classes else method.rank_within
    return groups[column] if column else pd.Series(None, groups.index, dtype=object)


def _treatments(steps: Steps) -> np.ndarray:
    """The treatment of each value: (period, unit, indicator)."""
    chain, done = steps.chain, steps.treatments
    logs = np.array([leaf.log for leaf in chain.structure.leaves])
    before = np.where(logs, np.log(np.where(logs, chain.observations(), 1)), chain.observations())
    names = np.where(logs, "log", "none").astype(object)
    names = np.where(~np.isnan(before) & (before != done.observations), "winsorised", names)
    return np.where(done.transformed[:, None, :], np.array(done.names, dtype=object), names)


def _ends(steps: Steps) -> tuple[Floats, Floats]:
    """The values at the ends of the scale, if the normalisation has them: (period, unit, indicator)."""
    chain = steps.chain
    pool = steps.treatments.observations
    worst, best = np.full(pool.shape, np.nan), np.full(pool.shape, np.nan)
    for column, leaf in enumerate(chain.structure.leaves):
        how = (leaf.normalisation or chain.method.normalisation).method
        if how == "goalposts":
            low = leaf.band.best[0] if leaf.band else -np.inf
            above = pool[..., column] >= (np.log(low) if leaf.log and leaf.band else low)
            posts = np.array(leaf.posts, dtype=float)
            worst[..., column] = np.where(above, posts[1, 0], posts[0, 0])
            best[..., column] = np.where(above, posts[1, 1], posts[0, 1])
        elif leaf.band:
            continue
        elif how in ("min_max", "distance_to_max"):
            lowest = np.nanmin(pool[..., column], axis=1, keepdims=True, initial=np.inf)
            highest = np.nanmax(pool[..., column], axis=1, keepdims=True, initial=-np.inf)
            ends = (lowest, highest) if leaf.sign > 0 else (highest, lowest)
            worst[..., column], best[..., column] = ends
    return worst, best


def _strengths(normalised: Floats) -> Floats:
    return lower(-normalised) + 1


def units(steps: Steps) -> pd.DataFrame:
    """One row per period and unit: time_period, ref_area."""
    return steps.chain.panel.groups[UNIT].copy()


def _flat(array: np.ndarray) -> np.ndarray:
    return array.reshape(-1, array.shape[-1])
