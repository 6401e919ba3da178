"""Checks the level of values of years that are not held: by earlier years, anchors and other sources."""

from itertools import pairwise
from typing import Any, Final

import numpy as np
import pandas as pd

from city_indicators.ingest.categories import are_given
from city_indicators.ingest.normalise import KEY
from city_indicators.ingest.validation.load_checks.compare import (
    SAME,
    Series,
    Texts,
    Values,
    Years,
    apart,
    both,
    listed,
    percent,
)

FEWEST: Final = 5
"""From how many places on the median change means something."""
SMALLEST_STEP: Final = 0.15
"""A median change of all places up to this share a year is never refused: emissions fell by 8 % in 2020."""
USUAL_TIMES: Final = 2.0
"""How many times the largest change so far is refused."""
STEP_OF_YOUNG_SERIES: Final = 0.5
"""The limit while fewer than two changes are held: twice, or half, the values of the year before."""


def steps(series: list[Series]) -> tuple[Texts, Texts]:
    """Indicators of which the places together change more from year to year than ever before.

    Measured is the median over places of the relative change from the nearest held year to a year that is
    not held, by the years between. Returns those that change beyond the limit, and those that only exceed
    the largest change so far.
    """
    beyond: Texts = {}
    unusual: Texts = {}
    for each in series:
        indicator, known = each.indicator, each.held
        new = sorted(each.given.keys() - known.keys())
        largest, n = _largest_step(known) if new else (0.0, 0)
        limit = max(SMALLEST_STEP, USUAL_TIMES * largest) if n >= 2 else STEP_OF_YOUNG_SERIES
        for year in new:
            base = min(known, key=lambda held_year: (abs(held_year - year), held_year))
            step = _median_step(known[base], each.given[year], year - base)
            if step is None or abs(step) <= (largest + SAME if n >= 2 else limit):
                continue
            text = (
                f"the places of {indicator} change by {100 * step:+.2g} % a year in the median from {base} "
                f"to {year}; the largest change so far is {percent(largest)}"
            )
            (beyond if abs(step) > limit else unusual).setdefault(indicator, text)
    return beyond, unusual


def _largest_step(known: Years) -> tuple[float, int]:
    """The largest median change between held years, and how many there are."""
    found = [_median_step(known[before], known[after], after - before) for before, after in pairwise(known)]
    sizes = [abs(step) for step in found if step is not None]
    return max(sizes, default=0.0), len(sizes)


def _median_step(before: Values, after: Values, years: int) -> float | None:
    at = both(before, after)
    if at.sum() < FEWEST:
        return None
    return float(np.median(apart(after[at], before[at]))) / abs(years)


def anchored(
    observations: pd.DataFrame, held: pd.DataFrame, anchors: pd.DataFrame, all_given: pd.DataFrame | None
) -> Texts:
    """Indicators that contradict a published value which the catalogue declares (expectations.anchors).

    Only anchors are compared whose observation is not held: afterwards, revisions are checked instead.
    `anchors` has KEY, unit_measure, obs_value and tolerance (a relative difference), for the load's years.
    `all_given` are the keys of all rows, rejected ones included; None for a load that may lack any.
    """
    found: Texts = {}
    new = anchors[~are_given(anchors, held)] if len(anchors) else anchors
    new = new.assign(is_given=True if all_given is None else are_given(new, all_given))
    given = new.merge(
        observations[[*KEY, "unit_measure", "obs_value"]].rename(columns={"obs_value": "given"}),
        on=[*KEY, "unit_measure"],
        how="left",
    )
    units = observations[["indicator", "unit_measure"]].drop_duplicates()
    other_units = units.groupby("indicator")["unit_measure"].agg(set).to_dict()
    for row in given.to_dict("records"):
        indicator, what = row["indicator"], f"{row['ref_area']} {row['indicator']} {row['time_period']}"
        if np.isnan(row["given"]):
            # In another unit, for example at the prices of another year, nothing can be compared.
            if not row["is_given"] and row["unit_measure"] in other_units.get(
                indicator, {row["unit_measure"]}
            ):
                found.setdefault(
                    indicator, f"{what} is not given, but was published as {row['obs_value']:.6g}"
                )
        elif abs(apart(row["given"], row["obs_value"])) > row["tolerance"]:
            found.setdefault(
                indicator,
                f"{what} is given as {row['given']:.6g}, but was published as {row['obs_value']:.6g}",
            )
        elif year := _year_with(row, anchors):
            found.setdefault(indicator, f"{what} is given the value published for {year}")
    return found


def _year_with(row: dict[Any, Any], anchors: pd.DataFrame) -> str | None:
    """The year before or after of which a row has the published value; None if it has its own."""
    if abs(apart(row["given"], row["obs_value"])) <= SAME:
        return None
    year = int(str(row["time_period"]))
    near = anchors[
        (anchors["ref_area"] == row["ref_area"])
        & (anchors["indicator"] == row["indicator"])
        & anchors["time_period"].isin([str(year - 1), str(year + 1)])
    ]
    same = near[np.abs(apart(near["obs_value"].to_numpy(float), row["given"])) <= SAME]
    return str(same["time_period"].iloc[0]) if len(same) else None


def disagreeing(
    observations: pd.DataFrame, held: pd.DataFrame, others: pd.DataFrame, tolerances: dict[str, float]
) -> Texts:
    """Indicators, of which nothing is held, that differ from another source by more than the tolerance.

    Measured is the median relative difference. `others` are the held observations of other sources.
    """
    found: Texts = {}
    names = set(others["indicator"].unique()) & tolerances.keys() - set(held["indicator"].unique())
    first, others = (frame[frame["indicator"].isin(names)] for frame in (observations, others))
    pairs = first.merge(others.rename(columns={"obs_value": "other_value"}), on=[*KEY, "unit_measure"])
    for (indicator, source), group in pairs.groupby(["indicator", "source"]):
        gap = float(np.median(np.abs(apart(group["obs_value"].to_numpy(), group["other_value"].to_numpy()))))
        if len(group) >= FEWEST and gap > tolerances.get(str(indicator), np.inf):
            found[str(indicator)] = (
                f"{indicator} differs by {percent(gap)} in the median from the same {len(group)} "
                f"observations of {source}"
            )
    return found


def first_values(observations: pd.DataFrame, held: pd.DataFrame, anchors: pd.DataFrame) -> Texts:
    """Indicators of which nothing is held, with how many values of the load have an anchor."""
    first = observations[~observations["indicator"].isin(held["indicator"].unique())]
    found: Texts = {}
    for indicator, group in first.groupby("indicator"):
        anchored = int(are_given(group, anchors).sum())
        found[str(indicator)] = (
            f"first {len(group)} values of {indicator}, {anchored} of them compared with a declared anchor: "
            f"{listed(sorted(group['time_period'].unique()))}"
        )
    return found
