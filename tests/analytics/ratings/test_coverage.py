"""What values rest on is counted by city, by indicator and by source, worked out by hand."""

import pandas as pd
import pytest

from city_indicators.analytics.ratings.coverage import coverage_tables
from city_indicators.analytics.ratings.method import Method

GOAL = {"worst": 100, "best": 0}
METHOD = Method.model_validate(
    {
        "id": "m",
        "version": "1.0.0",
        "pillars": [
            {"id": "use", "weight": 0.6, "indicators": [{"indicator": "A", "weight": 1, **GOAL}]},
            {"id": "air", "weight": 0.4, "indicators": [{"indicator": "B", "weight": 1, **GOAL}]},
        ],
    }
)
COLUMNS = [
    *(
        "ref_area",
        "indicator",
        "pillar",
        "normalised",
        "obs_status",
        "geo_basis",
        "raw_time_period",
        "source",
    ),
    *("denominator", "denominator_source"),
]
VALUES = pd.DataFrame(
    [
        ("paris", "A", "use", 50.0, "A", "city", "2020", "x", None, None),
        # The denominator of B is A of the same source, which counts once with the value of A.
        ("paris", "B", "air", 40.0, "E", "metro", "2018", "y", "A", "x"),
        ("tokyo", "A", "use", 60.0, "A", "country", "2015", "x", None, None),
        ("tokyo", "B", "air", None, None, None, None, None, "A", "z"),
        ("delhi", "A", "use", 70.0, "B", "region", "2021", "y", None, None),
        # A value that is not used, because its denominator is absent, is missing.
        ("delhi", "B", "air", None, "A", "city", "2021", "y", None, None),
    ],
    columns=COLUMNS,
).assign(time_period="2021")


@pytest.fixture(scope="module")
def tables() -> dict[str, pd.DataFrame]:
    return coverage_tables(METHOD, VALUES, {"city", "metro"})


def test_the_shares_of_a_city_are_those_of_the_complete_weight(tables: dict[str, pd.DataFrame]) -> None:
    found = tables["city_coverage"].set_index("ref_area").drop(columns="time_period")
    kinds = ["share_own", "share_part", "share_country", "share_estimated", "share_missing"]
    assert found[kinds].to_dict("index") == {
        "paris": dict(zip(kinds, [0.6, 0, 0, 0.4, 0], strict=True)),
        "tokyo": dict(zip(kinds, [0, 0, 0.6, 0, 0.4], strict=True)),
        "delhi": dict(zip(kinds, [0, 0.6, 0, 0, 0.4], strict=True)),
    }
    # An estimate of a metropolitan area is at city level; a value that is not used is not.
    assert found["share_city_level"].to_dict() == {"paris": 1.0, "tokyo": 0.0, "delhi": 0.0}


def test_the_cities_of_an_indicator_are_counted_with_the_median_age(tables: dict[str, pd.DataFrame]) -> None:
    found = tables["indicator_coverage"].set_index("indicator").drop(columns=["time_period", "pillar"])
    columns = [
        "cities_own",
        "cities_part",
        "cities_country",
        "cities_estimated",
        "cities_missing",
        "median_age",
    ]
    assert found[columns].loc["A"].tolist() == [1, 1, 1, 0, 0, 1.0]
    assert found[columns].loc["B"].tolist() == [0, 0, 0, 1, 2, 3.0]


def test_a_city_counts_once_for_a_source_of_an_indicator(tables: dict[str, pd.DataFrame]) -> None:
    found = tables["source_use"].set_index(["indicator", "source"])["observations"]
    assert found.to_dict() == {("A", "x"): 2, ("A", "y"): 1, ("A", "z"): 1, ("B", "y"): 2}
