"""Adds columns for rules that need more than the row itself: bounds, changes and other sources.

Bounds come from the catalogue. A change is measured from the previous observation, in the same load or in
the warehouse. A difference is measured from the same observation of another source in the warehouse.
"""

from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from city_indicators.catalog.models import Catalogue
from city_indicators.core.intervals import YEAR
from city_indicators.ingest.categories import alike, plain
from city_indicators.ingest.normalise import KEY

KNOWN_COLUMNS: Final = [*KEY, "source", "obs_value", "unit_measure"]
NO_KNOWN_OBSERVATIONS: Final = pd.DataFrame(columns=KNOWN_COLUMNS).astype({"obs_value": float})
LARGEST_BEYOND: Final = 1e6
"""A change from or to zero is infinite, which JSON cannot hold."""
YEARS_BACK: Final = 5
"""A change is measured from an observation at most this many years before."""
COMPARED: Final = [*KEY, "unit_measure", "obs_value"]
SERIES: Final = ("ref_area", "indicator", "unit_measure")
PREVIOUS: Final = ["series", "year", "time_period", "obs_value"]
YEARS: Final = 10_000
"""How many years there are: a year has four digits."""

Numbers = npt.NDArray[np.float64]


def in_context(
    source: str, observations: pd.DataFrame, known: pd.DataFrame, catalogue: Catalogue
) -> pd.DataFrame:
    """Add the columns that the row rules need.

    `known` has KNOWN_COLUMNS: the observations of these indicators in the warehouse, of every source.
    The added columns are:

    - `beyond_range`: how far the value is outside its indicator's range; 0 within it
    - `mix_sum`: the sum of the shares of the same mix, place and year; 0 if the row is not a share of a mix
    - `previous_period`, `previous_value`, `change`: the previous observation and the relative change from
      it; an observation with a fault of its own is skipped (out of range, invalid form, contradicted)
    - `beyond_change`: how far the change exceeds the indicator's bound, which is compounded over the years
      between the two; 0 within it or after a declared break; NaN for an indicator without a bound
    - `known_value`, `revision`: the value of the source for the same period in the warehouse, and the
      relative change from it
    - `beyond_revision`: how far the revision exceeds the indicator's bound
    - `other_source`, `other_value`, `difference`: the most different observation of another source, and the
      relative difference
    - `beyond_tolerance`: how far the difference exceeds the indicator's tolerance
    """
    keyed, stored = map(_keyed, alike(observations[[*COMPARED, "obs_status"]], known))
    own = (stored["source"] == source).to_numpy()
    beyond_range = _beyond_range(keyed, catalogue)
    # Otherwise a wrong observation would make the correct one after it fail the jump rule.
    sound = (
        (beyond_range == 0)
        & observations["fault"].isna().to_numpy()
        & (observations["distinct_values"] <= 1).to_numpy()
        & ~(observations["shortfall"] > 0).to_numpy()
    )
    return observations.assign(
        beyond_range=beyond_range,
        mix_sum=_mix_sum(keyed, catalogue),
        **_change(keyed, sound, stored[own], catalogue),
        **_difference(keyed, stored[~own], catalogue),
    )


def _keyed(frame: pd.DataFrame) -> pd.DataFrame:
    """Add `year`, NaN for a period that is none, and the numbers `series` (with the unit) and `key`."""
    series = np.zeros(len(frame), np.int64)
    for name in SERIES:
        series = series * (len(frame[name].cat.categories) + 1) + frame[name].cat.codes.to_numpy() + 1
    periods = frame["time_period"].cat
    years = [float(period) if YEAR.fullmatch(period) else np.nan for period in periods.categories]
    period = periods.codes.to_numpy().astype(np.int64)
    key = series * (len(years) + 1) + period + 1
    return frame.assign(series=series, key=key, year=np.array([*years, np.nan])[period])


def _bound(observations: pd.DataFrame, bounds: dict[str, float]) -> Numbers:
    """The bound of each observation's indicator; NaN where there is none."""
    indicator = observations["indicator"].cat
    of_each: Numbers = np.array([*(bounds.get(name, np.nan) for name in indicator.categories), np.nan])
    return of_each[indicator.codes]


def _beyond_range(observations: pd.DataFrame, catalogue: Catalogue) -> Numbers:
    indicators = catalogue.indicators.values()
    value = observations["obs_value"].to_numpy(float)
    below = _bound(observations, {each.id: each.range[0] for each in indicators}) - value
    above = value - _bound(observations, {each.id: each.range[1] for each in indicators})
    beyond: Numbers = np.maximum(below, above).clip(0)
    return np.where(np.isnan(beyond), 0.0, beyond)


def _mix_sum(observations: pd.DataFrame, catalogue: Catalogue) -> Numbers:
    """Sum the shares of each mix; a repeated share counts once, as a repeat does not change the mix."""
    mixes = {each.id: each.mix for each in catalogue.indicators.values() if each.mix}
    found = np.zeros(len(observations))
    at = np.flatnonzero(observations["indicator"].isin(mixes))
    if len(at):
        shares = plain(observations.iloc[at])
        shares = shares.assign(mix=shares["indicator"].map(mixes))
        once = shares.drop_duplicates(KEY)
        sums = once.groupby(["ref_area", "time_period", "mix"])["obs_value"].sum()
        keys = pd.MultiIndex.from_frame(shares[["ref_area", "time_period", "mix"]])
        found[at] = sums.reindex(keys).fillna(0.0)
    return found


def _change(
    observations: pd.DataFrame, sound: "npt.NDArray[np.bool_]", stored: pd.DataFrame, catalogue: Catalogue
) -> dict[str, Any]:
    bounds = {i.id: i.max_change for i in catalogue.indicators.values() if i.max_change is not None}
    value, bound = observations["obs_value"].to_numpy(float), _bound(observations, bounds)
    is_compared = ~np.isnan(bound) & ~np.isnan(value) & ~np.isnan(observations["year"].to_numpy())
    before = pd.concat([stored[PREVIOUS], observations.loc[is_compared & sound, PREVIOUS]])
    at = np.where(is_compared, _previous(observations, before), -1)
    previous_value = np.append(before["obs_value"].to_numpy(float), np.nan)[at]
    years = observations["year"].to_numpy() - np.append(before["year"].to_numpy(float), np.nan)[at]
    known_value = np.where(is_compared, _value_of_key(observations, stored), np.nan)
    unbroken = (observations["obs_status"] != "B").to_numpy()
    with np.errstate(divide="ignore", invalid="ignore"):
        allowed = (1 + bound) ** years - 1
        return {
            "previous_period": before["time_period"].array.take(at, allow_fill=True),
            "previous_value": previous_value,
            "change": value / previous_value - 1,
            "beyond_change": np.where(is_compared, _beyond(value, previous_value, allowed, unbroken), np.nan),
            "known_value": known_value,
            "revision": value / known_value - 1,
            "beyond_revision": np.where(is_compared, _beyond(value, known_value, bound, unbroken), np.nan),
        }


def _previous(observations: pd.DataFrame, before: pd.DataFrame) -> "npt.NDArray[np.intp]":
    """The position in `before` of the observation before each, at most YEARS_BACK years; -1 if there is none.

    Of several observations of one year the last one counts.
    """
    if before.empty:
        return np.full(len(observations), -1)
    moment, own = _moment(before), _moment(observations)
    order = np.argsort(moment, kind="stable")
    at = order[np.searchsorted(moment[order], own) - 1]
    apart = own - moment[at]
    same = before["series"].to_numpy()[at] == observations["series"].to_numpy()
    return np.where(same & (apart > 0) & (apart <= YEARS_BACK), at, -1)


def _moment(frame: pd.DataFrame) -> "npt.NDArray[np.int64]":
    """A number for each series and year; those of two years of a series are as far apart as the years."""
    moment: npt.NDArray[np.int64] = frame["series"].to_numpy() * YEARS + frame["year"].fillna(0).to_numpy(int)
    return moment


def _value_of_key(observations: pd.DataFrame, stored: pd.DataFrame) -> Numbers:
    """The stored value of each observation; NaN where nothing is stored in its unit."""
    same_years = stored[stored["time_period"].isin(observations["time_period"].unique())]
    values = same_years.set_index("key")["obs_value"].reindex(observations["key"])
    return values.to_numpy(float)


def _beyond(value: Numbers, base: Numbers, bound: Numbers, unbroken: "npt.NDArray[np.bool_]") -> Numbers:
    """How far the difference of two values, relative to the smaller one, exceeds a bound; 0 if it does not.

    Halving and doubling count the same, and no bound allows a change of sign, or one from or to zero.
    """
    apart = np.abs(value - base) / np.minimum(np.abs(value), np.abs(base))
    apart[value == base] = 0
    beyond = apart - np.where((value > 0) == (base > 0), bound, 0)
    # A value exactly on the bound must not fail by a rounding error.
    beyond = beyond.round(9).clip(0, LARGEST_BEYOND)
    beyond[~unbroken | np.isnan(beyond)] = 0
    return beyond


def _difference(observations: pd.DataFrame, others: pd.DataFrame, catalogue: Catalogue) -> dict[str, Any]:
    tolerances = {i.id: i.tolerance for i in catalogue.indicators.values() if i.tolerance is not None}
    others = others[others["indicator"].isin(tolerances)]
    others = others.rename(columns={"source": "other_source", "obs_value": "other_value"})
    compared = pd.DataFrame({"key": observations["key"], "obs_value": observations["obs_value"]})
    compared = compared.assign(position=np.arange(len(compared)))
    compared = compared.merge(others[["key", "other_source", "other_value"]], on="key")
    larger = compared[["obs_value", "other_value"]].abs().max(axis=1)
    gap = (compared["obs_value"] - compared["other_value"]).abs() / larger.where(larger != 0)
    compared = compared.assign(difference=gap).sort_values("difference", ascending=False)
    worst = compared.drop_duplicates("position").set_index("position").reindex(range(len(observations)))
    beyond = (worst["difference"].to_numpy(float) - _bound(observations, tolerances)).clip(0)
    return {
        **{name: worst[name].to_numpy() for name in ("other_source", "other_value", "difference")},
        "beyond_tolerance": np.nan_to_num(beyond),
    }
