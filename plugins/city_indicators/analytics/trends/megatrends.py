"""Megatrends: combines the trends of single places into verdicts, by group, level and window."""

from collections.abc import Collection
from pathlib import Path
from typing import Any, Final, Literal, Self

import numpy as np
import pandas as pd
from pydantic import Field, model_validator

from city_indicators.analytics.trends.convergence import Members
from city_indicators.catalog.entry import Entry, Identifier, Names
from city_indicators.catalog.load import parse, read_yaml
from city_indicators.catalog.models import Catalogue
from city_indicators.core.errors import CatalogueError
from city_indicators.core.paths import CATALOG

MEGATREND: Final = [
    *("megatrend", "megatrend_direction", "draft", "city_group", "level", "time_window", "indicators"),
    *(
        "places_of_group",
        "places_assessed",
        "places_for",
        "places_against",
        "coverage",
        "strength",
        "verdict",
    ),
    *("verdict_reason", "leading_places", "lagging_places", "cases", "places_with_trends"),
]
SIGNS: Final = {"increasing": 1, "decreasing": -1, "none_found": 0}


class LinkedIndicator(Entry):
    """An indicator, and its expected direction if the megatrend exists."""

    indicator: str
    expected: Literal["increasing", "decreasing"]


class Direction(Entry):
    """A direction of research, by which megatrends are grouped."""

    id: Identifier
    name: Names


class Megatrend(Entry):
    """A megatrend with its indicators and cases."""

    id: Identifier
    direction: str
    name: Names
    indicators: tuple[LinkedIndicator, ...] = ()
    cases: tuple[str, ...] = ()


class Megatrends(Entry):
    """All declarations of include/catalog/megatrends.yaml.

    `clear_from` is the minimum balance of places for and against that confirms or contradicts a megatrend;
    `least_coverage` is the minimum share of assessed places of a group for a verdict.
    """

    draft: bool
    clear_from: float = Field(gt=0, le=1)
    least_coverage: float = Field(default=0.5, gt=0, le=1)
    shown: int = Field(ge=1)
    directions: tuple[Direction, ...] = Field(min_length=1)
    trends: tuple[Megatrend, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _well_formed(self) -> Self:
        ids = [trend.id for trend in self.trends]
        if repeated := sorted({name for name in ids if ids.count(name) > 1}):
            raise ValueError(f"{repeated} are repeated")
        known = {direction.id for direction in self.directions}
        if unknown := sorted({trend.direction for trend in self.trends} - known):
            raise ValueError(f"{unknown} are not directions of this file")
        return self

    @property
    def indicators(self) -> list[str]:
        """The indicators of all megatrends."""
        return sorted({link.indicator for trend in self.trends for link in trend.indicators})


def load_megatrends(catalogue: Catalogue, root: Path = CATALOG) -> Megatrends:
    """Read the declarations of a catalogue.

    Raises:
        CatalogueError: the file is invalid, or names an indicator that is not in the catalogue.
    """
    file = root / "megatrends.yaml"
    declared = parse(Megatrends, read_yaml(file), file, "megatrends")
    if unknown := sorted(set(declared.indicators) - set(catalogue.indicators)):
        raise CatalogueError(file, "trends", f"{unknown} are not in include/catalog/indicators")
    return declared


def megatrends(
    trends: pd.DataFrame,
    cases: pd.DataFrame,
    members: Members,
    windows: Collection[str],
    declared: Megatrends,
) -> pd.DataFrame:
    """The verdict on each megatrend, with the columns MEGATREND.

    `trends` has indicator, ref_area, time_window, trend and log_growth, as report.trend; `cases` has case_id
    and indicator. A place is for a megatrend if more of its linked indicators have a trend in the expected
    direction than against it. `strength` is the balance of places for and against, divided by the assessed
    places, -1 to 1. If fewer places are assessed than `least_coverage` requires, there is a reason instead of
    a verdict. Leading places have the highest average rank of growth in the expected direction.
    """
    found = []
    for megatrend in declared.trends:
        signed = _signed(trends, megatrend)
        by_window = {window: _by_place(signed[signed["time_window"] == window]) for window in windows}
        related = _cases(cases, megatrend)
        for (group, level), places in members.items():
            for window, (balance, growth) in by_window.items():
                inside = balance[balance.index.isin(places)], growth[growth.index.isin(places)]
                found.append(
                    {
                        **{"megatrend": megatrend.id, "megatrend_direction": megatrend.direction},
                        **{"draft": declared.draft, "city_group": group, "level": level},
                        **{"time_window": window, "cases": related},
                        "indicators": [link.indicator for link in megatrend.indicators],
                        **_of_places(*inside, len(places), declared),
                    }
                )
    return pd.DataFrame(found)[MEGATREND]


def _signed(trends: pd.DataFrame, megatrend: Megatrend) -> pd.DataFrame:
    """The trends and growth of the linked indicators, both positive in the expected direction."""
    expected = {link.indicator: SIGNS[link.expected] for link in megatrend.indicators}
    linked = trends[trends["indicator"].isin(expected)]
    sign = linked["indicator"].map(expected).astype(float)
    return linked.assign(
        vote=linked["trend"].map(SIGNS).astype(float) * sign,
        growth=linked["log_growth"].astype(float) * sign,
    )


def _by_place(signed: pd.DataFrame) -> "tuple[pd.Series[float], pd.DataFrame]":
    """The sum of votes of each place that has one, and growth by place and indicator."""
    balance = signed.dropna(subset="vote").groupby("ref_area")["vote"].sum()
    growth = signed.pivot_table(index="ref_area", columns="indicator", values="growth")
    return balance, growth


def _of_places(
    balance: "pd.Series[float]", growth: pd.DataFrame, places: int, declared: Megatrends
) -> dict[str, Any]:
    """One group in one window."""
    assessed, in_favour, against = len(balance), int((balance > 0).sum()), int((balance < 0).sum())
    strength = (in_favour - against) / assessed if assessed else np.nan
    reason = _shortage(assessed, places, declared.least_coverage)
    ordered = _by_growth(growth)
    apart = min(declared.shown, len(ordered) // 2)
    return {
        "places_of_group": places,
        "places_assessed": assessed,
        "places_for": in_favour,
        "places_against": against,
        "coverage": assessed / places if places else np.nan,
        "strength": strength,
        "verdict": None if reason else _verdict(strength, declared.clear_from),
        "verdict_reason": reason,
        "leading_places": ordered[:apart],
        "lagging_places": ordered[len(ordered) - apart :][::-1],
        "places_with_trends": sorted(set(balance.index) | set(ordered)),
    }


def _by_growth(growth: pd.DataFrame) -> list[str]:
    """The places by their mean rank of growth over the indicators, fastest first."""
    if growth.empty:
        return []
    means = growth.rank(pct=True).mean(axis=1).reset_index(name="mean")
    return list(means.sort_values(["mean", "ref_area"], ascending=[False, True])["ref_area"])


def _shortage(assessed: int, places: int, least_coverage: float) -> str | None:
    if not assessed:
        return "no_verdicts"
    return "too_few_places" if assessed < least_coverage * places else None


def _verdict(strength: float, clear_from: float) -> str:
    if abs(strength) < clear_from:
        return "unclear"
    return "confirmed" if strength > 0 else "contradicted"


def _cases(cases: pd.DataFrame, megatrend: Megatrend) -> list[str]:
    """The cases that the megatrend names, or that name one of its indicators."""
    linked = {link.indicator for link in megatrend.indicators}
    related = cases["case_id"].isin(megatrend.cases) | cases["indicator"].isin(linked)
    return sorted(cases.loc[related, "case_id"])
