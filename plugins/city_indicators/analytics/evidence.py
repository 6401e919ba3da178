"""Evidence on best practices: compares a city with its peers before and after the start of a case.

Difference in differences with placebo tests over the peers, after Abadie, Diamond and Hainmueller (2010).
Pure functions on frames; method and limits: docs/explanation/best-practice-evidence.md.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Final, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import Field, model_validator

from city_indicators.analytics.case_series import CitySeries, YearNumbers, series_of
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
REASONS: Final = (
    *("not_our_city", "no_observed_value", "not_city_level", "break_in_window", "too_few_years_before"),
    *("too_few_years_after", "too_few_peers"),
)
"""Reasons for too little data, in the order of the checks."""
Cities = Mapping[str, Collection[str]]
"""Cities by indicator."""
FIRST_LOOK: Final = 5
"""How many times as many of the nearest cities as peers are read first."""
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
    observations: Callable[[Cities], Mapping[str, pd.DataFrame]],
    nearest: Callable[[int], Mapping[str, Sequence[str]]],
    directions: Mapping[str, str],
    declared: DeclaredEvidence,
) -> pd.DataFrame:
    """The evidence on each case that has an indicator and a start year, with the columns EVIDENCE.

    `cases` has all cases: case_id, version, ref_area (missing if the city is not in the catalogue), indicator
    and start_year, both missing if unknown. `observations` returns, by indicator, those of some cities:
    ref_area (a city), time_period (a year), obs_value, obs_status, unit_measure, geo_basis, city_level and
    source; national observations have the ref_area of the city; preferred series come first. `nearest`
    returns the other cities of each city with a case, nearest first, by their features before a year.
    `directions` has the better direction of each indicator: higher, lower or context.
    """
    linked = cases.dropna(subset="indicator").reset_index(drop=True)
    dated = linked.dropna(subset="start_year")
    left = {
        position: Case.of(case, linked, nearest, declared)
        for position, case in zip(dated.index, dated.to_dict("records"), strict=True)
    }
    rows: dict[Any, dict[str, Any]] = {}
    # The peers of nearly every case are among the cities nearest to it.
    for look, together in ((FIRST_LOOK * declared.peers, True), (None, False)):
        wanted: dict[str, set[str]] = defaultdict(set)
        for case in left.values():
            wanted[case.row["indicator"]] |= case.cities(look)
        # All cities of one indicator at a time: those of thousands of cities would not fit into memory.
        for some in [wanted] if together and wanted else [{name: wanted[name]} for name in wanted]:
            series = {name: series_of(found) for name, found in observations(some).items()}
            for position, case in list(left.items()):
                indicator = case.row["indicator"]
                found = _of_case(case, look, series[indicator], declared) if indicator in series else None
                if found is not None:
                    direction = directions[indicator]
                    rows[position] = _row(left.pop(position), found, direction, declared)
    table = pd.DataFrame([rows[position] for position in dated.index], columns=EVIDENCE)
    return table.astype({"first_year": "Int64", "last_year": "Int64"})


@dataclass(frozen=True)
class Case:
    """A case with its columns, its city (None if it is not ours), and the cities it may be compared with.

    `donors` are the nearest ones without a case of their own, nearest first; `other_cases` are those of the
    city.
    """

    row: dict[Any, Any]
    city: str | None
    start: int
    donors: Sequence[str]
    other_cases: list[str]

    @classmethod
    def of(
        cls,
        row: dict[Any, Any],
        linked: pd.DataFrame,
        nearest: Callable[[int], Mapping[str, Sequence[str]]],
        declared: DeclaredEvidence,
    ) -> Self:
        """A case of the table of linked cases."""
        start, city = int(row["start_year"]), row["ref_area"]
        begun = _begun(linked, row["indicator"], start + declared.years.after)
        of_city = begun["ref_area"].eq(city) & begun["case_id"].ne(row["case_id"])
        others = set(begun["ref_area"])
        donors = [other for other in nearest(start).get(city, ()) if other not in others]
        is_ours = isinstance(city, str)
        return cls(row, city if is_ours else None, start, donors, sorted(begun.loc[of_city, "case_id"]))

    def cities(self, look: int | None) -> set[str]:
        """The city and the first `look` donors, by default all."""
        return {self.city, *self.donors[:look]} if self.city else set()


def _row(case: Case, found: dict[str, Any], direction: str, declared: DeclaredEvidence) -> dict[str, Any]:
    """The evidence on one case."""
    columns = {
        **{"start_year": case.start, "other_cases": case.other_cases, "direction": direction},
        **{"peer_cities": [], **NOTHING, **found},
        "verdict": _verdict(found, direction, declared.level),
    }
    return case.row | columns


def _begun(linked: pd.DataFrame, indicator: str, last: int) -> pd.DataFrame:
    """The cases linked to the indicator that started by a year, or whose start is unknown."""
    return linked[linked["indicator"].eq(indicator) & ~linked["start_year"].gt(last)]


def _of_case(
    case: Case, look: int | None, series: Sequence[CitySeries], declared: DeclaredEvidence
) -> dict[str, Any] | None:
    """The result for one window and indicator, from the series that passes most checks.

    None if more than the first `look` donors are needed to know it.
    """
    if case.city is None:
        return {"verdict_reason": "not_our_city"}
    first, last = case.start - declared.years.before, case.start + declared.years.after
    own = [each for each in series if each.has(case.city, first, last)]
    if not own:
        return {"verdict_reason": "no_observed_value"}
    of_cities = [each for each in own if each.city_level]
    if not of_cities:
        return {"verdict_reason": "not_city_level"}
    donors = case.donors[:look]
    found = [
        {**each.named, **_of_series(each, case.city, case.start, donors, declared)} for each in of_cities
    ]
    is_short = any(each.get("peers", declared.peers) < declared.peers for each in found)
    return None if is_short and len(donors) < len(case.donors) else max(found, key=_how_far)


def _how_far(found: dict[str, Any]) -> tuple[int, int]:
    reason = found["verdict_reason"]
    step = len(REASONS) if reason is None else REASONS.index(reason)
    return step, found["years_before"] + found["years_after"]


def _of_series(
    series: CitySeries, city: str, start: int, donors: Sequence[str], declared: DeclaredEvidence
) -> dict[str, Any]:
    """The result of one series (source and basis)."""
    window = series.window(start - declared.years.before, start + declared.years.after)
    own = series.row[city]
    # The year of the start is in neither part.
    given = ~np.isnan(window.numbers[own]) & (window.years != start)
    years = window.years[given]
    before, after = years[years < start], years[years > start]
    found = {
        "first_year": min(years, default=None),
        "last_year": max(years, default=None),
        "years_before": len(before),
        "years_after": len(after),
        "estimated": int(window.estimated[own, given].sum()),
        "coverage": len(years) / (declared.years.before + declared.years.after),
    }
    broken = window.broken
    if broken[own]:
        return {**found, "verdict_reason": "break_in_window"}
    if len(before) < declared.least_years.before:
        return {**found, "verdict_reason": "too_few_years_before"}
    if len(after) < declared.least_years.after:
        return {**found, "verdict_reason": "too_few_years_after"}
    complete = ~np.isnan(window.numbers[:, given]).any(axis=1) & ~broken
    with_all = (other for other in donors if other in series.row and complete[series.row[other]])
    peers = list(islice(with_all, declared.peers))
    found |= {"peers": len(peers), "peer_cities": peers}
    if len(peers) < declared.least_peers:
        return {**found, "verdict_reason": "too_few_peers"}
    compared = window.numbers[[own, *map(series.row.__getitem__, peers)]][:, given]
    return {**found, **_compared(years, compared.T, start, declared), "verdict_reason": None}


def _compared(
    years: YearNumbers, observations: Array, start: int, declared: DeclaredEvidence
) -> dict[str, Any]:
    """Compare the city, the first column, with the others over years (rows) in which all have values."""
    is_after = years > start
    earlier, later = observations[~is_after].mean(axis=0), observations[is_after].mean(axis=0)
    changes = later - earlier
    tie = LEVEL_OF_A_TIE * np.abs(observations).max()
    effect = placebo(changes[0], changes[1:], declared.level, tie)
    slopes = np.polyfit(years[~is_after].astype(float) - start, observations[~is_after], 1)[0]
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
