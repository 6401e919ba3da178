"""Cities beside each other: what is comparable, which is better, and the position of each."""

from typing import Any

import pandas as pd
import pytest

from city_indicators.delivery.charts import comparison
from city_indicators.delivery.charts.style import Caption
from city_indicators.delivery.web.comparison import COLUMNS, compared


def pair(
    one: str,
    other: str,
    values: tuple[float | None, float | None],
    ranks: tuple[int | None, int | None],
    **more: Any,
) -> dict[str, Any]:
    """A row of web/compare; five cities have a value in the unit."""
    empty = {f"{prefix}{column}": None for prefix in ("", "other_") for column in COLUMNS}
    return {
        **empty,
        **{"indicator": "PT_ACCESS", "pillar": "transport", "direction": "higher", "n_ranked": 5},
        **{"ref_area": one, "other_ref_area": other, "obs_value": values[0], "other_obs_value": values[1]},
        **{"unit_measure": "PT", "other_unit_measure": "PT", "rank": ranks[0], "other_rank": ranks[1]},
        "incomparable_because": [],
        **more,
    }


def test_the_best_of_comparable_values_is_better_and_ranks_are_positions() -> None:
    (found,) = compared([pair("a", "b", (80, 60), (1, 4))], ["b", "a"])
    assert found.comparable
    assert found.best == ["a"]
    assert [found.position(city) for city in ("a", "b")] == [1, 0.25]
    assert list(found.of_city) == ["b", "a"]


@pytest.mark.parametrize(
    ("more", "best"),
    [
        ({"direction": "lower"}, ["b"]),
        ({"direction": "context"}, []),
        ({"incomparable_because": ["other_basis"]}, []),
        ({"other_obs_value": 80}, ["a", "b"]),
    ],
)
def test_better_depends_on_direction_and_comparability(more: dict[str, Any], best: list[str]) -> None:
    (found,) = compared([pair("a", "b", (80, 60), (1, 4), **more)], ["a", "b"])
    assert found.best == best


def test_one_incomparable_pair_of_three_makes_the_indicator_incomparable() -> None:
    pairs = [
        pair("a", "b", (80, 60), (1, 4)),
        pair("a", "c", (80, 50), (1, 5), incomparable_because=["years_apart"]),
        pair("b", "c", (60, 50), (4, 5), incomparable_because=["years_apart"]),
    ]
    (found,) = compared(pairs, ["a", "b", "c"])
    assert found.why == ["years_apart"]


def test_two_cities_without_a_value_have_no_pair_but_a_reason() -> None:
    missing = {"incomparable_because": ["no_value"], "other_unit_measure": None}
    pairs = [
        pair("a", "b", (80, None), (1, None), **missing),
        pair("a", "c", (80, None), (1, None), **missing),
    ]
    (found,) = compared(pairs, ["a", "b", "c"])
    assert found.why == ["no_value"]
    assert list(found.of_city) == ["a"]


def test_a_rank_in_another_unit_is_no_position_among_these_cities() -> None:
    """The pair counts the cities in the unit of the first value only."""
    (found,) = compared([pair("a", "b", (80, 60), (1, 2), other_unit_measure="KM")], ["a", "b"])
    assert found.position("a") == 1
    assert found.position("b") is None


def test_only_comparable_values_are_joined() -> None:
    common = {"position": 0.5, "shown": "1", "place": "1 of 5", "why": "–", "link": "lineage/x"}
    points = pd.DataFrame(
        [{**common, "indicator": "Access", "city": city, "comparable": True} for city in ("A", "B")]
        + [{**common, "indicator": "Energy", "city": "A", "comparable": False}]
    )
    texts = {name: name for name in ("position", "value", "rank", "why", "comparable", "not_comparable")}
    drawn = comparison.positions(points, ["A", "B"], texts, Caption("A – B", "positions", []), 640)
    (framed,) = drawn["vconcat"]
    parts = framed["hconcat"][0]["vconcat"]
    marks = [[layer["mark"]["type"] for layer in part["layer"]] for part in parts]
    assert marks == [["text", "rule", "point"], ["text", "point"]]
