"""Runs the steps of a rating in order, for one setting of a method or for many at once.

The nominal rating, every Monte-Carlo draw and every leave-one-out run use the same code: arrays have the axes
(draw, unit, column). In a nominal rating of several periods each period is a draw.
"""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Final, NamedTuple, TypeVar

import numpy as np
import pandas as pd

from city_indicators.analytics.ratings.aggregation import aggregate, not_positive
from city_indicators.analytics.ratings.decomposition import NEARLY_ZERO, covered
from city_indicators.analytics.ratings.formula import calculated
from city_indicators.analytics.ratings.imputation import impute, impute_scores
from city_indicators.analytics.ratings.method import Method, MethodIndicator
from city_indicators.analytics.ratings.normalisation import normalise
from city_indicators.analytics.ratings.panel import Panel
from city_indicators.analytics.ratings.steps import LARGEST, Aggregation, Missing, Normalisation, Treatment
from city_indicators.analytics.ratings.structure import Floats, Node, Structure
from city_indicators.analytics.ratings.treatment import treat
from city_indicators.core.errors import MethodError

ItemT = TypeVar("ItemT")


@dataclass(frozen=True)
class Setting:
    """Changes to the steps that a method declares; None means as declared.

    `normalisation` does not apply to indicators with one of their own, nor `aggregation` to such pillars.
    """

    missing: Missing | None = None
    winsorise: int | None = None
    normalisation: Normalisation | None = None
    aggregation: Aggregation | None = None


NOMINAL: Final = Setting()


class Scores(NamedTuple):
    """Scores, and masks of those that are undefined or imputed: (draw, unit, column)."""

    scores: Floats
    undefined: np.ndarray
    imputed: np.ndarray


@dataclass(frozen=True)
class Treatments:
    """Treated values; `transformed` by draw and indicator, the transformation in `names`."""

    observations: Floats
    transformed: np.ndarray
    names: list[str]


@dataclass(frozen=True)
class Chain:
    """A method applied to a panel."""

    method: Method
    structure: Structure
    panel: Panel
    _imputed: dict[Missing | None, Floats] = field(default_factory=dict)

    def observations(self, missing: Missing | None = None) -> Floats:
        """Values after imputation (period, unit, indicator); missing for units that are left out."""
        if missing not in self._imputed:
            filled = impute(self.panel, self.structure, self.method.missing, missing)
            self._imputed[missing] = np.where(self.left_out[..., None], np.nan, filled)
        return self._imputed[missing]

    @cached_property
    def left_out(self) -> np.ndarray:
        """A mask by period and unit: whether a unit has too few values and is left out."""
        coverage = self.method.coverage
        if coverage.below == "unranked":
            return np.zeros(self.panel.observations.shape[:2], dtype=bool)
        there = covered(self.method, self.structure, ~np.isnan(self.panel.observations))
        left_out: np.ndarray = there < coverage.overall - NEARLY_ZERO
        return left_out

    def treated(
        self, observations: Floats, setting: Setting = NOMINAL, period: int | None = None
    ) -> Treatments:
        """Take logarithms and treat outliers; axes (draw, unit, indicator); for `period` see `scores`."""
        values = observations.copy()
        transformed = np.zeros((len(observations), observations.shape[-1]), dtype=bool)
        logs = [column for column, leaf in enumerate(self.structure.leaves) if leaf.log]
        if logs:
            # Noise changes no sign, so that a value of a draw is one of a period.
            for draw, unit, column in np.argwhere(values[..., logs] <= 0)[:1]:
                name, where = self.structure.names[logs[column]], self._where(draw, unit, period)
                raise MethodError(
                    f"{name}: the value of {where} is {values[draw, unit, logs[column]]:g}, which has no "
                    "logarithm. Next step: correct it, leave it empty, or take no logarithm"
                )
            values[..., logs] = np.log(values[..., logs])
        names = ["none"] * observations.shape[-1]
        for how, columns in self._by_treatment(setting):
            done = treat(values[..., columns], how)
            values[..., columns], transformed[:, columns] = done.observations, done.transformed
            for column in columns:
                names[column] = how.otherwise
        return Treatments(values, transformed, names)

    def normalised(self, treated: Floats, setting: Setting = NOMINAL) -> Floats:
        """Values on the scale of the method, with the axes of `treated`."""
        scores = np.empty_like(treated)
        for how, columns in self._by_normalisation(setting):
            leaves = [self.structure.leaves[column] for column in columns]
            sample = self._pool[:, columns] if how.sample == "pooled" else None
            scores[..., columns] = normalise(treated[..., columns], leaves, how, self.method.scale, sample)
        return scores

    def scores(
        self, normalised: Floats, weights: Floats, setting: Setting = NOMINAL, period: int | None = None
    ) -> Scores:
        """The scores of all columns (draw, unit, column); `weights` have the axes (draw, column).

        `period` is that of all draws; without it, each draw is a period.
        """
        draws = max(len(normalised), len(weights))
        units, leaves = normalised.shape[1:]
        scores = np.empty((draws, units, len(self.structure.names)))
        scores[..., :leaves] = normalised
        undefined, imputed = np.zeros(scores.shape, dtype=bool), np.zeros(scores.shape, dtype=bool)
        undefined_columns: set[int] = set()
        least = self.method.coverage.aggregate
        for node in self.structure.nodes:
            # Without noise, the scores of indicators are the same in every draw.
            alike = len(normalised) == 1 and node.parts.max() < leaves
            parts = normalised[..., node.parts] if alike else scores[..., node.parts]
            how = node.aggregation if node.own_way else setting.aggregation or node.aggregation
            if node.pillar.formula:
                found, bad = self._by_formula(node, scores, period)
            else:
                found, bad = self._aggregated(node, how, parts, weights[:, node.parts], period)
            if least:
                there = (~np.isnan(parts)).mean(axis=-1)
                found = np.where(np.broadcast_to(there, (draws, units)) < least, np.nan, found)
            # Without its undefined part, a unit would do better than with the least score.
            below = [part for part in node.parts if part in undefined_columns]
            if below:
                bad = bad | undefined[..., below].any(axis=-1)
            if bad.any():
                undefined_columns.add(node.column)
                undefined[..., node.column] = bad
                found = np.where(bad, np.nan, found)
            filled = self._filled(node, found, period)
            if filled is not found:
                filled = np.where(bad, np.nan, filled)
                imputed[..., node.column] = np.isnan(found) & ~np.isnan(filled)
            scores[..., node.column] = self._normalised_scores(node, filled)
        return Scores(scores, undefined, imputed)

    def _aggregated(
        self, node: Node, how: Aggregation, parts: Floats, weights: Floats, period: int | None
    ) -> tuple[Floats, np.ndarray]:
        """The aggregate of the parts, and where it is undefined."""
        bad = not_positive(how, parts)
        if node.refused and bad.any():
            self._refuse(how, node, bad, parts, period)
        return aggregate(how, parts, weights), np.logical_or.reduce(bad, axis=-1)

    def _by_formula(self, node: Node, scores: Floats, period: int | None) -> tuple[Floats, np.ndarray]:
        """The result of a formula, missing if an input is, and where it is undefined."""
        inputs = {name: scores[..., column] for name, column in node.inputs.items()}
        missing = np.isnan(list(inputs.values())).any(axis=0)
        found = calculated(node.pillar.formula or "", inputs)
        bad: np.ndarray = ~missing & ~(np.abs(found) <= LARGEST)
        if node.refused and bad.any():
            draw, unit = (int(place) for place in np.argwhere(bad)[0])
            with_values = ", ".join(f"{name} = {each[draw, unit]:g}" for name, each in inputs.items())
            raise MethodError(
                f"{node.pillar.id}: formula {node.pillar.formula!r} has no finite result for "
                f"{self._where(draw, unit, period)}: {with_values}. Next step: change the formula, or let "
                "such units have no score (undefined: missing)"
            )
        return np.where(missing, np.nan, found), bad

    def _filled(self, node: Node, scores: Floats, period: int | None) -> Floats:
        """The scores of a pillar (draw, unit), imputed if it says so; not for units that are not rated."""
        policy, panel = node.pillar.missing, self.panel
        if policy is None or policy.policy == "none":
            return scores
        labels = panel.groups[policy.group] if policy.group else pd.Series("", panel.groups.index)
        rated = panel.members & ~self.left_out
        groups = np.where(rated, labels.to_numpy(dtype=object).reshape(rated.shape), np.nan)
        return impute_scores(scores, groups if period is None else groups[[period]], policy)

    def _normalised_scores(self, node: Node, scores: Floats) -> Floats:
        """The scores of a pillar (draw, unit), normalised once more if it says so."""
        if node.pillar.normalisation is None:
            return scores
        how, scale = node.pillar.normalisation, self.method.scale
        return normalise(scores[..., None], [node.pillar], how, scale, None)[..., 0]

    @cached_property
    def _pool(self) -> Floats:
        """The treated values of all periods together: (period and unit, indicator)."""
        treated = self.treated(self.observations()).observations
        return treated.reshape(-1, treated.shape[-1])

    def _by_treatment(self, setting: Setting) -> list[tuple[Treatment, list[int]]]:
        def of(leaf: MethodIndicator) -> Treatment | None:
            how = leaf.treatment or self.method.treatment
            if how is None or how == "none":
                return None
            return (
                how if setting.winsorise is None else how.model_copy(update={"winsorise": setting.winsorise})
            )

        hows = [of(leaf) for leaf in self.structure.leaves]
        return [(how, [c for c, other in enumerate(hows) if other == how]) for how in _distinct(hows) if how]

    def _by_normalisation(self, setting: Setting) -> list[tuple[Normalisation, list[int]]]:
        hows = [
            leaf.normalisation or setting.normalisation or self.method.normalisation
            for leaf in self.structure.leaves
        ]
        return [(how, [c for c, other in enumerate(hows) if other == how]) for how in _distinct(hows)]

    def _where(self, draw: int, unit: int, period: int | None) -> str:
        label = self.panel.periods[draw if period is None else period]
        return f"{self.panel.units[unit]} {label}".rstrip()

    def _refuse(self, how: str, node: Node, bad: np.ndarray, scores: Floats, period: int | None) -> None:
        draw, unit, part = (int(axis[0]) for axis in np.nonzero(bad))
        name, pillar = self.structure.names[node.parts[part]], node.pillar.id
        where = self._where(draw, unit, period)
        raise MethodError(
            f"{pillar}: the {how} mean needs scores above zero, but {name} of {where} is "
            f"{scores[bad][0]:g}. Next step: let the scale begin above zero, for example [1, 100], "
            f"aggregate {pillar} arithmetically, or let such units have no score (undefined: missing)"
        )


def _distinct(items: list[ItemT]) -> list[ItemT]:
    return [item for position, item in enumerate(items) if item not in items[:position]]
