"""Ranking: precision, ties, size classes, groups, and units with too little data."""

from typing import Any

import pandas as pd
import pytest

from city_indicators.analytics.ratings.engine import Rating, rate
from tests.analytics.ratings.small import method, observations, rated

UNITS = {
    "a": {"A": 0.7004, "people": 2_000_000},
    "b": {"A": 0.6996, "people": 900_000},
    "c": {"A": 0.7006, "people": 500_000},
    "d": {"A": 0.2, "people": 1_000_000},
    "e": {"A": 0.1},
}


def ranks(rating: Rating, column: str = "rank") -> list[Any]:
    values = rating.scores[column]
    return values.astype(object).where(values.notna(), None).tolist()


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, [2, 3, 1, 4, 5]),
        ({"rank_precision": 4}, [2, 3, 1, 4, 5]),
        ({"rank_precision": 3}, [2, 2, 1, 4, 5]),
        ({"rank_precision": 3, "ties": "max"}, [3, 3, 1, 4, 5]),
        ({"rank_precision": 3, "ties": "dense"}, [2, 2, 1, 3, 4]),
        ({"rank_precision": 1}, [1, 1, 1, 4, 5]),
    ],
)
def test_ranks_use_the_published_precision(changes: dict[str, Any], expected: list[int]) -> None:
    rating = rated(method("A", **changes), UNITS)
    assert ranks(rating) == expected
    assert rating.scores["score"].tolist() == [own["A"] for own in UNITS.values()]


def test_size_classes_with_the_bound_in_the_upper_one() -> None:
    rating = rated(method("A", size_classes={"indicator": "people", "bounds": [500_000, 1_000_000]}), UNITS)
    middle, upper = "500000_to_1000000", "from_1000000"
    assert ranks(rating, "size_class") == [upper, middle, middle, upper, None]
    assert ranks(rating, "rank_in_size_class") == [1, 2, 1, 2, None]
    assert ranks(rating) == [2, 3, 1, 4, 5]


def test_ranks_within_a_group() -> None:
    groups = pd.DataFrame({"ref_area": list("abcd"), "side": ["west", "east", "east", "west"]})
    rating = rated(method("A", rank_within="side"), UNITS, groups=groups)
    assert ranks(rating, "size_class") == ["west", "east", "east", "west", None]
    assert ranks(rating, "rank_in_size_class") == [1, 2, 1, 2, None]


def test_only_members_of_a_group_are_rated() -> None:
    values = pd.concat([observations(UNITS, "2020"), observations(UNITS, "2021")])
    groups = pd.DataFrame(
        {
            "ref_area": ["a", "b", "b", "c"],
            "time_period": ["2020", "2020", "2021", "2021"],
            "club": ["member"] * 4,
        }
    )
    scores = rate(method("A", group="club"), sorted(UNITS), values, groups=groups).scores
    found = scores.set_index(["time_period", "ref_area"])["rank"].to_dict()
    assert found == {("2020", "a"): 1, ("2020", "b"): 2, ("2021", "b"): 2, ("2021", "c"): 1}


def test_left_out_units_do_not_affect_bounds() -> None:
    """Unit c has one value of two, and it is the highest."""
    units = {"a": {"A": 0, "B": 5}, "b": {"A": 10, "B": 1}, "c": {"A": 40}}
    coverage = {"overall": 0.6}
    unranked = rated(method("A", "B", normalisation="min_max", coverage=coverage), units)
    assert unranked.scores["score"].tolist() == [50, 12.5, 100]
    assert ranks(unranked) == [1, 2, None]
    excluded = rated(
        method("A", "B", normalisation="min_max", coverage={**coverage, "below": "left_out"}), units
    )
    assert excluded.scores["score"].tolist()[:2] == [50, 50]
    assert excluded.scores["score"].isna().tolist() == [False, False, True]
    assert ranks(excluded) == [1, 1, None]
    assert ranks(excluded, "status") == ["ranked", "ranked", "not_ranked"]


def test_coverage_at_the_bound_is_enough() -> None:
    units = {"a": {"A": 0, "B": 5}, "b": {"A": 10, "B": 1}, "c": {"A": 40}}
    for coverage in ({"overall": 0.5, "below": "left_out"}, {"overall": 0.5}, {"aggregate": 0.5}):
        rating = rated(method("A", "B", coverage=coverage), units)
        assert rating.scores["score"].tolist() == [2.5, 5.5, 40]
        assert ranks(rating) == [3, 2, 1]
