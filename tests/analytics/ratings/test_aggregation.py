"""Aggregations and contributions, compared with results by hand."""

from itertools import product
from math import exp, log
from typing import Any

import numpy as np
import pandas as pd
import pytest

from city_indicators.analytics.ratings.aggregation import aggregate
from city_indicators.analytics.ratings.engine import rate
from city_indicators.core.errors import MethodError
from tests.analytics.ratings.small import array, column, method, observations, rated, scores

MEANS = ("arithmetic", "geometric", "harmonic", "copeland")
# The parts 2, 4 and 8 with weights 1, 2 and 1.
PARTS, WEIGHTS = array([2], [4], [8]), np.array([[1.0, 2, 1]])


@pytest.mark.parametrize(
    ("how", "expected"),
    [
        ("arithmetic", (2 + 2 * 4 + 8) / 4),
        ("geometric", (2 * 4**2 * 8) ** 0.25),
        ("harmonic", 4 / (1 / 2 + 2 / 4 + 1 / 8)),
    ],
)
def test_means_by_hand(how: Any, expected: float) -> None:
    assert aggregate(how, PARTS, WEIGHTS)[0, 0] == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize(
    ("how", "expected"), [("arithmetic", 4), ("geometric", 4), ("harmonic", 2 / (1 / 2 + 1 / 8))]
)
def test_the_weight_of_a_missing_part_goes_to_the_others(how: Any, expected: float) -> None:
    gap = array([2], [np.nan], [8])
    expected = {"arithmetic": 5.0}.get(how, expected)
    assert aggregate(how, gap, WEIGHTS)[0, 0] == pytest.approx(expected, abs=1e-12)
    assert np.isnan(aggregate(how, array([np.nan], [np.nan]), np.ones((1, 2))))[0, 0]


def test_copeland_by_hand() -> None:
    """With weights 2 and 1, A decides: x beats y and z. With equal weights no unit wins."""
    a, b = [9.0, 5, 4], [1.0, 2, 3]
    assert aggregate("copeland", array(a, b), np.array([[2.0, 1]]))[0].tolist() == [2, 0, -2]
    assert aggregate("copeland", array(a, b), np.array([[1.0, 1]]))[0].tolist() == [0, 0, 0]
    assert aggregate("copeland", array(a, b), np.array([[1.0, 3]]))[0].tolist() == [-2, 0, 2]


def test_copeland_ignores_parts_that_are_missing() -> None:
    a, b = [9.0, np.nan, 4], [1.0, 2, 3]
    # A compares x and z only: x beats z by 2 : 1. By B, y beats x and loses to z.
    assert aggregate("copeland", array(a, b), np.array([[2.0, 1]]))[0].tolist() == [0, 0, 0]


def tree(**aggregations: str) -> Any:
    """Two pillars of two indicators, one of them within a pillar of its own."""
    inner = {
        "id": "inner",
        "aggregation": "arithmetic",
        "weight": 0.3,
        "indicators": [{"indicator": "C", "weight": 1}],
    }
    pillars = [
        {
            "id": "one",
            "weight": 0.4,
            "indicators": [{"indicator": "A", "weight": 0.25}, {"indicator": "B", "weight": 0.75}],
        },
        {"id": "two", "weight": 0.6, "pillars": [inner], "indicators": [{"indicator": "D", "weight": 0.7}]},
    ]
    for pillar in pillars:
        if pillar["id"] in aggregations:
            pillar["aggregation"] = aggregations[str(pillar["id"])]
    index = aggregations.get("index", "arithmetic")
    return method(weighting="given", indicators=[], pillars=pillars, aggregation=index)


UNITS = {
    "x": {"A": 20, "B": 30, "C": 40, "D": 50},
    "y": {"A": 80, "B": 5, "C": 60, "D": 10},
    "z": {"A": 1, "B": 1, "C": 1, "D": 1},
    "gap": {"B": 30, "D": 70},
    "one_pillar": {"A": 10, "B": 90},
}


def test_pillars_may_use_different_means() -> None:
    found = scores(rated(tree(one="geometric", two="harmonic"), UNITS))
    one = exp(0.25 * log(20) + 0.75 * log(30))
    assert found["x"] == pytest.approx(0.4 * one + 0.6 / (0.3 / 40 + 0.7 / 50), abs=1e-12)
    assert found["gap"] == pytest.approx(0.4 * 30 + 0.6 * 70, abs=1e-12)


# Copeland's scores may be negative, which a geometric or harmonic mean above it refuses.
POSSIBLE = [
    means
    for means in product(MEANS, repeat=3)
    if "copeland" not in means[:2] or means[2] not in ("geometric", "harmonic")
]


@pytest.mark.parametrize("means", POSSIBLE)
def test_contributions_sum_to_the_score(means: tuple[str, str, str]) -> None:
    """For indicators and pillars on each level, with any combination of means."""
    rating = rated(tree(one=means[0], two=means[1], index=means[2]), UNITS)
    for table in (rating.indicators, rating.pillars[rating.pillars["parent"] == "index"]):
        sums = table.groupby("ref_area")["contribution"].sum()
        for unit, score in scores(rating).items():
            assert sums[unit] == pytest.approx(score, abs=1e-9), unit


def test_contributions_by_hand() -> None:
    units = {"x": {"A": 2, "B": 8}, "y": {"A": 3, "B": 1}}
    geometric = rated(method("A", "B", aggregation="geometric"), units)
    # The score 4, split by ln 2 : ln 8 = 1 : 3.
    assert column(geometric, "A", "contribution")["x"] == pytest.approx(1, abs=1e-12)
    assert column(geometric, "B", "contribution")["x"] == pytest.approx(3, abs=1e-12)
    harmonic = rated(method("A", "B", aggregation="harmonic"), units)
    # The score 3.2: A contributes 3.2² × 0.5 / 2, and B a quarter of that.
    assert column(harmonic, "A", "contribution")["x"] == pytest.approx(2.56, abs=1e-12)
    assert column(harmonic, "B", "contribution")["x"] == pytest.approx(0.64, abs=1e-12)


@pytest.mark.parametrize("how", ["geometric", "harmonic"])
@pytest.mark.parametrize("value", [0, -1])
def test_these_means_refuse_zero_and_negative_scores(how: str, value: float) -> None:
    with pytest.raises(
        MethodError, match=f"one: the {how} mean needs scores above zero, but B of y is {value}"
    ):
        rated(tree(one=how), {**UNITS, "y": {**UNITS["y"], "B": value}})


def test_too_few_parts_give_no_score() -> None:
    how = method("A", "B", "C", coverage={"aggregate": 0.6})
    found = rated(how, {"x": {"A": 1, "B": 3}, "y": {"A": 1}})
    assert scores(found)["x"] == 2
    assert np.isnan(scores(found)["y"])


def test_scores_include_the_other_means() -> None:
    rating = rated(method("A", "B"), {"x": {"A": 2, "B": 8}, "zero": {"A": 0, "B": 8}})
    rows = rating.scores.set_index("ref_area")
    assert rows.loc["x", ["score_arithmetic", "score_geometric"]].tolist() == pytest.approx([5, 4], abs=1e-12)
    assert np.isnan(rows.loc["zero", "score_geometric"])


def test_copeland_compares_units_within_a_period() -> None:
    """X and y change ranks between the years; all values of the second year are above the first."""
    first = observations({"x": {"A": 2, "B": 2}, "y": {"A": 1, "B": 1}}, "2020")
    second = observations({"x": {"A": 8, "B": 8}, "y": {"A": 9, "B": 9}}, "2021")
    rating = rate(method("A", "B", aggregation="copeland"), ["x", "y"], pd.concat([first, second]))
    assert rating.scores["score"].tolist() == [1, -1, -1, 1]
    assert rating.indicators["contribution"].tolist() == [0.5, 0.5, -0.5, -0.5, -0.5, -0.5, 0.5, 0.5]
