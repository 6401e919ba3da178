"""Adds columns for rules that need more than the row itself: bounds, changes and other sources.

Bounds come from the catalogue. A change is measured from the previous observation, in the same load or in
the warehouse. A difference is measured from the same observation of another source in the warehouse.
"""

from typing import Final

import pandas as pd

from city_indicators.catalog.models import Catalogue
from city_indicators.ingest.normalise import KEY

KNOWN_COLUMNS: Final = [*KEY, "source", "obs_value", "unit_measure"]
NO_KNOWN_OBSERVATIONS: Final = pd.DataFrame(columns=KNOWN_COLUMNS).astype({"obs_value": float})
LARGEST_BEYOND: Final = 1e6
"""A change from or to zero is infinite, which JSON cannot hold."""
YEARS_BACK: Final = 5
"""A change is measured from an observation at most this many years before."""


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
      between the two; 0 within it or after a declared break
    - `known_value`, `revision`: the value of the source for the same period in the warehouse, and the
      relative change from it
    - `beyond_revision`: how far the revision exceeds the indicator's bound
    - `other_source`, `other_value`, `difference`: the most different observation of another source, and the
      relative difference
    - `beyond_tolerance`: how far the difference exceeds the indicator's tolerance
    """
    indicator = observations["indicator"]
    beyond_range = _beyond_range(observations, catalogue)
    # Otherwise a wrong observation would make the correct one after it fail the jump rule.
    sound = (
        (beyond_range == 0)
        & observations["fault"].isna()
        & (observations["distinct_values"] <= 1)
        & ~(observations["shortfall"] > 0)
    )
    return observations.assign(
        beyond_range=beyond_range,
        mix_sum=_mix_sum(observations, indicator.map({i.id: i.mix for i in catalogue.indicators.values()})),
        **_change(source, observations.assign(sound=sound), known, catalogue),
        **_difference(source, observations, known, catalogue),
    )


def _bound(observations: pd.DataFrame, bounds: dict[str, float]) -> "pd.Series[float]":
    return observations["indicator"].map(bounds).astype(float)


def _beyond_range(observations: pd.DataFrame, catalogue: Catalogue) -> "pd.Series[float]":
    ranges = {each.id: each.range for each in catalogue.indicators.values()}
    value = observations["obs_value"]
    below = _bound(observations, {key: bounds[0] for key, bounds in ranges.items()}) - value
    above = value - _bound(observations, {key: bounds[1] for key, bounds in ranges.items()})
    return below.where(below > above, above).clip(lower=0).fillna(0.0)


def _mix_sum(observations: pd.DataFrame, mix: "pd.Series[str]") -> "pd.Series[float]":
    """Sum the shares of each mix; a repeated share counts once, as a repeat does not change the mix."""
    shares = observations[mix.notna()].assign(mix=mix)
    once = shares.drop_duplicates(KEY)
    sums = once.groupby(["ref_area", "time_period", "mix"])["obs_value"].sum()
    keys = pd.MultiIndex.from_frame(shares[["ref_area", "time_period", "mix"]])
    found = pd.Series(sums.reindex(keys).to_numpy(), index=shares.index)
    return found.reindex(observations.index).fillna(0.0)


def _change(
    source: str, observations: pd.DataFrame, known: pd.DataFrame, catalogue: Catalogue
) -> dict[str, "pd.Series[float]"]:
    bounds = {i.id: i.max_change for i in catalogue.indicators.values() if i.max_change is not None}
    compared = observations[[*KEY, "unit_measure", "obs_value", "obs_status", "sound"]]
    compared = compared.assign(year=_year(observations), position=observations.index)
    observations = compared[
        compared["indicator"].isin(bounds) & compared[["obs_value", "year"]].notna().all(axis=1)
    ]
    stored = known[(known["source"] == source) & known["indicator"].isin(bounds)]
    stored = stored.assign(year=_year(stored))
    previous = _previous(observations, stored.assign(sound=True))
    years = previous["year"] - _year(previous, "previous_period")
    known_value = observations.merge(
        stored.rename(columns={"obs_value": "known_value"}), how="left", on=[*KEY, "unit_measure"]
    ).set_index("position")["known_value"]
    value = observations["obs_value"]
    unbroken = observations["obs_status"] != "B"
    bound = _bound(observations, bounds)
    allowed = (1 + bound) ** years - 1
    columns = {
        "previous_period": previous["previous_period"],
        "previous_value": previous["previous_value"],
        "change": previous["obs_value"] / previous["previous_value"] - 1,
        "beyond_change": _beyond(previous["obs_value"], previous["previous_value"], allowed, unbroken),
        "known_value": known_value,
        "revision": value / known_value - 1,
        "beyond_revision": _beyond(value, known_value, bound, unbroken),
    }
    return {
        name: column.reindex(observations.index).fillna(0.0)
        if name.startswith("beyond")
        else column.reindex(observations.index)
        for name, column in columns.items()
    }


def _previous(observations: pd.DataFrame, stored: pd.DataFrame) -> pd.DataFrame:
    """The observations with the previous sound one, of the load or else of the warehouse; by position."""
    series = ["ref_area", "indicator", "unit_measure"]
    columns = [*series, "year", "time_period", "obs_value", "sound"]
    before = pd.concat(
        [frame[columns] for frame in (stored, observations) if len(frame)] or [observations[columns]]
    )
    before = before[before["sound"]].drop(columns="sound")
    before = before.drop_duplicates([*series, "year"], keep="last").sort_values("year")
    return pd.merge_asof(
        observations.sort_values("year"),
        before.rename(columns={"time_period": "previous_period", "obs_value": "previous_value"}),
        on="year",
        by=series,
        allow_exact_matches=False,
        tolerance=YEARS_BACK,
    ).set_index("position")


def _beyond(
    value: "pd.Series[float]",
    base: "pd.Series[float]",
    bound: "pd.Series[float]",
    unbroken: "pd.Series[bool]",
) -> "pd.Series[float]":
    """How far the difference of two values, relative to the smaller one, exceeds a bound.

    Halving and doubling count the same, and no bound allows a change of sign, or one from or to zero.
    """
    smaller = value.abs().where(value.abs() < base.abs(), base.abs())
    apart = ((value - base).abs() / smaller).mask(value == base, 0)
    beyond = apart - bound.where((value > 0) == (base > 0), 0)
    # A value exactly on the bound must not fail by a rounding error.
    return beyond.round(9).clip(0, LARGEST_BEYOND).where(unbroken)


def _year(frame: pd.DataFrame, column: str = "time_period") -> "pd.Series[float]":
    return pd.to_numeric(frame[column], errors="coerce").astype(float)


def _difference(
    source: str, observations: pd.DataFrame, known: pd.DataFrame, catalogue: Catalogue
) -> dict[str, "pd.Series[float]"]:
    tolerances = {i.id: i.tolerance for i in catalogue.indicators.values() if i.tolerance is not None}
    others = known[(known["source"] != source) & known["indicator"].isin(tolerances)]
    others = others.rename(columns={"source": "other_source", "obs_value": "other_value"})
    compared = observations[[*KEY, "unit_measure", "obs_value"]].assign(position=observations.index)
    compared = compared.merge(others, on=[*KEY, "unit_measure"])
    larger = compared[["obs_value", "other_value"]].abs().max(axis=1)
    gap = (compared["obs_value"] - compared["other_value"]).abs() / larger.where(larger != 0)
    compared = compared.assign(difference=gap).sort_values("difference", ascending=False)
    worst = compared.drop_duplicates("position").set_index("position")
    beyond = (worst["difference"] - worst["indicator"].map(tolerances).astype(float)).clip(lower=0)
    return {
        **{
            name: worst[name].reindex(observations.index)
            for name in ("other_source", "other_value", "difference")
        },
        "beyond_tolerance": beyond.reindex(observations.index).fillna(0.0),
    }
