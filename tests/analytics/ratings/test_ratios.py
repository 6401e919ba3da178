"""Numerators and denominators of ratios: both national, or both not."""

from typing import Any

import pandas as pd
import pytest

from city_indicators.analytics.ratings.engine import Rating, rate
from city_indicators.core.errors import MethodError
from tests.analytics.ratings.small import column, method

RATIO = method(
    "income", indicators=[{"indicator": "energy", "denominator": "income"}, {"indicator": "income"}]
)
Row = tuple[str, str, float, str]
NATIONAL = [("x", "energy", 600, "country"), ("x", "income", 30, "country")]


def rated(*given: Row) -> Rating:
    names = ["ref_area", "indicator", "obs_value", "geo_basis"]
    values = pd.DataFrame(list(given), columns=names).astype({"obs_value": float})
    return rate(RATIO, ["x"], values, city_level=["city", "metro"])


def of_x(rating: Rating, indicator: str = "energy") -> list[Any]:
    """Numerator, its basis, denominator, its basis, and the rated value."""
    names = ["obs_value", "geo_basis", "denominator_obs_value", "denominator_geo_basis", "treated_value"]
    return [column(rating, indicator, name)["x"] for name in names]


@pytest.mark.parametrize(
    ("own", "expected"),
    [
        ([], [600, "country", 30, "country", 20]),
        # Only one of the two is at city level.
        ([("x", "energy", 800, "city")], [600, "country", 30, "country", 20]),
        ([("x", "income", 40, "city")], [600, "country", 30, "country", 20]),
        # Both are; their bases may differ if neither is national.
        ([("x", "energy", 800, "city"), ("x", "income", 40, "city")], [800, "city", 40, "city", 20]),
        ([("x", "energy", 900, "metro"), ("x", "income", 30, "region")], [900, "metro", 30, "region", 30]),
    ],
)
def test_a_local_pair_is_preferred_to_the_national_one(own: list[Row], expected: list[Any]) -> None:
    for given in ([*NATIONAL, *own], [*own, *NATIONAL]):
        assert of_x(rated(*given)) == expected


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ([("energy", 800, "city"), ("income", 30, "country")], [800, "city", None, None, None]),
        ([("energy", 600, "country"), ("income", 40, "city")], [600, "country", None, None, None]),
        ([("energy", 800, "city")], [800, "city", None, None, None]),
        ([("income", 40, "city")], [None, None, None, None, None]),
    ],
)
def test_without_a_pair_there_is_no_value(given: list[tuple[str, float, str]], expected: list[Any]) -> None:
    rating = rated(*(("x", *observation) for observation in given))
    assert of_x(rating) == expected
    assert column(rating, "energy", "denominator") == {"x": "income"}
    own = int(any(indicator == "income" for indicator, _, _ in given))
    assert rating.scores["coverage"].tolist() == [own / 2]


def test_an_indicator_alone_still_uses_the_city_value() -> None:
    """The ratio takes the national pair, but income alone the value of the city: half is city level."""
    rating = rated(*NATIONAL, ("x", "income", 40, "city"))
    assert of_x(rating, "income") == [40, "city", None, None, 40]
    assert rating.scores["city_level_share"].tolist() == [0.5]
    assert rating.scores["score"].tolist() == [(20 + 40) / 2]


def test_two_values_of_one_level_are_refused() -> None:
    with pytest.raises(MethodError, match="x energy has several values"):
        rated(*NATIONAL, ("x", "energy", 800, "city"), ("x", "energy", 900, "metro"))
