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


def test_an_indicator_may_be_used_twice() -> None:
    """As an amount, and divided by income: 800 and 800 / 40."""
    twice = method(
        indicators=[
            {"indicator": "energy"},
            {"indicator": "energy", "id": "energy_gdp", "denominator": "income"},
        ]
    )
    values = pd.DataFrame(
        [("x", "energy", 800.0), ("x", "income", 40.0), ("y", "energy", 600.0)],
        columns=["ref_area", "indicator", "obs_value"],
    )
    rating = rate(twice, ["x", "y"], values)
    assert rating.scores["score"].tolist() == [410, 600]
    rows = rating.indicators[["ref_area", "indicator_id", "indicator", "treated_value"]].fillna(0)
    assert rows.to_numpy().tolist() == [
        ["x", "energy", "energy", 800],
        ["x", "energy_gdp", "energy", 20],
        ["y", "energy", "energy", 600],
        ["y", "energy_gdp", "energy", 0],
    ]
    assert rating.indicators["contribution"].tolist()[:2] == [400, 10]


def test_twice_without_an_id_is_refused() -> None:
    with pytest.raises(ValueError, match=r"\['A'\] are repeated in the method: give each an `id` of its own"):
        method("A", "A")


LIMITED = method(
    indicators=[
        {"indicator": "energy", "geo_basis": ["city", "metro"]},
        {"indicator": "energy", "id": "grid", "geo_basis": ["country"]},
        {"indicator": "income"},
    ]
)


def limited(*given: Row) -> list[float | None]:
    names = ["ref_area", "indicator", "obs_value", "geo_basis"]
    values = pd.DataFrame([*given, ("x", "income", 1, "country")], columns=names).astype({"obs_value": float})
    found = rate(LIMITED, ["x"], values).indicators.set_index("indicator_id")["treated_value"]
    return [None if pd.isna(found[part]) else float(found[part]) for part in ("energy", "grid", "income")]


def test_an_indicator_may_be_limited_to_geographic_bases() -> None:
    """A national value is no proxy then; another use of the indicator may be limited otherwise."""
    assert limited(("x", "energy", 600, "country"), ("x", "energy", 800, "city")) == [800, 600, 1]
    assert limited(("x", "energy", 600, "country")) == [None, 600, 1]
    assert limited(("x", "energy", 700, "region")) == [None, None, 1]
    assert limited(("x", "energy", 900, "metro")) == [900, None, 1]


def test_a_limit_needs_values_with_a_basis() -> None:
    values = pd.DataFrame([("x", "energy", 1.0)], columns=["ref_area", "indicator", "obs_value"])
    with pytest.raises(
        MethodError, match=r"limits the geo_basis of \['energy', 'grid'\], but the values have no"
    ):
        rate(LIMITED, ["x"], values)


def test_an_unknown_basis_is_refused() -> None:
    with pytest.raises(ValueError, match=r"geo_basis\.0\n  Input should be 'city'"):
        method(indicators=[{"indicator": "A", "geo_basis": ["town"]}])
