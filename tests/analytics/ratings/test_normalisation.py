"""Normalisation methods, compared with results by hand."""

from math import sqrt
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
