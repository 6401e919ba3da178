"""Normalisation methods, compared with results by hand."""

from math import exp, log, sqrt
from typing import Any

import numpy as np
import pandas as pd
import pytest

from city_indicators.analytics.ratings.engine import rate
from tests.analytics.ratings.small import column, method, observations, rated, scores

UNITS = {"a": {"A": 2}, "b": {"A": 4}, "c": {"A": 4}, "d": {"A": 12}}
# The values 2, 4, 4, 12: mean 5.5, sum of squares 12.25 + 2.25 + 2.25 + 42.25 = 59.
SD = sqrt(59 / 3)


def normalised(how: Any, scale: tuple[float, float] = (0, 100), **leaf: Any) -> list[float]:
    leaves = [{"indicator": "A", "direction": "higher", **leaf}]
    rating = rated(method(indicators=leaves, normalisation=how, scale=scale), UNITS)
    return list(column(rating, "A", "normalised").values())


@pytest.mark.parametrize(
    ("how", "leaf", "expected"),
    [
        ("none", {}, [2, 4, 4, 12]),
        ("none", {"direction": "lower"}, [-2, -4, -4, -12]),
        ("none", {"direction": None, "worst": 9, "best": 0}, [-2, -4, -4, -12]),
        ("min_max", {}, [0, 20, 20, 100]),
        ("min_max", {"direction": "lower"}, [100, 80, 80, 0]),
        ("distance_to_max", {}, [0, 20, 20, 100]),
        ("rank", {}, [1, 2, 2, 4]),
        ("rank", {"direction": "lower"}, [4, 2, 2, 1]),
        ("borda", {}, [0, 1, 1, 3]),
        ("percentile_rank", {}, [0, 100 / 3, 100 / 3, 100]),
        ("distance_to_target", {"target": 6}, [0, 50, 50, 100]),
        ({"method": "distance_to_target", "clip": False}, {"target": 6}, [0, 50, 50, 250]),
        ("distance_to_target", {"target": 2, "direction": "lower"}, [100, 80, 80, 0]),
        # All have reached the target, in the first case one of them exactly.
        ("distance_to_target", {"target": 2}, [100, 100, 100, 100]),
        ("distance_to_target", {"target": 13, "direction": "lower"}, [100, 100, 100, 100]),
        ({"method": "distance_to_target", "clip": False}, {"target": 1}, [100, 100, 100, 100]),
        ("goalposts", {"worst": 0, "best": 8}, [25, 50, 50, 100]),
        ({"method": "goalposts", "clip": False}, {"worst": 0, "best": 8}, [25, 50, 50, 150]),
        ("goalposts", {"worst": 12, "best": 4, "direction": "lower"}, [100, 100, 100, 0]),
        ("goalposts", {"worst": 1, "best": 16, "log": True}, [25, 50, 50, 100 * np.log2(12) / 4]),
    ],
)
def test_by_hand(how: Any, leaf: dict[str, Any], expected: list[float]) -> None:
    assert normalised(how, **leaf) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize(
    ("how", "leaf"),
    [
        ("min_max", {}),
        ("percentile_rank", {}),
        ("distance_to_target", {"target": 6}),
        ("goalposts", {"worst": 0, "best": 8}),
        ("z_score", {}),
    ],
)
def test_another_scale_stretches_the_scores(how: str, leaf: dict[str, Any]) -> None:
    hundred = np.array(normalised(how, **leaf))
    assert normalised(how, (10, 100), **leaf) == pytest.approx((10 + 0.9 * hundred).tolist(), abs=1e-12)


def test_z_scores_have_the_declared_mean_and_deviation() -> None:
    expected = [10 + 2 * (value - 5.5) / SD for value in (2, 4, 4, 12)]
    assert normalised({"method": "z_score", "mean": 10, "sd": 2}) == pytest.approx(expected, abs=1e-12)


def test_z_scores_span_three_deviations_on_either_side() -> None:
    expected = [50 + 50 * (value - 5.5) / SD / 3 for value in (2, 4, 4, 12)]
    assert normalised("z_score") == pytest.approx(expected, abs=1e-12)


def test_exponential_ranks_spread_the_best_and_compress_the_rest() -> None:
    """The English Indices of Deprivation: -23 ln(1 - R (1 - e^(-100/23))), of the rank R from 1 / n to 1.

    With four units the shares are 1/4, 1/2 (twice, the lower place) and 1.
    """

    def spread(share: float, decay: float = 23) -> float:
        return -decay * log(1 - share * (1 - exp(-100 / decay)))

    assert spread(1) == pytest.approx(100)
    assert spread(0.5) == pytest.approx(15.65, abs=0.01)
    expected = [spread(0.25), spread(0.5), spread(0.5), 100]
    assert normalised("exponential_rank") == pytest.approx(expected)
    assert normalised("exponential_rank", direction="lower") == pytest.approx(
        [100, *[spread(0.5)] * 2, spread(0.25)]
    )
    assert normalised("exponential_rank", (10, 100)) == pytest.approx([10 + 0.9 * each for each in expected])
    gentler = {"method": "exponential_rank", "decay": 50}
    assert normalised(gentler)[0] == pytest.approx(spread(0.25, 50))


def test_decay_belongs_to_exponential_ranks() -> None:
    with pytest.raises(ValueError, match="decay belongs to exponential_rank, not to rank"):
        method("A", normalisation={"method": "rank", "decay": 50})


def test_a_value_between_two_is_best() -> None:
    """Full points from 4 to 6; none at 0 and below, nor at 16 and above."""
    band = {"best": [4, 6], "worst": [0, 16]}
    leaves = [{"indicator": "A", "band": band}]
    values = {"too little": -1, "little": 1, "low": 4, "in": 5, "high": 6, "much": 11, "too much": 20}
    rating = rated(
        method(indicators=leaves, normalisation="goalposts"),
        {unit: {"A": value} for unit, value in values.items()},
    )
    assert scores(rating) == {
        "too little": 0,
        "little": 25,
        "low": 100,
        "in": 100,
        "high": 100,
        "much": 50,
        "too much": 0,
    }
    # The goalposts of a value are those on its side of the band.
    worst, best = column(rating, "A", "worst"), column(rating, "A", "best")
    assert (worst["little"], best["little"]) == (0, 4)
    assert (worst["much"], best["much"]) == (16, 6)


def test_the_goalposts_of_a_band_may_be_under_a_logarithm() -> None:
    band = {"best": [10, 100], "worst": [1, 10000]}
    leaves = [{"indicator": "A", "band": band, "log": True}]
    units = {"a": {"A": 10**0.5}, "b": {"A": 50}, "c": {"A": 1000}}
    rating = rated(method(indicators=leaves, normalisation="goalposts"), units)
    assert list(scores(rating).values()) == pytest.approx([50, 100, 50])


@pytest.mark.parametrize(
    ("how", "expected"),
    [
        # The distances from 3 to 5 are 1, 0, 0 and 7: the least is the best.
        ("min_max", [100 * 6 / 7, 100, 100, 0]),
        ("rank", [2, 3, 3, 1]),
        ("none", [-1, 0, 0, -7]),
    ],
)
def test_without_goalposts_the_distance_from_the_band_counts(how: str, expected: list[float]) -> None:
    assert normalised(how, direction=None, band={"best": [3, 5]}) == pytest.approx(expected)


def test_values_beyond_the_worst_may_score_below_the_scale_but_none_above() -> None:
    band = {"best": [4, 6], "worst": [0, 16]}
    how = {"method": "goalposts", "clip": False}
    assert normalised(how, direction=None, band=band) == pytest.approx([50, 100, 100, 40])
    assert normalised(how, direction=None, band={"best": [3, 5], "worst": [2.5, 6]})[0] == pytest.approx(-100)


@pytest.mark.parametrize(
    ("leaf", "fault"),
    [
        ({"band": {"best": [6, 4]}}, "best must not fall"),
        ({"band": {"best": [4, 6], "worst": [5, 9]}}, "worst must be on either side of best"),
        ({"band": {"best": [4, 6]}}, "A: needs the worst of its band, which its normalisation uses"),
        ({"band": {"best": [4, 6], "worst": [0, 9]}, "direction": "lower"}, "band excludes direction"),
        ({"band": {"best": [4, 6], "worst": [0, 9]}, "worst": 0, "best": 1}, "band excludes worst, best"),
        ({"band": {"best": [4, 6], "worst": [0, 9]}, "log": True}, "under a logarithm must be above zero"),
    ],
)
def test_a_band_that_cannot_be_used(leaf: dict[str, Any], fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        method(indicators=[{"indicator": "A", **leaf}], normalisation="goalposts")


def test_caps_apply_first() -> None:
    assert normalised("min_max", cap=[3, 5]) == pytest.approx([0, 50, 50, 100])


def test_values_are_divided_by_their_denominator() -> None:
    units = {"a": {"A": 6, "people": 2}, "b": {"A": 6, "people": 3}, "c": {"A": 6}}
    leaves = [{"indicator": "A", "denominator": "people"}]
    rating = rated(method(indicators=leaves), units)
    assert column(rating, "A", "normalised") == {"a": 3, "b": 2, "c": None}


def test_a_reached_target_gives_no_score_without_a_value() -> None:
    units = {"a": {"A": 7, "B": 1}, "b": {"B": 1}}
    leaves = [{"indicator": name, "direction": "higher", "target": 1} for name in "AB"]
    rating = rated(method(indicators=leaves, normalisation="distance_to_target"), units)
    assert column(rating, "A", "normalised") == {"a": 100, "b": None}
    assert scores(rating) == {"a": 100, "b": 100}


def test_an_indicator_with_one_distinct_value_has_no_score() -> None:
    units = {"a": {"A": 3, "B": 1}, "b": {"A": 3, "B": 2}}
    for how in ("min_max", "z_score"):
        rating = rated(method("A", "B", normalisation=how), units)
        assert column(rating, "A", "normalised") == {"a": None, "b": None}
        assert rating.scores["coverage"].tolist() == [0.5, 0.5]


def test_rounding_does_not_make_a_constant_an_indicator() -> None:
    """The last digits of sums differ, and a z-score of them would rank the units."""
    units = {"a": {"A": 0.1 + 0.2, "B": 1}, "b": {"A": 0.3, "B": 2}, "c": {"A": 0.4 - 0.1, "B": 3}}
    for how in ("min_max", "z_score"):
        rating = rated(method("A", "B", normalisation=how), units)
        assert column(rating, "A", "normalised") == {"a": None, "b": None, "c": None}
        assert rating.warnings == ["A: all values are equal, so it has no score and no weight"]


def test_the_largest_values_that_are_rated_keep_their_order() -> None:
    units = {"a": {"A": -1e60}, "b": {"A": 0}, "c": {"A": 1e60}}
    for how in ("min_max", "z_score", "rank"):
        rating = rated(method("A", normalisation=how, treatment={"winsorise": 1, "otherwise": "log"}), units)
        assert rating.scores["rank"].tolist() == [3, 2, 1]


def test_only_the_year_of_a_constant_gives_a_warning() -> None:
    values = pd.concat(
        [
            observations({"a": {"A": 1, "B": 1}, "b": {"A": 1, "B": 2}}, "2020"),
            observations({"a": {"A": 1, "B": 1}, "b": {"A": 2, "B": 2}}, "2021"),
        ]
    )
    rating = rate(method("A", "B", normalisation="z_score"), ["a", "b"], values)
    assert rating.warnings == ["A 2020: all values are equal, so it has no score and no weight"]


def test_close_values_are_no_constant() -> None:
    units = {"a": {"A": 1e9}, "b": {"A": 1e9 + 1}}
    assert scores(rated(method("A", normalisation="min_max"), units)) == {"a": 0, "b": 100}


def test_bounds_come_from_each_period_or_from_all() -> None:
    values = pd.concat(
        [
            observations({"a": {"A": 0}, "b": {"A": 10}}, "2020"),
            observations({"a": {"A": 5}, "b": {"A": 20}}, "2021"),
        ]
    )
    for sample, expected in (("each_period", [0, 100, 0, 100]), ("pooled", [0, 50, 25, 100])):
        how = method("A", normalisation={"method": "min_max", "sample": sample})
        assert rate(how, ["a", "b"], values).scores["score"].tolist() == expected


def test_an_indicator_may_have_its_own_normalisation() -> None:
    leaves = [
        {"indicator": "A", "direction": "higher"},
        {"indicator": "B", "direction": "higher", "normalisation": "rank"},
    ]
    units = {unit: {**own, "B": own["A"]} for unit, own in UNITS.items()}
    rating = rated(method(indicators=leaves, normalisation="min_max"), units)
    assert column(rating, "A", "normalised") == {"a": 0, "b": 20, "c": 20, "d": 100}
    assert column(rating, "B", "normalised") == {"a": 1, "b": 2, "c": 2, "d": 4}


def test_results_include_ends_of_the_scale_and_gap_to_the_best() -> None:
    leaves = [{"indicator": "A", "direction": "lower"}]
    rating = rated(method(indicators=leaves, normalisation="min_max"), UNITS)
    assert set(column(rating, "A", "worst").values()) == {12}
    assert set(column(rating, "A", "best").values()) == {2}
    assert column(rating, "A", "gap_to_best") == {"a": 0, "b": 20, "c": 20, "d": 100}


def test_strength_rank_orders_the_indicators_of_a_unit() -> None:
    rating = rated(method("A", "B", "C", "D"), {"x": {"A": 5, "B": 7, "C": 5}, "y": {"A": 1, "D": 2}})
    assert [column(rating, indicator, "strength_rank")["x"] for indicator in "ABCD"] == [2, 1, 2, None]
    assert [column(rating, indicator, "strength_rank")["y"] for indicator in "ABCD"] == [2, None, None, 1]
