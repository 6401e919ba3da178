"""Intervals, pairs and sensitivities, compared with the draws and with known results."""

from itertools import permutations
from typing import Any

import numpy as np
import pandas as pd
import pytest

from city_indicators.analytics.ratings.engine import Rating, rate
from city_indicators.analytics.ratings.method import Method
from city_indicators.analytics.ratings.sensitivity import sensitivity
from city_indicators.analytics.ratings.uncertainty import UncertaintyResult, drawn_ranks, uncertainty
from tests.analytics.ratings.small import method, observations

FACTORS = {"aggregation": ["arithmetic", "geometric"], "weights": 0.5, "drop_indicator": True}


@pytest.fixture(scope="module")
def many() -> dict[str, dict[str, float]]:
    """Fourteen units with similar scores, and one with too little data."""
    random = np.random.default_rng(3)
    units = {f"u{n:02}": dict(zip("ABCD", random.uniform(20, 60, 4), strict=True)) for n in range(14)}
    return {**units, "thin": {"A": 99.0}}


def analysed(**changes: Any) -> Method:
    declared = {"draws": 400, "seed": 11, "factors": FACTORS}
    return method("A", "B", "C", "D", **{"coverage": {"overall": 0.5}, "uncertainty": declared, **changes})


@pytest.fixture(scope="module")
def rating(many: dict[str, dict[str, float]]) -> Rating:
    return rate(analysed(), sorted(many), observations(many))


@pytest.fixture(scope="module")
def drawn(rating: Rating) -> np.ndarray:
    """The ranks of each draw."""
    design = rating.steps.design
    return drawn_ranks(rating.steps, design, design.monte_carlo(), 0)


@pytest.fixture(scope="module")
def found(rating: Rating) -> UncertaintyResult:
    return uncertainty(rating.steps)


def test_intervals_are_the_quantiles_of_the_draws(found: UncertaintyResult, drawn: np.ndarray) -> None:
    table = found.intervals.set_index("ref_area")
    assert table.index.tolist() == [f"u{n:02}" for n in range(14)]
    for unit, name in enumerate(table.index):
        ranks = np.sort(drawn[:, unit])
        # Of 400 draws, the 5 % quantile is at position 0.05 × 399 = 19.95, between the 20th and the 21st.
        low = ranks[19] + 0.95 * (ranks[20] - ranks[19])
        high = ranks[379] + 0.05 * (ranks[380] - ranks[379])
        row = table.loc[name]
        assert (row["rank_p05"], row["rank_p95"]) == pytest.approx((low, high), abs=1e-9)
        assert row["rank_median"] == (ranks[199] + ranks[200]) / 2
        assert row["p_top3"] == sum(rank <= 3 for rank in ranks) / 400
        assert row["p_top10"] == sum(rank <= 10 for rank in ranks) / 400
    assert table["p_top3"].sum() == pytest.approx(3, abs=0.05)


def test_every_draw_ranks_all_ranked_units(drawn: np.ndarray) -> None:
    assert drawn.shape == (400, 14)
    assert (np.sort(drawn, axis=1) == np.arange(1, 15)).mean() > 0.99
    assert (np.ptp(drawn, axis=0) > 0).all()


def test_pairs_count_draws_above_and_half_of_the_ties(found: UncertaintyResult, drawn: np.ndarray) -> None:
    pairs = found.pairs.set_index(["ref_area", "other_ref_area"])
    assert len(pairs) == 14 * 13
    for one, other in permutations(range(14), 2):
        row = pairs.loc[f"u{one:02}", f"u{other:02}"]
        above = (sum(drawn[:, one] < drawn[:, other]) + sum(drawn[:, one] == drawn[:, other]) / 2) / 400
        assert row["p_above"] == pytest.approx(above, abs=1e-12)
        assert row["tied"] == (0.1 <= above <= 0.9)
    assert pairs["tied"].any()
    assert not pairs["tied"].all()


def test_an_unranked_unit_is_not_in_the_results(found: UncertaintyResult) -> None:
    assert "thin" not in set(found.intervals["ref_area"])
    assert "thin" not in set(found.pairs["ref_area"]) | set(found.pairs["other_ref_area"])


def test_results_depend_on_the_seed_only(
    many: dict[str, dict[str, float]], found: UncertaintyResult, rating: Rating
) -> None:
    again = rate(analysed(), sorted(many), observations(many))
    pd.testing.assert_frame_equal(uncertainty(again.steps).intervals, found.intervals, check_exact=True)
    pd.testing.assert_frame_equal(uncertainty(again.steps).pairs, found.pairs, check_exact=True)
    assert uncertainty(again.steps).draws.equals(found.draws)
    pd.testing.assert_frame_equal(sensitivity(again.steps), sensitivity(rating.steps), check_exact=True)
    changed = analysed(uncertainty={"draws": 400, "seed": 12, "factors": FACTORS})
    other = uncertainty(rate(changed, sorted(many), observations(many)).steps)
    assert not other.intervals.equals(found.intervals)
    # Another seed, but the same distribution.
    shift = other.intervals["rank_median"] - found.intervals["rank_median"]
    assert shift.abs().max() <= 1


def test_the_order_of_rows_and_of_the_method_changes_nothing(
    many: dict[str, dict[str, float]], found: UncertaintyResult
) -> None:
    how = analysed(indicators=[{"indicator": name, "direction": "higher"} for name in "CADB"])
    shuffled = observations(many).sample(frac=1, random_state=5)
    again = uncertainty(rate(how, sorted(many, reverse=True), shuffled).steps)
    pd.testing.assert_frame_equal(again.intervals, found.intervals, check_exact=True)
    pd.testing.assert_frame_equal(again.pairs, found.pairs, check_exact=True)


def test_each_period_is_drawn_independently(
    many: dict[str, dict[str, float]], found: UncertaintyResult
) -> None:
    other = {unit: {name: 100 - value for name, value in own.items()} for unit, own in many.items()}
    values = pd.concat([observations(many, "2020"), observations(other, "2021")])
    both = uncertainty(rate(analysed(), sorted(many), values).steps).intervals
    first = both[both["time_period"] == "2020"].drop(columns="time_period").reset_index(drop=True)
    pd.testing.assert_frame_equal(first, found.intervals.drop(columns="time_period"), check_exact=True)
    assert (
        not both[both["time_period"] == "2021"]
        .drop(columns="time_period")
        .reset_index(drop=True)
        .equals(first)
    )


def test_with_too_many_units_there_are_no_pairs(monkeypatch: pytest.MonkeyPatch, rating: Rating) -> None:
    monkeypatch.setattr("city_indicators.analytics.ratings.uncertainty.UNITS_IN_PAIRS", 13)
    found = uncertainty(rating.steps)
    assert found.pairs.empty
    assert len(found.intervals) == 14


@pytest.mark.parametrize("at_once", [1, 60, 1000])
def test_the_batch_size_of_draws_changes_nothing(
    monkeypatch: pytest.MonkeyPatch, many: dict[str, dict[str, float]], at_once: int
) -> None:
    factors = {**FACTORS, "noise": {"A": 0.1}}
    how = analysed(uncertainty={"draws": 100, "seed": 2, "factors": factors})
    steps = rate(how, sorted(many), observations(many, obs_status="A")).steps
    expected = uncertainty(steps).intervals
    monkeypatch.setattr("city_indicators.analytics.ratings.uncertainty.CELLS_AT_ONCE", at_once)
    pd.testing.assert_frame_equal(uncertainty(steps).intervals, expected, check_exact=True)


def test_noise_is_the_same_if_it_is_drawn_each_time(
    monkeypatch: pytest.MonkeyPatch, many: dict[str, dict[str, float]]
) -> None:
    factors = {**FACTORS, "noise": {"A": 0.1}}
    how = analysed(uncertainty={"draws": 100, "seed": 2, "factors": factors})
    both = pd.concat([observations(many, year, obs_status="A") for year in ("2020", "2021")])
    kept = uncertainty(rate(how, sorted(many), both).steps)
    monkeypatch.setattr("city_indicators.analytics.ratings.draws.DEVIATES_KEPT", 0)
    steps = rate(how, sorted(many), both).steps
    pd.testing.assert_frame_equal(uncertainty(steps).intervals, kept.intervals, check_exact=True)
    assert not steps.design._drawn


# Two units change ranks if the mean is geometric, and two other pairs if missing values are imputed. The
# pairs are independent, so the mean shift of rank is the sum over the factors.
LINEAR = {
    "a1": {"A": 10, "B": 10},
    "a2": {"A": 2, "B": 19},
    "b1": {"A": 25},
    "b2": {"A": 27, "B": 21},
    "c1": {"A": 50},
    "c2": {"A": 54, "B": 42},
}


@pytest.fixture(scope="module")
def linear() -> pd.DataFrame:
    groups = pd.DataFrame({"ref_area": sorted(LINEAR), "pair": [unit[0] for unit in sorted(LINEAR)]})
    factors = {
        "missing": ["none", {"policy": "mean", "group": "pair"}],
        "aggregation": ["arithmetic", "geometric"],
    }
    how = method(
        "A", "B", missing="none", uncertainty={"draws": 100, "seed": 5, "sobol": 256, "factors": factors}
    )
    rating = rate(how, sorted(LINEAR), observations(LINEAR), groups=groups)
    assert rating.scores.set_index("ref_area")["rank"].to_dict() == {
        "a1": 6,
        "a2": 5,
        "b1": 3,
        "b2": 4,
        "c1": 1,
        "c2": 2,
    }
    return sensitivity(rating.steps).set_index("factor")


def test_sobol_indices_of_a_sum_are_shares_of_variance(linear: pd.DataFrame) -> None:
    """The shift is 2/6 with probability 1/2 and 4/6 with another 1/2: variances 1 to 4, no interaction."""
    for factor, share in (("aggregation", 0.2), ("missing", 0.8)):
        assert linear.loc[factor, "s1"] == pytest.approx(share, abs=0.05)
        assert linear.loc[factor, "st"] == pytest.approx(share, abs=0.05)
        assert 0 < linear.loc[factor, "s1_conf"] < 0.2


def test_the_shift_of_a_single_factor_by_hand(linear: pd.DataFrame) -> None:
    """The mean of two alternatives, one of which is the declared one."""
    assert linear.loc["aggregation", "mean_abs_rank_shift"] == pytest.approx((0 + 2 / 6) / 2, abs=1e-12)
    assert linear.loc["missing", "mean_abs_rank_shift"] == pytest.approx((0 + 4 / 6) / 2, abs=1e-12)


def test_a_factor_without_effect_has_no_share() -> None:
    units = {"x": {"A": 1, "B": 1}, "y": {"A": 50, "B": 50}}
    found = sensitivity(rate(analysed_two(), sorted(units), observations(units)).steps)
    factors = found[found["kind"] == "factor"]
    assert factors[["s1", "st", "mean_abs_rank_shift"]].to_numpy().tolist() == [[0, 0, 0]]


def analysed_two() -> Method:
    return method("A", "B", uncertainty={"draws": 100, "seed": 1, "factors": {"weights": 0.2}})


def test_leaving_out_by_hand() -> None:
    """Scores 16.67, 20, 23.33 and 26.67; without each indicator, the means are calculated by hand."""
    units = {
        "w": {"A": 10, "B": 20, "C": 20},
        "x": {"A": 30, "B": 10, "C": 20},
        "y": {"A": 20, "B": 40, "C": 10},
        "z": {"A": 40, "B": 30, "C": 10},
    }
    rating = rate(method("A", "B", "C"), sorted(units), observations(units))
    assert rating.scores["rank"].tolist() == [4, 3, 2, 1]
    found = sensitivity(rating.steps).set_index("factor")["mean_abs_rank_shift"]
    # Without A: 20, 15, 25, 20, so ranks 2, 4, 1, 2 against 4, 3, 2, 1.
    assert found["A"] == pytest.approx((2 + 1 + 1 + 1) / 4, abs=1e-12)
    # Without B: 15, 25, 15, 25, so 3, 1, 3, 1.
    assert found["B"] == pytest.approx((1 + 2 + 1 + 0) / 4, abs=1e-12)
    # Without C: 15, 20, 30, 35, so 4, 3, 2, 1.
    assert found["C"] == 0


def test_a_pillar_is_left_out_completely() -> None:
    pillars = [
        {"id": "one", "indicators": [{"indicator": "A"}, {"indicator": "B"}]},
        {"id": "two", "indicators": [{"indicator": "C"}]},
    ]
    units = {"x": {"A": 10, "B": 10, "C": 1}, "y": {"A": 5, "B": 5, "C": 2}}
    found = sensitivity(rate(method(indicators=[], pillars=pillars), ["x", "y"], observations(units)).steps)
    shifts = found.set_index("factor")["mean_abs_rank_shift"]
    # Without C, or its pillar, x stays first; without the other pillar they change ranks.
    assert shifts.to_dict() == {"A": 0, "B": 0, "C": 0, "one": 1, "two": 0}
    assert set(found["kind"]) == {"left_out"}


def test_draws_without_a_score_are_left_out_of_the_interval() -> None:
    """X has only A: in draws that drop A it has no score; otherwise it is first of three."""
    units = {"x": {"A": 90}, "y": {"A": 50, "B": 60}, "z": {"A": 40, "B": 50}}
    factors = {"drop_indicator": True}
    how = method("A", "B", uncertainty={"draws": 100, "seed": 1, "sobol": 64, "factors": factors})
    steps = rate(how, sorted(units), observations(units)).steps
    found = uncertainty(steps)
    dropped = [parameters["drop_indicator"] for parameters in found.draws["parameters"]].count("A") / 100
    assert 0 < dropped < 1
    table = found.intervals.set_index("ref_area")
    assert table.loc["x", ["rank_p05", "rank_median", "rank_p95"]].tolist() == [1, 1, 1]
    assert table.loc["x", "p_top3"] == pytest.approx(1 - dropped, abs=1e-12)
    pairs = found.pairs.set_index(["ref_area", "other_ref_area"])["p_above"]
    assert (pairs["x", "y"], pairs["y", "x"]) == (pytest.approx(1 - dropped, abs=1e-12), 0)
    # With x, y and z are second and third; without it first and second, a shift of one each.
    shifts = sensitivity(steps).set_index("factor")
    assert 0 < shifts.loc["drop_indicator", "mean_abs_rank_shift"] < 1
    assert shifts.loc["drop_indicator", "st"] == pytest.approx(1, abs=0.2)
