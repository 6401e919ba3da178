"""From raw values to scores and ranks, every step kept.

Method: weighted arithmetic aggregation of goalpost-normalised indicators, OECD/JRC Handbook on
Constructing Composite Indicators (2008), steps 5 and 6.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

import pandas as pd

from city_indicators.errors import MethodError
from city_indicators.ratings.method import Method

COMPARED_DECIMALS: Final = 9


@dataclass(frozen=True)
class Rating:
    """The result of one method on one set of values.

    `scores`: one row a unit (ref_area, score, rank, n_ranked, coverage, city_level_share, status,
    reason_code). `pillars`: a row a unit and pillar (ref_area, pillar, weight, score, coverage,
    contribution). `indicators`: a row a unit and indicator (ref_area, indicator, pillar, obs_value,
    worst, best, normalised, weight, contribution). Contributions of a unit sum to its score.
    """

    scores: pd.DataFrame
    pillars: pd.DataFrame
    indicators: pd.DataFrame


def rate(method: Method, units: list[str], values: pd.DataFrame, city_level: Collection[str]) -> Rating:
    """Rate `units` by the method.

    `values` has ref_area, indicator, obs_value (in the indicator's unit) and geo_basis, at most one
    row a unit and indicator; `city_level` are the geo_basis that count as the unit's own. Weights are
    re-scaled over the figures that a unit has; the coverage rules say whether what is left suffices for
    a rank.

    Raises:
        MethodError: a unit has two values of an indicator.
    """
    if (repeated := values.duplicated(["ref_area", "indicator"])).any():
        first = values[repeated].iloc[0]
        raise MethodError(f"{first.ref_area} has several values of {first.indicator}: pass one of them")
    indicators = _normalise(method, _grid(method, units).merge(values, "left", ["ref_area", "indicator"]))
    pillars = _pillars(indicators)
    indicators = _contributions(indicators, pillars)
    return Rating(_scores(method, units, indicators, pillars, city_level), pillars, indicators)


def _grid(method: Method, units: list[str]) -> pd.DataFrame:
    rows = [
        {"pillar": pillar.id, "pillar_weight": pillar.weight, **entry.model_dump(exclude={"rationale"})}
        for pillar in method.pillars
        for entry in pillar.indicators
    ]
    declared = pd.DataFrame(rows).rename(columns={"weight": "weight_in_pillar"})
    return pd.DataFrame({"ref_area": units}).merge(declared, how="cross")


def _normalise(method: Method, cells: pd.DataFrame) -> pd.DataFrame:
    low, high = method.scale
    position = (cells["obs_value"] - cells["worst"]) / (cells["best"] - cells["worst"])
    return cells.assign(normalised=low + (high - low) * position.clip(0, 1))


def _pillars(indicators: pd.DataFrame) -> pd.DataFrame:
    present = indicators["normalised"].notna()
    cells = indicators.assign(
        present=present,
        used=indicators["weight_in_pillar"].where(present, 0.0),
        weighted=(indicators["weight_in_pillar"] * indicators["normalised"]).fillna(0.0),
    )
    groups = cells.groupby(["ref_area", "pillar"], sort=False)
    pillars = groups.agg(
        weight=("pillar_weight", "first"),
        used=("used", "sum"),
        weighted=("weighted", "sum"),
        coverage=("present", "mean"),
    ).reset_index()
    pillars["score"] = (pillars["weighted"] / pillars["used"]).where(pillars["used"] > 0)
    scored = pillars["weight"].where(pillars["score"].notna(), 0.0)
    share = scored / scored.groupby(pillars["ref_area"]).transform("sum")
    pillars["contribution"] = share * pillars["score"]
    pillars["share"] = share
    return pillars[["ref_area", "pillar", "weight", "share", "used", "score", "coverage", "contribution"]]


def _contributions(indicators: pd.DataFrame, pillars: pd.DataFrame) -> pd.DataFrame:
    cells = indicators.merge(pillars[["ref_area", "pillar", "share", "used"]], on=["ref_area", "pillar"])
    weight = (cells["share"] * cells["weight_in_pillar"] / cells["used"]).where(cells["normalised"].notna())
    return cells.assign(weight=weight, contribution=weight * cells["normalised"])


def _scores(
    method: Method,
    units: list[str],
    indicators: pd.DataFrame,
    pillars: pd.DataFrame,
    city_level: Collection[str],
) -> pd.DataFrame:
    present = indicators["normalised"].notna()
    own = indicators["geo_basis"].isin(city_level).where(present)
    scores = (
        pd.DataFrame({"ref_area": units})
        .set_index("ref_area")
        .assign(
            score=pillars.groupby("ref_area")["contribution"].sum(min_count=1),
            coverage=present.groupby(indicators["ref_area"]).mean(),
            city_level_share=own.astype(float).groupby(indicators["ref_area"]).mean().fillna(0.0),
        )
    )
    scores["reason_code"] = _reasons(method, scores, pillars)
    ranked = scores["reason_code"].isna()
    # Equal scores share the better rank, as in a competition; sums of floats differ in the last digits.
    comparable = scores["score"].round(COMPARED_DECIMALS).where(ranked)
    scores["rank"] = comparable.rank(ascending=False, method="min").astype("Int64")
    scores["n_ranked"] = int(ranked.sum())
    scores["status"] = ranked.map({True: "ranked", False: "not_ranked"})
    return scores.reset_index()


def _reasons(method: Method, scores: pd.DataFrame, pillars: pd.DataFrame) -> pd.Series:
    """Why a unit is not ranked; missing for a unit that is."""
    thin = pillars[pillars["coverage"] < method.coverage.per_pillar]
    thin_pillar = thin.groupby("ref_area")["pillar"].first().reindex(scores.index)
    reasons = ("pillar_incomplete:" + thin_pillar).astype(object)
    reasons[scores["coverage"] < method.coverage.overall] = "too_few_indicators"
    reasons[scores["coverage"] == 0] = "no_data"
    return reasons.where(reasons.notna(), None)
