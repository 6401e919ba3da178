"""The design of an uncertainty analysis: its factors, their alternatives, and the draws.

A draw takes one alternative of each factor: another declaration of a step, or one of the random replicates,
of which there are as many as draws, generated from the seed. Alternative -1 is the declaration of the method.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
import pandas as pd

from city_indicators.analytics.ratings.chain import Setting
from city_indicators.analytics.ratings.panel import Panel
from city_indicators.analytics.ratings.steps import Step, Uncertainty
from city_indicators.analytics.ratings.structure import Floats, Structure
from city_indicators.core.errors import MethodError

STEPS: Final = ("missing", "winsorise", "normalisation", "aggregation")
AS_DECLARED: Final = -1
DEVIATES_KEPT: Final = 50_000_000
"""Deviates of all replicates that are kept for other years and analyses, 400 MB; more are drawn each time."""

Choice = np.ndarray


@dataclass(frozen=True)
class SampleDesign:
    """The factors of a method's uncertainty analysis and their alternatives."""

    declared: Uncertainty
    structure: Structure

    @property
    def factors(self) -> list[str]:
        """The names of the factors."""
        return self.declared.factors.declared

    def alternatives(self, factor: str) -> int:
        """The number of alternatives of a factor."""
        return len(getattr(self.declared.factors, factor)) if factor in STEPS else self.declared.draws

    def monte_carlo(self) -> Choice:
        """The alternatives of each draw, (draw, factor); every draw has its own random replicates."""
        choice = np.tile(np.arange(self.declared.draws)[:, None], len(self.factors))
        for column, factor in enumerate(self.factors):
            if factor in STEPS:
                count = self.alternatives(factor)
                choice[:, column] = self._random(factor).integers(count, size=self.declared.draws)
        return choice

    def at(self, positions: Floats) -> Choice:
        """The alternatives at positions in the unit cube: (row, factor)."""
        counts = np.array([self.alternatives(factor) for factor in self.factors])
        choice: Choice = np.minimum((positions * counts).astype(int), counts - 1)
        return choice

    def alone(self) -> list[tuple[str, Choice]]:
        """Each alternative of a step on its own, with its name, for example aggregation:geometric."""
        named = []
        for column, factor in enumerate(self.factors):
            for alternative in range(self.alternatives(factor) if factor in STEPS else 0):
                choice = np.full((1, len(self.factors)), AS_DECLARED)
                choice[0, column] = alternative
                named.append((f"{factor}:{self._name(factor, alternative)}", choice))
        return named

    def setting(self, choice: Choice) -> Setting:
        """The steps of one draw."""
        chosen: dict[str, Any] = {}
        for factor, alternative in zip(self.factors, choice, strict=True):
            if factor in STEPS and alternative != AS_DECLARED:
                chosen[factor] = getattr(self.declared.factors, factor)[alternative]
        return Setting(**chosen)

    def weights(self, choices: Choice) -> Floats:
        """The weights of the parts in their pillars, not re-scaled: (draw, column)."""
        weights = np.tile(self.structure.shares, (len(choices), 1))
        for column, factor in enumerate(self.factors):
            rows = np.flatnonzero(choices[:, column] != AS_DECLARED)
            replicates = choices[rows, column]
            if factor == "dirichlet":
                weights[rows] *= self._dirichlet[replicates] / self.structure.shares
            elif factor == "weights":
                weights[rows] *= self._spread[replicates]
            elif factor == "shares":
                self._set_shares(weights, rows, replicates)
            elif factor == "drop_indicator":
                weights[rows, self._dropped[replicates]] = 0
        return weights

    def replicates(self, choices: Choice) -> np.ndarray | None:
        """The replicate of the noise of each draw; None without noise."""
        if "noise" not in self.factors:
            return None
        replicates: np.ndarray = choices[:, self.factors.index("noise")]
        return None if (replicates == AS_DECLARED).all() else replicates

    def noise(self, replicates: np.ndarray, deviations: Floats, shared_values: np.ndarray) -> Floats:
        """Factors that multiply the values in each replicate: (replicate, unit, indicator).

        `deviations` are the relative standard deviations of the values. `shared_values` is the position of
        the first unit with the same observation, so that a shared observation gets the same noise in all
        units.
        """
        deviates = [self._deviates(int(own), deviations.size)[shared_values] for own in replicates]
        # Log-normal, so that no value changes its sign.
        factors: Floats = np.exp(deviations * np.array(deviates))
        return factors

    def deviations(self, panel: Panel, statuses: np.ndarray) -> Floats:
        """The relative standard deviation of each value by its obs_status; 0 if none is declared for it.

        Raises:
            MethodError: noise is declared, but no observation has a status.
        """
        declared = self.declared.factors.noise or {}
        if declared and not np.isnan(panel.observations).all() and not (panel.statuses != "").any():
            raise MethodError(
                "uncertainty.factors.noise: the observations have no obs_status, which noise needs. "
                "Next step: add an obs_status, or declare no noise"
            )
        deviations = np.zeros(statuses.shape)
        for status, deviation in declared.items():
            deviations[statuses == status] = deviation
        return deviations

    def parameters(self, choices: Choice) -> list[dict[str, Any]]:
        """The parameters of each draw as JSON data: alternatives of steps, weights, noise replicate."""
        weights = self.weights(choices)
        names = self.structure.names[:-1]
        return [
            {
                **{
                    factor: self._parameter(factor, int(alternative))
                    for factor, alternative in zip(self.factors, choice, strict=True)
                },
                "weight": dict(zip(names, np.round(own[:-1], 12).tolist(), strict=True)),
            }
            for choice, own in zip(choices, weights, strict=True)
        ]

    def table(self) -> pd.DataFrame:
        """One row per draw: draw, parameters."""
        parameters = self.parameters(self.monte_carlo())
        return pd.DataFrame({"draw": range(len(parameters)), "parameters": parameters})

    def _parameter(self, factor: str, alternative: int) -> str | int:
        if factor == "drop_indicator":
            return str(self.structure.leaves[self._dropped[alternative]].id)
        return self._name(factor, alternative) if factor in STEPS else alternative

    def _name(self, factor: str, alternative: int) -> str:
        """The name of an alternative of a step, for example median or z_score(mean=10.0, sd=2.0)."""
        chosen = getattr(self.declared.factors, factor)[alternative]
        if not isinstance(chosen, Step):
            return str(chosen)
        name, *more = chosen.model_dump(exclude_unset=True).items()
        details = ", ".join(f"{key}={value}" for key, value in more)
        return f"{name[1]}({details})" if details else str(name[1])

    def _random(self, factor: str, *more: int) -> np.random.Generator:
        position = list(type(self.declared.factors).model_fields).index(factor)
        return np.random.default_rng([self.declared.seed, position, *more])

    def _deviates(self, replicate: int, size: int) -> Floats:
        """Normal deviates of a replicate; fewer are the first of more."""
        kept = self._drawn.get(replicate)
        if kept is None or kept.size < size:
            kept = self._random("noise", replicate).standard_normal(size)
            if size * self.declared.draws <= DEVIATES_KEPT:
                self._drawn[replicate] = kept
        return kept[:size]

    @cached_property
    def _drawn(self) -> dict[int, Floats]:
        return {}

    @cached_property
    def _spread(self) -> Floats:
        spread = self.declared.factors.weights
        shape = (self.declared.draws, len(self.structure.names))
        return 1 + (spread or 0) * self._random("weights").uniform(-1, 1, shape)

    @cached_property
    def _dirichlet(self) -> Floats:
        random, draws = self._random("dirichlet"), self.declared.draws
        weights = np.tile(self.structure.shares, (draws, 1))
        for node in self.structure.nodes:
            concentration = (self.declared.factors.dirichlet or 0) * self.structure.shares[node.parts]
            weights[:, node.parts] = random.dirichlet(concentration, draws)
        return weights

    def _set_shares(self, weights: Floats, rows: np.ndarray, replicates: np.ndarray) -> None:
        """Set the drawn shares of each pillar; its other parts keep their proportions in the rest."""
        names = self.structure.names
        for node in self.structure.nodes:
            own = np.array([names[part] in self._shares for part in node.parts])
            if not own.any():
                continue
            drawn, others = node.parts[own], node.parts[~own]
            shares = np.stack([self._shares[names[part]][replicates] for part in drawn], axis=1)
            total = weights[np.ix_(rows, others)].sum(axis=1)
            weights[np.ix_(rows, drawn)] = shares
            rest = np.maximum(1 - shares.sum(axis=1), 0)
            weights[np.ix_(rows, others)] *= (rest / np.where(total > 0, total, 1))[:, None]

    @cached_property
    def _shares(self) -> dict[str, Floats]:
        random = self._random("shares")
        bounds = self.declared.factors.shares or {}
        return {name: random.uniform(*bounds[name], self.declared.draws) for name in sorted(bounds)}

    @cached_property
    def _dropped(self) -> np.ndarray:
        random = self._random("drop_indicator")
        columns = set(range(len(self.structure.leaves))) - self.structure.without_weight
        return np.array(sorted(columns))[random.integers(len(columns), size=self.declared.draws)]
