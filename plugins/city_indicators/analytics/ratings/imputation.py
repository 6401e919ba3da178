"""What stands in for missing observations. Arrays have the axes (period, unit, indicator).

OECD/JRC Handbook (2008), step 3. Imputed observations have obs_status I and are counted.
"""

import re

import numpy as np
import pandas as pd

from city_indicators.analytics.ratings.panel import Panel
from city_indicators.analytics.ratings.steps import Missing
from city_indicators.analytics.ratings.structure import Floats, Structure
from city_indicators.core.errors import MethodError


def impute(panel: Panel, structure: Structure, default: Missing, forced: Missing | None) -> Floats:
    """The observations with what stands in for missing ones.

    A unit that is no member has none. `forced` goes before what the method and its indicators declare: it is
    what an uncertainty analysis tries.
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
                f"missing: {policy.policy} goes by years, but the periods are {panel.periods}. "
                "Next step: give the observations years of four digits, or declare another policy"
            )
        return _from_other_years(values, policy, [int(period) for period in panel.periods])
    return _from_others(values, policy, panel)


def _from_others(values: Floats, policy: Missing, panel: Panel) -> Floats:
    """Mean or median of the group in the same period; a unit of no group gets nothing."""
    shape = values.shape
    cells = pd.DataFrame(values.reshape(-1, shape[-1]))
    by = [panel.groups["time_period"]]
    if policy.group:
        by.append(panel.groups[policy.group])
    grouped = cells.groupby([key.to_numpy() for key in by])
    means = grouped.transform("mean" if policy.policy == "mean" else "median")
    return cells.fillna(means).to_numpy().reshape(shape)


def _from_other_years(values: Floats, policy: Missing, years: list[int]) -> Floats:
    """Interpolated between two years, or the observation of the nearest one; of two as near, the earlier one's."""
    filled = values.copy()
    within = policy.within if policy.policy == "nearest_year" else max(years) - min(years)
    for period, year in enumerate(years):
        before, gap_before = _known(values, years, year, range(period - 1, -1, -1), within)
        after, gap_after = _known(values, years, year, range(period + 1, len(years)), within)
        if policy.policy == "linear":
            stand_in = before + (after - before) * gap_before / (gap_before + gap_after)
        else:
            stand_in = np.where(np.isnan(after) | (gap_before <= gap_after), before, after)
            stand_in = np.where(np.isnan(stand_in), after, stand_in)
        filled[period] = np.where(np.isnan(values[period]), stand_in, values[period])
    return filled


def _known(values: Floats, years: list[int], year: int, others: range, within: int) -> tuple[Floats, Floats]:
    """The first observation met in other periods, and how many years away it is."""
    found, gap = np.full(values.shape[1:], np.nan), np.full(values.shape[1:], np.nan)
    for other in others:
        if abs(years[other] - year) > within:
            break
        new = np.isnan(found) & ~np.isnan(values[other])
        found[new], gap[new] = values[other][new], abs(years[other] - year)
    return found, gap
