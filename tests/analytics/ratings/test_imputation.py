"""Imputation of missing values, compared with results by hand."""

from typing import Any

import pandas as pd
import pytest

from city_indicators.analytics.ratings.engine import Rating, rate
from city_indicators.core.errors import GroupsError, MethodError
from tests.analytics.ratings.small import column, method, observations, rated, scores

UNITS = {
    "a": {"A": 1, "B": 1},
    "b": {"A": 2, "B": 1},
    "c": {"A": 9, "B": 1},
    "d": {"B": 1},
    "e": {"A": 100, "B": 1},
}
GROUPS = pd.DataFrame({"ref_area": list("abcde"), "side": ["west", "west", "west", "west", "east"]})


@pytest.mark.parametrize(
    ("missing", "expected"),
    [
        ("none", None),
        ("mean", 28.0),
        ("median", 5.5),
        ({"policy": "mean", "group": "side"}, 4.0),
        ({"policy": "median", "group": "side"}, 2.0),
    ],
)
def test_mean_and_median_of_all_units_or_the_group(missing: Any, expected: float | None) -> None:
    rating = rated(method("A", "B", missing=missing), UNITS, groups=GROUPS)
    assert column(rating, "A", "treated_value")["d"] == expected
    assert column(rating, "A", "treated_value")["a"] == 1
    assert scores(rating)["d"] == (1 if expected is None else (expected + 1) / 2)


def test_a_unit_without_a_group_or_in_an_empty_one_gets_nothing() -> None:
    how = method("A", "B", missing={"policy": "mean", "group": "side"})
    for side in (None, "north"):
        groups = GROUPS.assign(side=["west", "west", "west", side, "east"])
        assert column(rated(how, UNITS, groups=groups), "A", "treated_value")["d"] is None


def test_non_members_get_no_value_and_change_no_score() -> None:
    """The z-scores of 1, 3 and 5 are -1, 0 and 1; two more units at the mean would change them."""
    own = {"a": {"A": 1}, "b": {"A": 3}, "c": {"A": 5}}
    units = {**own, "d": {"A": 90}, "e": {"A": 70}}
    groups = pd.DataFrame({"ref_area": list("abcde"), "club": ["club", "club", "club", None, None]})
    z_score = {"method": "z_score", "mean": 0, "sd": 1}
    how = method("A", group="club", missing="mean", normalisation=z_score)
    rating = rated(how, units, groups=groups)
    assert scores(rating) == {"a": -1, "b": 0, "c": 1}
    observations_of_all = rating.steps.chain.observations()[0, :, 0].tolist()
    assert observations_of_all == pytest.approx([1, 3, 5, float("nan"), float("nan")], nan_ok=True)


def test_imputed_values_are_flagged_and_counted() -> None:
    rating = rated(method("A", "B", missing="median"), UNITS)
    assert column(rating, "A", "obs_status") == {"a": None, "b": None, "c": None, "d": "I", "e": None}
    rows = rating.scores.set_index("ref_area")
    assert rows["imputed_share"].to_dict() == {"a": 0, "b": 0, "c": 0, "d": 0.5, "e": 0}
    assert rows["coverage"]["d"] == 0.5
    assert set(rated(method("A", "B"), UNITS).scores["imputed_share"]) == {0}
    assert column(rating, "A", "obs_value")["d"] is None


def test_imputed_values_do_not_count_for_coverage() -> None:
    rating = rated(method("A", "B", missing="median", coverage={"overall": 0.6}), UNITS)
    row = rating.scores.set_index("ref_area").loc["d"]
    assert (row["reason_code"], row["score"]) == ("too_few_indicators", 3.25)


def test_an_indicator_may_have_its_own_policy() -> None:
    leaves = [{"indicator": "A", "missing": "mean"}, {"indicator": "B"}]
    units = {"a": {"A": 1, "B": 3}, "b": {"B": 5}, "c": {"A": 2}}
    rating = rated(method(indicators=leaves, missing="none"), units)
    assert column(rating, "A", "treated_value")["b"] == 1.5
    assert column(rating, "B", "treated_value")["c"] is None


def test_above_max_share_a_pillar_gets_no_imputed_values() -> None:
    def pillars(share: float) -> Rating:
        parts = [
            {"id": "one", "indicators": [{"indicator": "A"}, {"indicator": "B"}, {"indicator": "C"}]},
            {"id": "two", "indicators": [{"indicator": "D"}]},
        ]
        how = method(indicators=[], pillars=parts, missing={"policy": "mean", "max_share": share})
        return rated(how, {"a": {"A": 1, "B": 2, "C": 3, "D": 4}, "b": {"A": 5, "D": 6}})

    # Two of three indicators of pillar `one` are imputed.
    assert column(pillars(0.66), "B", "treated_value")["b"] is None
    assert column(pillars(0.66), "C", "treated_value")["b"] is None
    assert column(pillars(2 / 3), "B", "treated_value")["b"] == 2
    assert column(pillars(0.67), "B", "treated_value")["b"] == 2
    assert column(pillars(0.67), "C", "treated_value")["b"] == 3


SERIES = {2015: 10, 2018: 16, 2020: 30}


def over_years(missing: Any) -> dict[str, float | None]:
    """The values of a unit in seven years, of which three are observed."""
    rows = [observations({"a": {"A": value}}, str(year)) for year, value in SERIES.items()]
    years = [str(year) for year in range(2015, 2022)]
    rating = rate(method("A", missing=missing), ["a"], pd.concat(rows), periods=years)
    values = rating.indicators.set_index("time_period")["treated_value"]
    return {year: None if pd.isna(values[year]) else values[year] for year in years}


def test_linear_interpolates_but_never_extrapolates() -> None:
    # From 10 to 16 in 3 years: 2 per year. From 16 to 30 in 2 years: 7 per year.
    expected = {"2015": 10, "2016": 12, "2017": 14, "2018": 16, "2019": 23, "2020": 30, "2021": None}
    assert over_years("linear") == expected


def test_nearest_year_prefers_the_earlier_of_a_tie() -> None:
    near = over_years({"policy": "nearest_year", "within": 1})
    assert near == {"2015": 10, "2016": 10, "2017": 16, "2018": 16, "2019": 16, "2020": 30, "2021": 30}


def test_nearest_year_is_limited_by_within() -> None:
    values = pd.concat([observations({"a": {"A": 1}}, "2015"), observations({"b": {"A": 2}}, "2018")])
    for within, expected in ((2, None), (3, 1)):
        how = method("A", missing={"policy": "nearest_year", "within": within})
        rating = rate(how, ["a", "b"], values, periods=["2018"])
        # Only rated years are used.
        assert column(rating, "A", "treated_value")["a"] is None
        rating = rate(how, ["a", "b"], values, periods=["2015", "2018"])
        found = rating.indicators.set_index(["time_period", "ref_area"])["treated_value"]
        assert found["2018", "a"] == expected or (expected is None and pd.isna(found["2018", "a"]))


def test_an_unknown_group_is_refused() -> None:
    how = method("A", "B", missing={"policy": "mean", "group": "continent"})
    with pytest.raises(GroupsError, match="no column 'continent'"):
        rated(how, UNITS, groups=GROUPS)
    with pytest.raises(GroupsError, match="no column 'continent'"):
        rated(how, UNITS)


@pytest.mark.parametrize("policy", ["linear", "nearest_year"])
def test_policies_over_years_need_years(policy: str) -> None:
    with pytest.raises(MethodError, match=f"missing: {policy} needs years, but the periods are"):
        rated(method("A", "B", missing=policy), UNITS)
