"""Computes a rating: from observations to scores and ranks, with the results of every step.

Method: OECD/JRC Handbook on Constructing Composite Indicators (2008); denominators, imputation, outliers,
normalisation, aggregation, in this order.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from city_indicators.analytics.ratings import tables
from city_indicators.analytics.ratings.chain import Chain
from city_indicators.analytics.ratings.method import Method
from city_indicators.analytics.ratings.panel import UNIT, panel_of
from city_indicators.analytics.ratings.ratios import chosen
from city_indicators.analytics.ratings.steps import Aggregation
from city_indicators.analytics.ratings.structure import Floats, structure_of
from city_indicators.analytics.ratings.tables import Steps


@dataclass(frozen=True)
class Rating:
    """The result of a method for a set of observations, in each of their periods.

    tables.py documents `scores`, `pillars` and `indicators`; further analyses use `steps`.
    """

    scores: pd.DataFrame
    pillars: pd.DataFrame
    indicators: pd.DataFrame
    steps: Steps

    @property
    def warnings(self) -> list[str]:
        """What a reader should know: the indicators that are left out, by period."""
        return [
            f"{name} {period}".rstrip() + ": all values are equal, so it has no score and no weight"
            for period, name in self.steps.constants
        ]


def rate(
    method: Method,
    units: Sequence[str],
    values: pd.DataFrame,
    city_level: Collection[str] = (),
    groups: pd.DataFrame | None = None,
    periods: Collection[str] = (),
) -> Rating:
    """Rate `units` by the method in each of `periods`, or in all periods of `values` if none is given.

    `values` has ref_area, indicator, obs_value (in the unit of the indicator), optionally time_period
    (without it there is one period), obs_status and geo_basis. For each unit, indicator and period there is
    at most one national and one other row, of which `ratios.chosen` takes one. `city_level` are the bases
    that count as data of the city itself. `groups` has ref_area, optionally time_period, and one column per
    group.

    Raises:
        MethodError: the observations do not fit the method; names the observation and the reason.
    """
    if "time_period" not in values:
        values, periods = values.assign(time_period=""), [""]
    observations = chosen(method, values)
    steps = _steps(method, units, periods or set(values["time_period"]), observations, groups, city_level)
    indicators = tables.indicators(steps, observations)
    members = tables.units(steps)[steps.chain.panel.members.ravel()]
    scores, pillars = tables.scores(steps), tables.pillars(steps)
    scores, pillars, indicators = (
        frame if frame.empty else members.merge(frame, "left", UNIT)
        for frame in (scores, pillars, indicators)
    )
    return Rating(scores, pillars, indicators, steps)


def _steps(
    method: Method,
    units: Sequence[str],
    periods: Collection[str],
    values: pd.DataFrame,
    groups: pd.DataFrame | None,
    city_level: Collection[str],
) -> Steps:
    structure = structure_of(method)
    panel = panel_of(method, structure, sorted(units), sorted(periods), values, groups, city_level)
    chain = Chain(method, structure, panel)
    weights = structure.shares[None]
    treatments = chain.treated(chain.observations())
    normalised = chain.normalised(treatments.observations)
    positive = np.where(normalised > 0, normalised, np.nan)

    def throughout(how: Aggregation, normalised: Floats) -> Floats:
        """The scores if every pillar were aggregated this way."""
        alike = replace(chain, structure=structure.aggregated(how))
        return alike.scores(normalised, weights).scores[..., -1]

    found = chain.scores(normalised, weights)
    return Steps(
        chain,
        treatments,
        normalised,
        scores=found.scores,
        undefined=found.undefined,
        imputed=found.imputed,
        arithmetic=throughout("arithmetic", normalised),
        geometric=np.where((normalised <= 0).any(axis=-1), np.nan, throughout("geometric", positive)),
    )
