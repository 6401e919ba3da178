"""What the values of a rating rest on: by city, by indicator and by source."""

from collections.abc import Collection
from typing import Final

import pandas as pd

from city_indicators.analytics.ratings.method import Method, Pillar
from city_indicators.analytics.ratings.ratios import NATIONAL
from city_indicators.catalog.entry import ESTIMATED

RESTS_ON: Final = ("own", "part", "country", "estimated", "missing")
"""What a value rests on: data of the city, of another area, of the country, an estimate; or nothing."""
CITY: Final = ["time_period", "ref_area"]
INDICATOR: Final = ["time_period", "indicator", "pillar"]
BASIS: Final = ["obs_status", "geo_basis"]


def rests_on(obs_status: str | None, geo_basis: str | None, city_level: bool) -> str:
    """What a value of a status and geographic basis rests on, one of RESTS_ON."""
    if obs_status in ESTIMATED:
        return "estimated"
    if city_level:
        return "own"
    return "country" if geo_basis == NATIONAL else "part"


def complete_weights(method: Method) -> dict[str, float]:
    """The share of each indicator in the score if nothing is missing, 0 to 1, in the order of the method.

    The parts of a formula weigh the same, as in the city-level share by weight.
    """
    weights: dict[str, float] = {}

    def add(pillar: Pillar, own: float) -> None:
        for below in pillar.pillars:
            add(below, own * method.share(pillar, below))
        for leaf in pillar.indicators:
            weights[leaf.indicator] = weights.get(leaf.indicator, 0) + own * method.share(pillar, leaf)

    add(method.root, 1)
    return weights


def coverage_tables(
    method: Method, indicators: pd.DataFrame, city_level: Collection[str]
) -> dict[str, pd.DataFrame]:
    """The tables city_coverage, indicator_coverage and source_use of a rating.

    `indicators` has the columns of report.rating_indicator, `city_level` the bases of the cities themselves.
    """
    rested = _rested(indicators, city_level)
    return {
        "city_coverage": _by_city(rested, complete_weights(method)),
        "indicator_coverage": _by_indicator(rested),
        "source_use": _by_source(indicators),
    }


def _rested(indicators: pd.DataFrame, city_level: Collection[str]) -> pd.DataFrame:
    """The rows with rests_on, and level: whether there is a value at city level, estimated ones too."""
    has_value = indicators["normalised"].notna()
    bases = indicators[BASIS].astype(object).where(indicators[BASIS].notna(), None)
    kinds = {
        (status, basis): rests_on(status, basis, basis in city_level)
        for status, basis in bases.drop_duplicates().itertuples(index=False)
    }
    found = pd.Series(
        [kinds[pair] for pair in zip(bases["obs_status"], bases["geo_basis"], strict=True)],
        index=indicators.index,
        dtype=object,
    )
    level = has_value & bases["geo_basis"].isin(city_level)
    return indicators.assign(rests_on=found.where(has_value, "missing"), level=level)


def _by_city(rested: pd.DataFrame, weights: dict[str, float]) -> pd.DataFrame:
    """The share of the weight, if nothing were missing, by what the values of a city rest on."""
    weighed = rested[[*CITY, "rests_on"]].assign(weight=rested["indicator"].map(weights).fillna(0.0))
    shares = weighed.pivot_table("weight", CITY, "rests_on", "sum", fill_value=0.0, observed=True)
    shares = shares.reindex(columns=list(RESTS_ON), fill_value=0.0).add_prefix("share_")
    at_level = weighed["weight"].where(rested["level"], 0.0)
    shares["share_city_level"] = at_level.groupby([weighed[column] for column in CITY]).sum()
    # Sums of weights, which have fewer digits than their rounding errors.
    return shares.round(12).reset_index()


def _by_indicator(rested: pd.DataFrame) -> pd.DataFrame:
    """The number of cities by what their value of an indicator rests on, and the median age of the values."""
    counts = rested.pivot_table("ref_area", INDICATOR, "rests_on", "count", fill_value=0, observed=True)
    counts = counts.reindex(columns=list(RESTS_ON), fill_value=0).add_prefix("cities_")
    valued = rested[rested["rests_on"] != "missing"]
    years = valued["time_period"].astype(int) - valued["raw_time_period"].astype(int)
    counts["median_age"] = years.groupby([valued[column] for column in INDICATOR]).median()
    return counts.reset_index()


def _by_source(indicators: pd.DataFrame) -> pd.DataFrame:
    """The number of cities whose value of an indicator, as value or denominator, is from a source."""
    as_value = indicators[[*CITY, "indicator", "source"]]
    as_denominator = indicators[[*CITY, "denominator", "denominator_source"]].set_axis(
        as_value.columns, axis=1
    )
    used = pd.concat([as_value, as_denominator]).dropna(subset=["source"]).drop_duplicates()
    counted = used.groupby(["time_period", "indicator", "source"], as_index=False, observed=True)
    return counted.agg(observations=("ref_area", "count"))
