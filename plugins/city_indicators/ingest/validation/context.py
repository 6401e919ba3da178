"""What a rule on one row cannot see by itself, as columns of the row.

Bounds come from the catalogue; a change is one against the observation before, in the same load or in the
warehouse; other sources are those of which the warehouse holds the same observation.
"""

from typing import Final

import pandas as pd

from city_indicators.catalog.models import Catalogue
from city_indicators.ingest.normalise import KEY

KNOWN_COLUMNS: Final = [*KEY, "source", "obs_value", "unit_measure"]
NOTHING_KNOWN: Final = pd.DataFrame(columns=KNOWN_COLUMNS).astype({"obs_value": float})
YEARS_BACK: Final = 5
"""An observation older than that says nothing of a jump."""


def compared(catalogue: Catalogue) -> set[str]:
    """The indicators whose observations are compared with those that the warehouse holds."""
    return {
        i.id for i in catalogue.indicators.values() if i.max_change is not None or i.tolerance is not None
    }


def in_context(
    source: str, observations: pd.DataFrame, known: pd.DataFrame, catalogue: Catalogue
) -> pd.DataFrame:
    """The observations with what the row rules need besides.

    `known` has KNOWN_COLUMNS: what the warehouse holds of these indicators, of every source. Added are:

    - `beyond_range`: how far the observation lies outside its indicator's range, 0 within it
    - `mix_sum`: the sum of the shares of one mix, place and year; 0 for what is no share of a mix
    - `previous_period`, `previous_value`, `change`: the observation before, unless it is wrong by itself (out of
      range, of a broken form, contradicted), and the relative change since;
      `beyond_change`: how far they lie apart beyond the indicator's bound, which is one for each year
      between them; 0 within it or after a declared break
    - `known_value`, `revision`: what the source said of the same period so far, and the relative change
      since; `beyond_revision`: how far it exceeds the indicator's bound
    - `other_source`, `other_value`, `difference`: the most different observation of another source, and the
      relative difference; `beyond_tolerance`: how far it exceeds the indicator's tolerance
    """
    indicator = observations["indicator"]
    beyond_range = _beyond_range(observations, catalogue)
    # An observation that is wrong by itself must not make the one after it seem to jump.
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
    """Repeats of a share count once, or every repeat would seem to break the mix."""
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
    observations = observations.assign(year=_year(observations), position=observations.index)
    observations = observations[
        observations["indicator"].isin(bounds) & observations[["obs_value", "year"]].notna().all(axis=1)
    ]
    held = known[(known["source"] == source) & known["indicator"].isin(bounds)]
    held = held.assign(year=_year(held))
    previous = _previous(observations, held.assign(sound=True))
    years = previous["year"] - _year(previous, "previous_period")
    known_value = observations.merge(
        held.rename(columns={"obs_value": "known_value"}), how="left", on=[*KEY, "unit_measure"]
    ).set_index("position")["known_value"]
    value = observations["obs_value"]
    unbroken = observations["obs_status"] != "B"
    bound = _bound(observations, bounds)
    columns = {
        "previous_period": previous["previous_period"],
        "previous_value": previous["previous_value"],
        "change": previous["obs_value"] / previous["previous_value"] - 1,
        "beyond_change": _beyond(previous["obs_value"], previous["previous_value"], bound * years, unbroken),
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


def _previous(observations: pd.DataFrame, held: pd.DataFrame) -> pd.DataFrame:
    """The observations with the sound one before, in the load or else in the warehouse; by position."""
    series = ["ref_area", "indicator", "unit_measure"]
    columns = [*series, "year", "time_period", "obs_value", "sound"]
    before = pd.concat(
        [frame[columns] for frame in (held, observations) if len(frame)] or [observations[columns]]
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
    """How far two observations lie apart, relative to the smaller, beyond a bound.

    Halving and doubling weigh the same, and no bound allows a change of sign. From zero, or to it, no
    relative change can be told.
    """
    smaller = value.abs().where(value.abs() < base.abs(), base.abs())
    apart = (value - base).abs() / smaller.where(smaller > 0)
    beyond = apart - bound.where((value > 0) == (base > 0), 0)
    # What lies exactly on the bound must not fail by the last bit of a division.
    return beyond.round(9).clip(lower=0).where(unbroken)


def _year(frame: pd.DataFrame, column: str = "time_period") -> "pd.Series[float]":
    return pd.to_numeric(frame[column], errors="coerce").astype(float)


def _difference(
    source: str, observations: pd.DataFrame, known: pd.DataFrame, catalogue: Catalogue
) -> dict[str, "pd.Series[float]"]:
    tolerances = {i.id: i.tolerance for i in catalogue.indicators.values() if i.tolerance is not None}
    others = known[(known["source"] != source) & known["indicator"].isin(tolerances)]
    others = others.rename(columns={"source": "other_source", "obs_value": "other_value"})
    compared = observations.assign(position=observations.index).merge(others, on=[*KEY, "unit_measure"])
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
