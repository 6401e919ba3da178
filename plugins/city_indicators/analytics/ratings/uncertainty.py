"""Uncertainty of the ranks: a seeded Monte-Carlo analysis.

M. Saisana, A. Saltelli, S. Tarantola (2005), Uncertainty and sensitivity analysis techniques as tools for the
quality assessment of composite indicators, J. R. Statist. Soc. A 168(2); OECD/JRC Handbook (2008), step 7.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import pandas as pd

from city_indicators.analytics.ratings.draws import STEPS, Choice, SampleDesign
from city_indicators.analytics.ratings.ranking import ranks
from city_indicators.analytics.ratings.structure import Floats
from city_indicators.analytics.ratings.tables import Steps

# The number of values varied at once, so that twelve thousand units need no more memory than fifty.
CELLS_AT_ONCE: Final = 1_000_000
# With more units than this, `pairs` are not compared.
UNITS_IN_PAIRS: Final = 500
TIED: Final = (0.1, 0.9)


@dataclass(frozen=True)
class UncertaintyResult:
    """The result of all draws.

    `intervals`: one row per ranked unit (time_period, ref_area, rank_p05, rank_median, rank_p95, p_top3,
    p_top10). `ranks`: the same units (time_period, ref_area, and `ranks`, those in each draw, None in a draw
    without a score). `design` has the varied factors.
    """

    intervals: pd.DataFrame
    ranks: pd.DataFrame
    design: SampleDesign

    @cached_property
    def pairs(self) -> pd.DataFrame:
        """One row per ordered pair of ranked units; none in a period with more than UNITS_IN_PAIRS of them.

        Columns: time_period, ref_area, other_ref_area, p_above (a draw with equal ranks counts half), and
        `tied`: whether the two are statistically tied.
        """
        periods = [
            _pairs(np.array(rows["ranks"].to_list(), dtype=float).T, list(rows["ref_area"])).assign(
                time_period=period
            )
            for period, rows in self.ranks.groupby("time_period")
            if len(rows) <= UNITS_IN_PAIRS
        ]
        empty = _pairs(np.empty((1, 0)), []).assign(time_period="")
        return pd.concat([empty, *periods], ignore_index=True)

    @property
    def draws(self) -> pd.DataFrame:
        """One row per draw: draw, parameters."""
        return self.design.table()


def uncertainty(steps: Steps) -> UncertaintyResult:
    """Run the uncertainty analysis of the method in each period; ranks are among the ranked units.

    Raises:
        MethodError: the method declares none, or a draw needs data that is missing.
    """
    design = steps.design
    choices = design.monte_carlo()
    intervals, listed = [], []
    for period, label in enumerate(steps.chain.panel.periods):
        drawn = drawn_ranks(steps, design, choices, period)
        units = ranked_units(steps, period)
        intervals.append(_intervals(drawn, units).assign(time_period=label))
        listed.append(_listed(drawn, units).assign(time_period=label))
    return UncertaintyResult(
        pd.concat(intervals, ignore_index=True), pd.concat(listed, ignore_index=True), design
    )


def ranked_units(steps: Steps, period: int) -> list[str]:
    """The ranked units of a period, in order."""
    ranked = ~np.isnan(steps.ranked_scores[period])
    return [unit for unit, there in zip(steps.chain.panel.units, ranked, strict=True) if there]


def scenarios(steps: Steps) -> pd.DataFrame:
    """Each declared alternative of a step on its own, everything else as declared.

    One row per period, alternative and ranked unit: time_period, scenario (`<factor>:<alternative>`),
    ref_area, score (on the scale of the alternative), rank.
    """
    design = steps.design
    frames = []
    for period, label in enumerate(steps.chain.panel.periods):
        units = ranked_units(steps, period)
        for name, choice in design.alone():
            scores = drawn_scores(steps, design, choice, period)[0]
            frame = pd.DataFrame({"ref_area": units, "score": scores})
            placed = ranks(scores, steps.chain.method) if units else scores
            frames.append(frame.assign(time_period=label, scenario=name, rank=placed))
    columns = ["time_period", "scenario", "ref_area", "score", "rank"]
    found = pd.concat([pd.DataFrame(columns=columns), *frames], ignore_index=True)[columns]
    return found.astype({"rank": "Int64"})


def drawn_ranks(steps: Steps, design: SampleDesign, choices: Choice, period: int) -> Floats:
    """The ranks of the ranked units in each draw: (draw, unit)."""
    drawn = drawn_scores(steps, design, choices, period)
    method = steps.chain.method.model_copy(update={"rank_precision": None, "ties": "min"})
    at_once = max(1, CELLS_AT_ONCE // max(1, drawn.shape[1]))
    for start in range(0, len(drawn) if drawn.size else 0, at_once):
        lot = slice(start, start + at_once)
        drawn[lot] = ranks(drawn[lot], method)
    return drawn


def drawn_scores(steps: Steps, design: SampleDesign, choices: Choice, period: int) -> Floats:
    """The scores of the ranked units in each draw: (draw, unit)."""
    ranked = ~np.isnan(steps.ranked_scores[period])
    scores = np.empty((len(choices), int(ranked.sum())))
    for rows in _alike(design, choices):
        scores[rows] = _scores(steps, design, choices[rows], period)[:, ranked]
    return scores


def _alike(design: SampleDesign, choices: Choice) -> list[np.ndarray]:
    """Group the draws by identical steps."""
    steps = [column for column, factor in enumerate(design.factors) if factor in STEPS]
    lots: dict[bytes, list[int]] = {}
    for row, choice in enumerate(choices[:, steps]):
        lots.setdefault(choice.tobytes(), []).append(row)
    return [np.array(rows) for rows in lots.values()]


def _scores(steps: Steps, design: SampleDesign, choices: Choice, period: int) -> Floats:
    """The scores of draws that have the same steps: (draw, unit)."""
    chain, setting = steps.chain, design.setting(choices[0])
    observations = chain.observations(setting.missing)[period]
    imputed = np.isnan(chain.panel.observations[period]) & ~np.isnan(observations)
    statuses = np.where(imputed, "I", chain.panel.statuses[period])
    deviations = design.deviations(chain.panel, statuses)
    weights = design.weights(choices)
    replicates = design.replicates(choices)
    at_once = max(1, CELLS_AT_ONCE // observations.size)
    if replicates is None:
        normalised = chain.normalised(
            chain.treated(observations[None], setting, period).observations, setting
        )
    found = []
    for start in range(0, len(choices), at_once):
        lot = slice(start, start + at_once)
        if replicates is not None:
            # Draws that differ in nothing but weights share their values.
            own, distinct = pd.factorize(replicates[lot])
            noise = design.noise(distinct, deviations, chain.panel.shared_values[period])
            treated = chain.treated(observations * noise, setting, period)
            normalised = chain.normalised(treated.observations, setting)[own]
        # A copy, so that the scores of the pillars need not be kept.
        found.append(chain.scores(normalised, weights[lot], setting, period).scores[..., -1].copy())
    return np.concatenate(found)


def _intervals(drawn: Floats, units: list[str]) -> pd.DataFrame:
    # A unit without any value in a draw has no rank; without such draws, quantile is faster.
    quantile = np.nanquantile if np.isnan(drawn).any() else np.quantile
    low, median, high = quantile(drawn, [0.05, 0.5, 0.95], axis=0) if units else np.empty((3, 0))
    return pd.DataFrame(
        {
            # Of this type without any unit too, so that the rows can be merged.
            "ref_area": pd.Series(units, dtype="str"),
            "rank_p05": low,
            "rank_median": median,
            "rank_p95": high,
            "p_top3": (drawn <= 3).mean(axis=0),
            "p_top10": (drawn <= 10).mean(axis=0),
        }
    )


def _listed(drawn: Floats, units: list[str]) -> pd.DataFrame:
    """The ranks of each unit as a list."""
    if np.isnan(drawn).any():
        listed = [[None if np.isnan(each) else int(each) for each in own] for own in drawn.T]
    else:
        listed = list(drawn.T.astype(np.int32))
    return pd.DataFrame({"ref_area": pd.Series(units, dtype="str"), "ranks": pd.Series(listed, dtype=object)})


def _pairs(drawn: Floats, units: list[str]) -> pd.DataFrame:
    above = np.array([_above(drawn[:, [unit]], drawn) for unit in range(len(units))])
    one, other = np.nonzero(~np.eye(len(units), dtype=bool))
    p_above = above[one, other] if units else np.empty(0)
    return pd.DataFrame(
        {
            "ref_area": np.array(units, dtype=object)[one],
            "other_ref_area": np.array(units, dtype=object)[other],
            "p_above": p_above,
            "tied": (p_above >= TIED[0]) & (p_above <= TIED[1]),
        }
    )


def _above(own: Floats, others: Floats) -> Floats:
    """The share of draws in which a unit is ranked above each other unit; equal ranks count half."""
    share: Floats = (own < others).mean(axis=0) + (own == others).mean(axis=0) / 2
    return share
