"""Evidence on best practices: compares a city with its peers before and after the start of a case.

Difference in differences with placebo tests over the peers, after Abadie, Diamond and Hainmueller (2010).
Pure functions on frames; method and limits: docs/explanation/best-practice-evidence.md.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import Field, model_validator

from city_indicators.analytics.peers import Likeness, check_indicators
from city_indicators.analytics.trends.statistics import Array
from city_indicators.catalog.entry import Entry
from city_indicators.catalog.load import parse, read_yaml
from city_indicators.catalog.models import Catalogue
from city_indicators.core.paths import CATALOG

EVIDENCE: Final = [
    *("case_id", "version", "ref_area", "indicator", "start_year", "other_cases", "direction"),
    *("unit_measure", "geo_basis", "source", "first_year", "last_year", "years_before", "years_after"),
    *("estimated", "coverage", "city_before", "city_after", "peers", "peer_cities", "peers_before"),
    *("peers_after", "did", "did_low", "did_high", "placebo_p", "slope_gap", "slope_gap_p", "gap_se"),
    *("gap_p", "gap_reason", "verdict", "verdict_reason"),
]
SERIES: Final = ["source", "geo_basis", "unit_measure"]
REASONS: Final = (
    *("not_our_city", "no_observed_value", "not_city_level", "break_in_window", "too_few_years_before"),
    *("too_few_years_after", "too_few_peers"),
)
"""Reasons for too little data, in the order of the checks."""
NOTHING: Final = {"years_before": 0, "years_after": 0, "estimated": 0, "coverage": 0.0, "peers": 0}
LEVEL_OF_A_TIE: Final = 1e-12
"""Differences are equal if they differ by at most this share of the largest value."""


class Years(Entry):
    """Numbers of years before and after the start."""

    before: int = Field(ge=2)
    after: int = Field(ge=1)


class LeastYears(Years):
    """The minimum of years with values on each side, and in total for the regression of the gap."""

    regression: int = Field(ge=4)


class DeclaredEvidence(Entry):
    """The declaration in include/catalog/evidence.yaml.

    `alike` are the features by which the nearest cities are found, as they were before the start of a case.
    `peers` is the maximum number of peers of a city; `level` is the highest significant p.
    """

    years: Years
    least_years: LeastYears
    alike: Likeness
    peers: int
    least_peers: int = Field(ge=3)
    level: float = Field(gt=0, lt=1)

    @model_validator(mode="after")
    def _can_be_reached(self) -> Self:
        if normals := [feature.id for feature in self.alike.features if feature.normal]:
            raise ValueError(f"alike.features: {normals} are normals, which have no year before the start")
        if self.peers < self.least_peers:
            raise ValueError(f"least_peers {self.least_peers} is more than peers {self.peers}")
        if 1 / (self.least_peers + 1) > self.level:
            raise ValueError(f"{self.least_peers} peers cannot give a p of {self.level} or less")
        for side in ("before", "after"):
            if getattr(self.least_years, side) > getattr(self.years, side):
                raise ValueError(f"least_years.{side} is more than years.{side}")
        return self


def load_evidence(catalogue: Catalogue, root: Path = CATALOG) -> DeclaredEvidence:
    """Read include/catalog/evidence.yaml.

    Raises:
        CatalogueError: the file is invalid, or names a feature that is neither the climate nor an indicator.
    """
    file = root / "evidence.yaml"
    declared = parse(DeclaredEvidence, read_yaml(file), file, "evidence")
    check_indicators(declared.alike, catalogue, file)
    return declared


@dataclass(frozen=True)
class Placebo:
    """The difference of a city from the mean of its peers, with a placebo test.

    `p` is the share of the city and its peers that differ at least as much as the city; `half_width` is half
    the width of the confidence interval by the same test.
    """

    difference: float
    p: float
    half_width: float


def placebo(city: float, peers: Array, level: float, tie: float = 0) -> Placebo:
    """Test the difference of a city by treating each peer in turn as if it were the city.

    Differences at most `tie` apart are equal.
    """
    count = len(peers)
    difference = city - peers.mean()
    placebos = np.sort(np.abs(peers - peers.mean()) * count / (count - 1))[::-1]
    p = (1 + np.count_nonzero(placebos >= abs(difference) - tie)) / (count + 1)
    refused = int(level * (count + 1) + LEVEL_OF_A_TIE)
    return Placebo(float(difference), float(p), float(placebos[refused - 1]))


def evidence(
    cases: pd.DataFrame,
    observations: Callable[[str], pd.DataFrame],
    nearest: Callable[[int], Mapping[str, Sequence[str]]],
    directions: Mapping[str, str],
    declared: DeclaredEvidence,
) -> pd.DataFrame:
    """The evidence on each case that has an indicator and a start year, with the columns EVIDENCE.

    `cases` has all cases: case_id, version, ref_area (missing if the city is not in the catalogue), indicator
    and start_year, both missing if unknown. `observations` returns those of an indicator: ref_area (a city),
    time_period (a year), obs_value, obs_status, unit_measure, geo_basis, city_level and source; national
    observations have the ref_area of the city; preferred series come first. `nearest` returns the other
    cities of each city with a case, nearest first, by their features before a year. `directions` has the
    better direction of each indicator: higher, lower or context.
    """
    linked = cases.dropna(subset="indicator").reset_index(drop=True)
    dated = linked.dropna(subset="start_year")
    rows: dict[Any, dict[str, Any]] = {}
    for indicator, of_indicator in dated.groupby("indicator"):
        # One indicator at a time: those of thousands of cities would not fit into memory together.
        observed = _observed(observations(str(indicator)))
        for position, case in zip(of_indicator.index, of_indicator.to_dict("records"), strict=True):
            rows[position] = _row(case, linked, observed, nearest, directions[str(indicator)], declared)
    table = pd.DataFrame([rows[position] for position in dated.index], columns=EVIDENCE)
    return table.astype({"first_year": "Int64", "last_year": "Int64"})


def _observed(observations: pd.DataFrame) -> pd.DataFrame:
    """The observations that are no projections and have a value, with the year as a number."""
    observed = observations[observations["obs_status"].ne("F") & observations["obs_value"].notna()]
    return observed.assign(time_period=observed["time_period"].astype(int))


def _row(
    case: dict[Any, Any],
    linked: pd.DataFrame,
    observed: pd.DataFrame,
    nearest: Callable[[int], Mapping[str, Sequence[str]]],
    direction: str,
    declared: DeclaredEvidence,
) -> dict[str, Any]:
    """The evidence on one case."""
    start, years = int(case["start_year"]), declared.years
    inside = observed["time_period"].between(start - years.before, start + years.after)
    begun = _begun(linked, case["indicator"], start + years.after)
    found = _of_case(case["ref_area"], start, observed[inside], nearest(start), begun, declared)
    others = begun["ref_area"].eq(case["ref_area"]) & begun["case_id"].ne(case["case_id"])
    columns = {
        **{
            "start_year": start,
            "other_cases": sorted(begun.loc[others, "case_id"]),
            "direction": direction,
        },
        **{"peer_cities": [], **NOTHING, **found},
        "verdict": _verdict(found, direction, declared.level),
    }
    return case | columns


def _begun(linked: pd.DataFrame, indicator: str, last: int) -> pd.DataFrame:
    """The cases linked to the indicator that started by a year, or whose start is unknown."""
    return linked[linked["indicator"].eq(indicator) & ~linked["start_year"].gt(last)]


def _of_case(
    city: str | None,
    start: int,
    observations: pd.DataFrame,
    nearest: Mapping[str, Sequence[str]],
    begun: pd.DataFrame,
    declared: DeclaredEvidence,
) -> dict[str, Any]:
    """The result for one window and indicator, from the series that passes most checks."""
    if not isinstance(city, str):
        return {"verdict_reason": "not_our_city"}
    own = observations[observations["ref_area"].eq(city)]
    if own.empty:
        return {"verdict_reason": "no_observed_value"}
    if not own["city_level"].any():
        return {"verdict_reason": "not_city_level"}
    others = set(begun["ref_area"])
    donors = [other for other in nearest.get(city, ()) if other not in others]
    found = []
    for key in own.loc[own["city_level"], SERIES].drop_duplicates().itertuples(index=False, name=None):
        named = dict(zip(SERIES, key, strict=True))
        is_same = np.logical_and.reduce([observations[name].eq(value) for name, value in named.items()])
        series = observations[is_same & observations["city_level"].to_numpy(dtype=bool)]
        found.append({**named, **_of_series(series, city, start, donors, declared)})
    return max(found, key=_how_far)


def _how_far(found: dict[str, Any]) -> tuple[int, int]:
    reason = found["verdict_reason"]
    step = len(REASONS) if reason is None else REASONS.index(reason)
    return step, found["years_before"] + found["years_after"]


def _of_series(
    series: pd.DataFrame, city: str, start: int, donors: Sequence[str], declared: DeclaredEvidence
) -> dict[str, Any]:
    """The result of one series (source and basis); `series` has the window's observations of all cities."""
    rows = series[series["time_period"].ne(start)]
    own = rows[rows["ref_area"].eq(city)]
    years = np.unique(own["time_period"])
    before, after = years[years < start], years[years > start]
    found = {
        "first_year": min(years, default=None),
        "last_year": max(years, default=None),
        "years_before": len(before),
        "years_after": len(after),
        "estimated": int(own["obs_status"].isin(["E", "I"]).sum()),
        "coverage": len(years) / (declared.years.before + declared.years.after),
    }
    broken = _broken(series)
    if city in broken:
        return {**found, "verdict_reason": "break_in_window"}
    if len(before) < declared.least_years.before:
        return {**found, "verdict_reason": "too_few_years_before"}
    if len(after) < declared.least_years.after:
        return {**found, "verdict_reason": "too_few_years_after"}
    shared = rows[rows["time_period"].isin(years)]
    counted = shared["ref_area"].value_counts()
    complete = set(counted.index[counted == len(years)]) - broken
    peers = [other for other in donors if other in complete][: declared.peers]
    found |= {"peers": len(peers), "peer_cities": peers}
    if len(peers) < declared.least_peers:
        return {**found, "verdict_reason": "too_few_peers"}
    compared = shared[shared["ref_area"].isin([city, *peers])]
    panel = compared.pivot_table("obs_value", "time_period", "ref_area", observed=True)
    return {**found, **_compared(panel[[city, *peers]], start, declared), "verdict_reason": None}


def _broken(rows: pd.DataFrame) -> set[str]:
    """The places with a break in series after their first year in the window."""
    breaks = rows[rows["obs_status"].eq("B")]
    of_broken = rows[rows["ref_area"].isin(set(breaks["ref_area"]))]
    first = of_broken.groupby("ref_area", observed=True)["time_period"].min().rename("first")
    later = breaks.merge(first, left_on="ref_area", right_index=True)
    return set(later.loc[later["time_period"] > later["first"], "ref_area"])


def _compared(panel: pd.DataFrame, start: int, declared: DeclaredEvidence) -> dict[str, Any]:
    """Compare the city, the first column, with the others over years (rows) in which all have values."""
    observations = panel.to_numpy(float)
    years = panel.index.to_numpy(float)
    is_after = years > start
    earlier, later = observations[~is_after].mean(axis=0), observations[is_after].mean(axis=0)
    changes = later - earlier
    tie = LEVEL_OF_A_TIE * np.abs(observations).max()
    effect = placebo(changes[0], changes[1:], declared.level, tie)
    slopes = np.polyfit(years[~is_after] - start, observations[~is_after], 1)[0]
    drift = placebo(slopes[0], slopes[1:], declared.level, tie)
    return {
        "city_before": earlier[0],
        "city_after": later[0],
        "peers_before": earlier[1:].mean(),
        "peers_after": later[1:].mean(),
        "did": effect.difference,
        "did_low": effect.difference - effect.half_width,
        "did_high": effect.difference + effect.half_width,
        "placebo_p": effect.p,
        "slope_gap": drift.difference,
        "slope_gap_p": drift.p,
        **_regression(observations[:, 0] - observations[:, 1:].mean(axis=1), is_after, tie, declared),
    }


def _regression(
    gap: Array, is_after: NDArray[np.bool_], tie: float, declared: DeclaredEvidence
) -> dict[str, Any]:
    """Regress the gap between city and peers on the start: gives the standard error and p of the difference.

    Newey-West errors with one lag, as in statsmodels, by Student's t.
    """
    from statsmodels.api import OLS, add_constant

    if len(gap) < declared.least_years.regression:
        return {"gap_reason": "too_short"}
    fit = OLS(gap, add_constant(is_after.astype(float))).fit()
    if np.abs(fit.resid).max() <= tie:
        return {"gap_reason": "constant"}
    robust = fit.get_robustcov_results("HAC", maxlags=1, use_correction=True, use_t=True)
    return {"gap_se": float(robust.bse[1]), "gap_p": float(robust.pvalues[1]), "gap_reason": None}


def _verdict(found: Mapping[str, Any], direction: str, level: float) -> str:
    """The verdict: whether the city changed differently from its peers, and whether for the better."""
    if found["verdict_reason"] is not None:
        return "too_little_data"
    if found["slope_gap_p"] <= level:
        return "apart_before"
    if found["placebo_p"] > level:
        return "no_clear_difference"
    if direction == "context":
        return "above_peers" if found["did"] > 0 else "below_peers"
    return "better_than_peers" if (found["did"] > 0) == (direction == "higher") else "worse_than_peers"
