"""Sensitivity of the ranks: Sobol indices of each factor, and leaving out each indicator and pillar.

The output is the mean absolute shift of rank from the nominal rating, over the ranked units (Saisana,
Saltelli, Tarantola 2005). Sobol sampling and estimators are from SALib.
"""

from typing import Any, Final

import numpy as np
import pandas as pd

from city_indicators.analytics.ratings.chain import Chain
from city_indicators.analytics.ratings.draws import AS_DECLARED, Choice, SampleDesign
from city_indicators.analytics.ratings.ranking import ranks
from city_indicators.analytics.ratings.structure import Floats
from city_indicators.analytics.ratings.tables import Steps
from city_indicators.analytics.ratings.uncertainty import drawn_ranks, ranked_units

LEAST_UNITS: Final = 2
# The number of replicates that measure how far a factor shifts ranks on its own.
ONE_AT_A_TIME: Final = 100


def sensitivity(steps: Steps) -> pd.DataFrame:
    """One row per factor, and one per indicator or pillar that is left out.

    Columns: time_period, kind (`factor`, `left_out`), factor, s1, s1_conf, st, st_conf (first and total
    order, and half the width of their 95 % intervals; missing for `left_out`), mean_abs_rank_shift (of the
    factor alone, everything else as declared).
    """
    choices = _sobol_choices(steps.design) if steps.chain.method.uncertainty else None
    frames = []
    for period, label in enumerate(steps.chain.panel.periods):
        if len(ranked_units(steps, period)) >= LEAST_UNITS:
            rows = [*_factors(steps, choices, period), *_left_out(steps, period)]
            frames.append(pd.DataFrame(rows).assign(time_period=label))
    columns = ["time_period", "kind", "factor", "s1", "s1_conf", "st", "st_conf", "mean_abs_rank_shift"]
    return pd.concat([pd.DataFrame(columns=columns), *frames], ignore_index=True)[columns]


def _factors(steps: Steps, choices: Choice | None, period: int) -> list[dict[str, Any]]:
    if choices is None:
        return []
    design = steps.design
    found = _sobol(steps, choices, period)
    rows = []
    for column, factor in enumerate(design.factors):
        count = min(design.alternatives(factor), ONE_AT_A_TIME)
        alone = np.full((count, len(design.factors)), AS_DECLARED)
        alone[:, column] = range(count)
        shift = _shifts(steps, alone, period).mean()
        row = {name: float(values[column]) for name, values in found.items()}
        rows.append({"kind": "factor", "factor": factor, **row, "mean_abs_rank_shift": shift})
    return rows


def _problem(design: SampleDesign) -> dict[str, Any]:
    """The unit cube of the factors, as SALib expects it."""
    count = len(design.factors)
    return {"num_vars": count, "names": design.factors, "bounds": [[0, 1]] * count}


def _sobol_choices(design: SampleDesign) -> Choice:
    from SALib.sample import sobol as sampling

    declared = design.declared
    return design.at(
        sampling.sample(_problem(design), declared.sobol, calc_second_order=False, seed=declared.seed)
    )


def _sobol(steps: Steps, choices: Choice, period: int) -> dict[str, Floats]:
    from SALib.analyze import sobol as analysis

    design, shifts = steps.design, _shifts(steps, choices, period)
    if np.ptp(shifts) == 0:
        return {name: np.zeros(len(design.factors)) for name in ("s1", "s1_conf", "st", "st_conf")}
    found = analysis.analyze(_problem(design), shifts, calc_second_order=False, seed=design.declared.seed)
    return {"s1": found["S1"], "s1_conf": found["S1_conf"], "st": found["ST"], "st_conf": found["ST_conf"]}


def _shifts(steps: Steps, choices: Choice, period: int) -> Floats:
    """The mean absolute shift of rank in each draw, over the units with a rank in that draw."""
    shifts = np.abs(drawn_ranks(steps, steps.design, choices, period) - _nominal(steps, period))
    means: Floats = np.nansum(shifts, axis=1) / np.maximum((~np.isnan(shifts)).sum(axis=1), 1)
    return means


def _nominal(steps: Steps, period: int) -> Floats:
    scores = steps.ranked_scores[period]
    return ranks(scores[~np.isnan(scores)], steps.chain.method)


def _left_out(steps: Steps, period: int) -> list[dict[str, Any]]:
    chain: Chain = steps.chain
    count = len(chain.structure.names) - 1
    columns = sorted(set(range(count)) - chain.structure.without_weight)
    if count < LEAST_UNITS or not columns:
        return []
    weights = np.tile(chain.structure.shares, (len(columns), 1))
    weights[np.arange(len(columns)), columns] = 0
    scores = chain.scores(steps.normalised[[period]], weights, period=period).scores[..., -1]
    ranked = ~np.isnan(steps.ranked_scores[period])
    shifts = np.abs(ranks(scores[:, ranked], chain.method) - _nominal(steps, period))
    return [
        {"kind": "left_out", "factor": name, "mean_abs_rank_shift": float(np.nanmean(shift))}
        for name, shift in zip([chain.structure.names[column] for column in columns], shifts, strict=True)
        if not np.isnan(shift).all()
    ]
