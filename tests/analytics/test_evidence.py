"""Evidence on best practices: difference in differences, placebo tests, and reasons without a verdict."""

import math
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from city_indicators.analytics.evidence import (
    REASONS,
    Cities,
    DeclaredEvidence,
    evidence,
    load_evidence,
    placebo,
)
from city_indicators.catalog import load_catalogue
from city_indicators.core.errors import CatalogueError
from city_indicators.core.paths import CATALOG
from city_indicators.warehouse.dictionary import load_dictionary
from tests.analytics.trends.test_codes import codes

CATALOGUE = load_catalogue()
SHIPPED = load_evidence(CATALOGUE)
YEARS = [year for year in range(2010, 2021) if year != 2015]
CITY = [10, 12, 11, 12, 10, 8, 7, 8, 6, 6]
CHANGES = [-0.8, -0.6, -0.4, -0.2, 0.0, 0.2, 0.4, 0.6, 0.8]
PEERS = [f"peer{number}" for number in range(1, 10)]
FAR = [f"far{number}" for number in range(1, 21)]
CASE = {"case_id": "c", "version": 1, "ref_area": "city", "indicator": "AIR", "start_year": 2015}


def series(place: str, values: Iterable[float], years: Iterable[int] = YEARS, **more: Any) -> pd.DataFrame:
    """Observations of a place; by default normal ones at city level from one source."""
    given = {"indicator": "AIR", "obs_status": "A", "unit_measure": "UG", "geo_basis": "city"}
    given |= {"city_level": True, "source": "s"}
    rows = pd.DataFrame({"time_period": [str(year) for year in years], "obs_value": list(values)})
    return rows.assign(ref_area=place, **(given | more))


def panel(city: pd.DataFrame | None = None, peers: list[str] = PEERS, **more: Any) -> pd.DataFrame:
    """The city, and peers with 20 before the start and changes of CHANGES after it."""
    moved = [
        series(peer, [20.0] * 5 + [20 + change] * 5, **more)
        for peer, change in zip(peers, CHANGES, strict=False)
    ]
    return pd.concat([series("city", CITY, **more) if city is None else city, *moved], ignore_index=True)


def of_indicator(observations: pd.DataFrame) -> Callable[[Cities], dict[str, pd.DataFrame]]:
    def read(wanted: Cities) -> dict[str, pd.DataFrame]:
        return {
            indicator: observations[
                observations["indicator"].eq(indicator) & observations["ref_area"].isin(cities)
            ]
            for indicator, cities in wanted.items()
        }

    return read


def found(
    observations: pd.DataFrame,
    *others: dict[str, Any],
    case: dict[str, Any] | None = None,
    direction: str = "lower",
    nearest: list[str] = [*PEERS, *FAR],  # noqa: B006
    declared: DeclaredEvidence = SHIPPED,
) -> Any:
    """The evidence on the case, as a row."""
    cases = pd.DataFrame([CASE | (case or {}), *({"version": 1, **other} for other in others)])
    better = {"AIR": direction, "NOISE": "lower"}
    rows = evidence(cases, of_indicator(observations), lambda _: {"city": nearest}, better, declared)
    return rows[rows["case_id"] == "c"].iloc[0]


def test_a_difference_in_differences_by_hand() -> None:
    """The city: (10 + 12 + 11 + 12 + 10)/5 = 11 before, (8 + 7 + 8 + 6 + 6)/5 = 7 after: a change of -4.

    The nine peers: 20 before; changes of -0.8 to 0.8 with mean 0. DiD = -4 - 0 = -4. A peer compared with the
    eight others: 9/8 of its own distance to the mean, at most 0.9. None reaches 4, so p = 1/(9 + 1) = 0.1. At
    the level 0.1 one of ten places may be outside: the bounds are -4 ± 0.9. Slopes before: that of the city
    is (-2·10 - 12 + 12 + 2·10)/10 = 0, like those of the peers.

    The gap to the peers' mean over ten years: residuals -1, 1, 0, 1, -1 and 1, 0, 1, -1, -1, squares 8,
    products of neighbours by their signs in the difference -2 + 1 + 0 = -1. The variance by Newey and West is
    (8 - 2·½·1)/25 = 0.28, times 10/(10 - 2) = 0.35.
    """
    row = found(panel())
    assert (row.city_before, row.city_after, row.peers_before, row.peers_after) == (11, 7, 20, 20)
    assert (row.did, row.did_low, row.did_high) == pytest.approx((-4, -4.9, -3.1))
    assert (row.placebo_p, row.slope_gap, row.slope_gap_p) == pytest.approx((0.1, 0, 1))
    assert row.gap_se == pytest.approx(math.sqrt(0.35))
    assert row.gap_p < 0.001
    assert (row.years_before, row.years_after, row.coverage, row.estimated) == (5, 5, 1.0, 0)
    assert (row.first_year, row.last_year, row.peers, row.peer_cities) == (2010, 2020, 9, PEERS)
    assert (row.unit_measure, row.geo_basis, row.source) == ("UG", "city", "s")
    assert (row.verdict, row.verdict_reason) == ("better_than_peers", None)


@pytest.mark.parametrize(
    ("direction", "verdict"), [("higher", "worse_than_peers"), ("context", "below_peers")]
)
def test_the_verdict_depends_on_the_direction(direction: str, verdict: str) -> None:
    assert found(panel(), direction=direction).verdict == verdict
    turned = panel().assign(obs_value=lambda rows: -rows["obs_value"])
    opposite = {"worse_than_peers": "better_than_peers", "below_peers": "above_peers"}
    assert found(turned, direction=direction).verdict == opposite[verdict]


def test_a_change_shared_by_peers_is_no_difference() -> None:
    """The change of 0.8 minus the mean 0 is 0.8; two of nine placebos (0.9) reach it: p = 3/10."""
    row = found(panel(series("city", [20.0] * 5 + [20.8] * 5)))
    assert (row.did, row.placebo_p) == pytest.approx((0.8, 0.3))
    assert row.did_low < 0 < row.did_high
    assert row.verdict == "no_clear_difference"
    assert row.gap_reason == "constant"


def test_a_city_with_a_different_trend_before_has_no_evidence() -> None:
    """The city falls by 1 per year throughout: the means are 6 years apart, DiD = -6, as before the start."""
    row = found(panel(series("city", [30 - (year - 2010) for year in YEARS])))
    assert (row.did, row.slope_gap) == pytest.approx((-6, -1))
    assert (row.placebo_p, row.slope_gap_p) == (0.1, 0.1)
    assert row.verdict == "apart_before"


def test_forecasts_and_the_start_are_never_used() -> None:
    forecast = series("city", [100.0, 100.0], [2019, 2020], obs_status="F")
    start = series("city", [500.0], [2015])
    city = pd.concat([series("city", CITY[:8], YEARS[:8]), forecast, start])
    row = found(panel(city))
    assert (row.years_after, row.last_year, row.coverage) == (3, 2018, 0.8)
    assert row.city_after == pytest.approx((8 + 7 + 8) / 3)
    assert row.estimated == 0
    few = SHIPPED.model_copy(update={"least_years": SHIPPED.least_years.model_copy(update={"regression": 9})})
    short = found(panel(city), declared=few)
    assert (short.gap_reason, short.did) == ("too_short", row.did)
    assert math.isnan(short.gap_se)


def test_estimates_are_used_and_counted() -> None:
    assert found(panel(series("city", CITY, obs_status="E"))).estimated == 10


WITHOUT_VERDICT = {
    "not_our_city": {"case": {"ref_area": None}},
    "no_observed_value": {"observations": panel(series("city", CITY, obs_status="F"))},
    "not_city_level": {"observations": panel(series("city", CITY, geo_basis="country", city_level=False))},
    "break_in_window": {
        "observations": panel(
            series("city", CITY).assign(obs_status=lambda r: r["time_period"].map({"2017": "B"}).fillna("A"))
        )
    },
    "too_few_years_before": {"observations": panel(series("city", CITY[3:], YEARS[3:]))},
    "too_few_years_after": {"observations": panel(series("city", CITY[:7], YEARS[:7]))},
    "too_few_peers": {"observations": panel(peers=PEERS[:8])},
}


@pytest.mark.parametrize("reason", WITHOUT_VERDICT)
def test_too_little_data_has_a_reason(reason: str) -> None:
    given: dict[str, Any] = {"observations": panel()} | WITHOUT_VERDICT[reason]
    row = found(given.pop("observations"), **given)
    assert (row.verdict, row.verdict_reason) == ("too_little_data", reason)
    assert math.isnan(row.did)


def test_every_reason_is_tested_and_in_the_dictionary() -> None:
    given = load_dictionary()["report"].tables["best_practice_evidence"].columns
    assert set(WITHOUT_VERDICT) == set(REASONS) == codes(given["verdict_reason"])


def test_a_break_in_the_start_year_counts() -> None:
    broken = pd.concat([series("city", CITY), series("city", [9.0], [2015], obs_status="B")])
    assert found(panel(broken)).verdict_reason == "break_in_window"
    first = series("city", CITY).assign(obs_status=["B", *"AAAAAAAAA"])
    assert found(panel(first)).verdict == "better_than_peers"


def test_peers_have_the_same_series_and_no_case_of_their_own() -> None:
    begun = {"case_id": "p1", "ref_area": "peer1", "indicator": "AIR", "start_year": 2020}
    unknown = {"case_id": "p2", "ref_area": "peer2", "indicator": "AIR", "start_year": None}
    later = {"case_id": "p3", "ref_area": "peer3", "indicator": "AIR", "start_year": 2021}
    other = {"case_id": "p4", "ref_area": "peer4", "indicator": "NOISE", "start_year": 2015}
    spare = [series(far, [20.0] * 10) for far in FAR[:2]]
    observations = pd.concat(
        [
            panel(),
            *spare,
            series(FAR[2], [20.0] * 9, YEARS[:9]),
            series(FAR[3], [20.0] * 10, source="t"),
            series(FAR[4], [20.0] * 10, geo_basis="urban_centre"),
            series(FAR[5], [20.0] * 10, obs_status="B"),
            series(FAR[6], [20.0] * 10, obs_status="F"),
        ]
    )
    row = found(observations, begun, unknown, later, other)
    assert row.peer_cities == [*PEERS[2:], *FAR[:2]]
    assert found(observations, begun, unknown, nearest=PEERS).verdict_reason == "too_few_peers"
    assert found(observations, nearest=FAR[::-1] + PEERS).peer_cities == [*FAR[1::-1], *PEERS]


def test_peers_are_those_before_the_start() -> None:
    """The nearest cities of 2015 are the first nine; those of other years are different."""
    near = {2015: {"city": PEERS}}
    rows = evidence(
        pd.DataFrame([CASE]),
        of_indicator(panel()),
        lambda year: near.get(year, {"city": FAR}),
        {"AIR": "lower"},
        SHIPPED,
    )
    assert list(rows["peer_cities"]) == [PEERS]


def test_at_most_the_declared_number_of_nearest_peers_is_used() -> None:
    observations = pd.concat([panel(), *(series(far, [20.0] * 10) for far in FAR)])
    row = found(observations)
    assert (row.peers, row.peer_cities) == (19, [*PEERS, *FAR[:10]])
    # Two of twenty places may be outside: the half width is the second largest placebo, 19/18 · 0.8.
    assert row.did_high - row.did == pytest.approx(19 / 18 * 0.8)


def test_other_cases_of_the_city_are_named() -> None:
    other = {"case_id": "d", "ref_area": "city", "indicator": "AIR", "start_year": 2012}
    later = {"case_id": "e", "ref_area": "city", "indicator": "AIR", "start_year": 2025}
    assert found(panel(), other, later).other_cases == ["d"]
    assert found(panel()).other_cases == []


def test_the_series_that_passes_most_checks_is_used() -> None:
    """A source that has the peers too is used before a preferred one without them; a proxy never counts."""
    own = series("city", CITY, source="own")
    proxy = pd.concat(
        series(place, [1.0] * 10, geo_basis="country", city_level=False) for place in ("city", *PEERS)
    )
    assert found(pd.concat([proxy, own, panel()])).source == "s"
    alone = found(pd.concat([own, proxy]))
    assert (alone.source, alone.geo_basis, alone.verdict_reason) == ("own", "city", "too_few_peers")


def test_peers_are_found_behind_any_number_of_cities_without_values() -> None:
    row = found(panel(), nearest=[*(f"empty{number}" for number in range(500)), *PEERS])
    assert (row.peer_cities, row.did) == (PEERS, pytest.approx(-4))


def test_a_case_without_indicator_or_start_has_no_row() -> None:
    cases = pd.DataFrame([CASE | {"indicator": None}, CASE | {"start_year": None}])
    assert evidence(cases, of_indicator(panel()), lambda _: {}, {"AIR": "lower"}, SHIPPED).empty


@pytest.mark.parametrize("peers", [9, 14, 19])
def test_random_differences_are_significant_as_often_as_the_level(peers: int) -> None:
    """Of 4,000 random sets of places, a share of about k/(n + 1) gets p of at most k/(n + 1)."""
    random = np.random.default_rng(7)
    sets = random.normal(size=(4000, peers + 1))
    given = [placebo(row[0], row[1:], 0.1) for row in sets]
    p = np.array([each.p for each in given])
    for rank in (1, 2, 5):
        allowed = rank / (peers + 1)
        assert np.mean(p <= allowed + 1e-9) == pytest.approx(allowed, abs=0.025)
    holds_zero = [abs(each.difference) <= each.half_width for each in given]
    assert holds_zero == [each.p > 0.1 for each in given]


def shares_by_chance(retained: float) -> pd.Series:
    """For 400 cases without any effect: the shares with each p at most 0.1, and with each verdict.

    Values of the city and nineteen peers retain the share `retained` of last year's deviation.
    """
    random = np.random.default_rng(1)
    drawn = random.normal(size=(41, 400, 20))
    for year in range(1, 41):
        drawn[year] += retained * drawn[year - 1]
    places = ["city", *FAR[:19]]
    names = [f"I{number}" for number in range(400)]
    index = pd.MultiIndex.from_product([range(2010, 2021), names, places])
    index.names = ["time_period", "indicator", "ref_area"]
    observations = pd.DataFrame({"obs_value": drawn[-11:].ravel()}, index=index).reset_index()
    same = {"obs_status": "A", "unit_measure": "U", "geo_basis": "city", "city_level": True, "source": "s"}
    cases = pd.DataFrame([CASE | {"case_id": name, "indicator": name} for name in names])
    directions = dict.fromkeys(names, "higher")
    rows = evidence(
        cases, of_indicator(observations.assign(**same)), lambda _: {"city": FAR[:19]}, directions, SHIPPED
    )
    shares = (rows[["placebo_p", "slope_gap_p", "gap_p"]] <= 0.1).mean()
    return pd.concat([shares, rows["verdict"].value_counts(normalize=True)])


@pytest.mark.parametrize(("retained", "gap"), [(0.0, 0.16), (0.5, 0.36), (1.0, 0.61)])
def test_a_verdict_by_chance_is_as_rare_as_declared(retained: float, gap: float) -> None:
    shares = shares_by_chance(retained)
    assert shares[["placebo_p", "slope_gap_p"]].to_numpy() == pytest.approx(0.1, abs=0.03)
    assert shares["better_than_peers"] + shares["worse_than_peers"] <= 0.13
    assert shares["gap_p"] == pytest.approx(gap, abs=0.05)


@pytest.mark.parametrize(
    ("before", "after", "fault"),
    [
        ("least_peers: 9", "least_peers: 8", r"8 peers cannot give a p of 0\.1 or less"),
        ("peers: 19", "peers: 8", "least_peers 9 is more than peers 8"),
        ("    - {id: climate, ", "    - {id: climate, normal: true, ", r"\['climate'\] are normals"),
        ("    - {id: size, of: POP_AGGLO", "    - {id: size, of: SIZE", r"features: \['SIZE'\] are not in"),
        ("{before: 3, after: 3,", "{before: 6, after: 3,", r"least_years\.before is more than years\.before"),
    ],
)
def test_an_unsatisfiable_declaration_is_refused(before: str, after: str, fault: str, tmp_path: Path) -> None:
    text = (CATALOG / "evidence.yaml").read_text(encoding="utf-8")
    assert before in text
    (tmp_path / "evidence.yaml").write_text(text.replace(f"\n{before}", f"\n{after}").replace(
        f"least_years: {before}", f"least_years: {after}"), encoding="utf-8")  # fmt: skip
    with pytest.raises(CatalogueError, match=fault):
        load_evidence(CATALOGUE, tmp_path)
