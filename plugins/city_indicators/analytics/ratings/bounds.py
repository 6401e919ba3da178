"""The bounds that the coherence of a method must keep to. Outside of them it is a draft, unless accepted.

OECD/JRC Handbook (2008), steps 4 and 7, and the audits of the JRC. Importance against weight: Paruolo,
Saisana, Saltelli (2013), by the squared correlation with the index.
"""

from datetime import date
from typing import Annotated, Final

import pandas as pd
from pydantic import Field

from city_indicators.analytics.ratings.goal import Rising
from city_indicators.catalog.entry import Entry

CHECKED: Final = "within_bounds"
ACCEPTED: Final = "accepted"
DRAFT: Final = "draft"


class Acceptance(Entry):
    """Who accepted that the method is outside of its bounds, when, and why."""

    by: Annotated[str, Field(min_length=1)]
    on: date
    reason: Annotated[str, Field(min_length=20)]


class Bounds(Entry):
    """What the coherence of a method must keep to.

    `cronbach_alpha`: least alpha of each pillar. `correlation`: bounds of the correlation of two parts of a
    pillar. `importance`: least ratio of a part's share of the importance in its pillar to its share of the
    weight. `rank_interval`: greatest mean width of the 90 % intervals of ranks, as a share of the ranked
    units. A statistic of fewer than `fewest_units` is not checked. `accepted` makes a method outside of its
    bounds more than a draft.
    """

    cronbach_alpha: Annotated[float, Field(gt=-1, lt=1)]
    correlation: Rising
    importance: Annotated[float, Field(ge=0, lt=1)]
    rank_interval: Annotated[float, Field(gt=0, le=1)]
    fewest_units: Annotated[int, Field(ge=3)] = 10
    accepted: Acceptance | None = None


def checked(bounds: Bounds, coherence: pd.DataFrame, intervals: pd.DataFrame) -> pd.DataFrame:
    """The coherence of a rating beside its bounds.

    `coherence` has the columns of coherence.COLUMNS, `intervals` has time_period, rank_p05 and rank_p95 of
    each ranked unit. Adds two statistics, importance_to_weight of each part and rank_interval of each period,
    and the columns `lower_bound`, `upper_bound` and `within_bounds` (None without a bound or a value, or with
    too few units).
    """
    frames = [coherence, _importance_to_weight(coherence), _rank_interval(intervals, coherence)]
    found = pd.concat([frame for frame in frames if not frame.empty], ignore_index=True)
    limits: dict[str, tuple[float | None, float | None]] = {
        "cronbach_alpha": (bounds.cronbach_alpha, None),
        "correlation": bounds.correlation,
        "importance_to_weight": (bounds.importance, None),
        "rank_interval": (None, bounds.rank_interval),
    }
    lower, upper = (
        found["statistic"].map({name: pair[side] for name, pair in limits.items()}).astype(float)
        for side in (0, 1)
    )
    value = found["value"].astype(float)
    outside = (value < lower) | (value > upper)
    bounded = (
        found["statistic"].isin(list(limits))
        & value.notna()
        & (found["n_units"].astype(float) >= bounds.fewest_units)
    )
    return found.assign(
        lower_bound=lower, upper_bound=upper, within_bounds=(~outside).astype(object).where(bounded, None)
    )


def statuses(bounds: Bounds, found: pd.DataFrame) -> "pd.Series[str]":
    """within_bounds, accepted or draft, by period, from the rows of `checked`."""
    outside = found["within_bounds"].eq(False).groupby(found["time_period"]).any()
    return outside.map({False: CHECKED, True: ACCEPTED if bounds.accepted else DRAFT})


def _importance_to_weight(coherence: pd.DataFrame) -> pd.DataFrame:
    """The share of each part in the importance of its pillar, divided by its share in the weight.

    The importance of a part that goes against the index is 0.
    """
    keys = ["time_period", "pillar", "part"]
    wide = coherence[coherence["statistic"].isin(["weight", "importance"])]
    if wide.empty:
        return pd.DataFrame()
    against = (wide["statistic"] == "importance") & (wide["flag"] == "negative")
    counted = wide[wide["statistic"] == "importance"].set_index(keys)["n_units"]
    parts = (
        wide.assign(value=wide["value"].mask(against, 0.0))
        .pivot_table(index=keys, columns="statistic", values="value")
        .reindex(columns=["weight", "importance"])
        .dropna()
    )
    shares = parts / parts.groupby(["time_period", "pillar"]).transform("sum")
    ratio = shares["importance"] / shares["weight"]
    return (
        ratio.rename("value").to_frame().join(counted).reset_index().assign(statistic="importance_to_weight")
    )


def _rank_interval(intervals: pd.DataFrame, coherence: pd.DataFrame) -> pd.DataFrame:
    if intervals.empty:
        return pd.DataFrame()
    widths = (intervals["rank_p95"] - intervals["rank_p05"]).groupby(intervals["time_period"])
    found = pd.DataFrame({"value": widths.mean() / widths.size(), "n_units": widths.size()}).reset_index()
    return found.assign(statistic="rank_interval", pillar=coherence["pillar"].iloc[-1])
