"""Imputes missing values. Arrays have the axes (period, unit, indicator).

OECD/JRC Handbook (2008), step 3. Imputed values have obs_status I and are counted.
"""

import re

import numpy as np
import pandas as pd

from city_indicators.analytics.ratings.panel import Panel
from city_indicators.analytics.ratings.steps import Missing
from city_indicators.analytics.ratings.structure import Floats, Structure
from city_indicators.core.errors import MethodError


def impute(panel: Panel, structure: Structure, default: Missing, forced: Missing | None) -> Floats:
    """The values, with missing ones imputed.

    Units that are not members of the rated group get no values. `forced`, an alternative of the uncertainty
    analysis, overrides what the method and its indicators declare.
    """
    filled = panel.observations.copy()
    policies = [forced or leaf.missing or default for leaf in structure.leaves]
    for policy in {policy.model_dump_json(): policy for policy in policies}.values():
        columns = [column for column, other in enumerate(policies) if other == policy]
        filled[..., columns] = _filled(panel.observations[..., columns], policy, panel)
    filled[~panel.members] = np.nan
    imputed = np.isnan(panel.observations) & ~np.isnan(filled)
    for pillar in structure.uppermost:
        share = imputed[..., pillar.leaves].mean(axis=-1)
        limit = min(policies[leaf].max_share for leaf in pillar.leaves)
        over = imputed[..., pillar.leaves] & (share > limit)[..., None]
        filled[..., pillar.leaves] = np.where(over, np.nan, filled[..., pillar.leaves])
    return filled


def _filled(values: Floats, policy: Missing, panel: Panel) -> Floats:
    if policy.policy == "none":
        return values
    if policy.policy in ("nearest_year", "linear"):
        if not all(re.fullmatch(r"\d{4}", period) for period in panel.periods):
            raise MethodError(
                f"missing: {policy.policy} needs years, but the periods are {panel.periods}. "
                "Next step: use years of four digits as periods, or declare another policy"
            )
        return _from_other_years(values, policy, [int(period) for period in panel.periods])
    return _from_others(values, policy, panel)


def _from_others(values: Floats, policy: Missing, panel: Panel) -> Floats:
    """Mean or median of the group in the same period; a unit without a group gets no value."""
    shape = values.shape
    cells = pd.DataFrame(values.reshape(-1, shape[-1]))
    by = [panel.groups["time_period"]]
    if policy.group:
        by.append(panel.groups[policy.group])
    grouped = cells.groupby([key.to_numpy() for key in by])
    means = grouped.transform("mean" if policy.policy == "mean" else "median")
    return cells.fillna(means).to_numpy().reshape(shape)


def impute_scores(scores: Floats, groups: np.ndarray, policy: Missing) -> Floats:
    """The scores of a pillar, with missing ones imputed from their group: (draw, unit).

    `groups` are labels with the same axes, or with one draw for all; a unit without a label gets no score.
    """
    filled = scores.copy()
    centre = np.nanmean if policy.policy == "mean" else np.nanmedian
    for label in pd.unique(groups[pd.notna(groups)]):
        own = np.broadcast_to(groups == label, scores.shape)
        pool = np.where(own, scores, np.nan)
        some = ~np.isnan(pool).all(axis=1)
        middle = np.full((len(scores), 1), np.nan)
        middle[some, 0] = centre(pool[some], axis=1)
        filled = np.where(own & np.isnan(scores), middle, filled)
    return filled


def _from_other_years(values: Floats, policy: Missing, years: list[int]) -> Floats:
    """Interpolate between two years, or take the value of the nearest year; the earlier one of a tie."""
    filled = values.copy()
    within = policy.within if policy.policy == "nearest_year" else max(years) - min(years)
    for period, year in enumerate(years):
        before, gap_before = _known(values, years, year, range(period - 1, -1, -1), within)
        after, gap_after = _known(values, years, year, range(period + 1, len(years)), within)
        if policy.policy == "linear":
            imputed = before + (after - before) * gap_before / (gap_before + gap_after)
        else:
            imputed = np.where(np.isnan(after) | (gap_before <= gap_after), before, after)
            imputed = np.where(np.isnan(imputed), after, imputed)
        filled[period] = np.where(np.isnan(values[period]), imputed, values[period])
    return filled


def _known(values: Floats, years: list[int], year: int, others: range, within: int) -> tuple[Floats, Floats]:
    """The first value found in other periods, and its distance in years."""
    found, gap = np.full(values.shape[1:], np.nan), np.full(values.shape[1:], np.nan)
    for other in others:
        if abs(years[other] - year) > within:
            break
        new = np.isnan(found) & ~np.isnan(values[other])
        found[new], gap[new] = values[other][new], abs(years[other] - year)
    return found, gap
