"""The years of a rating affected by changed observations."""

import pandas as pd
import pytest

from city_indicators.analytics.ratings.method import Method
from city_indicators.reports.past import affected_periods, rated_periods
from tests.methods import FIRST


@pytest.fixture(scope="module")
def method() -> Method:
    """A rating that carries values forward for three years."""
    return FIRST.model_copy(update={"max_age_years": 3})


def changed(*observations: tuple[str, str]) -> pd.DataFrame:
    return pd.DataFrame(observations, columns=["indicator", "time_period"])


@pytest.mark.parametrize(
    ("observations", "last_year", "years"),
    [
        ([("CO2_PC", "2018")], 2026, ["2018", "2019", "2020", "2021"]),
        ([("CO2_PC", "2024")], 2026, ["2024", "2025", "2026"]),
        ([("CO2_PC", "2026")], 2026, ["2026"]),
        ([("CO2_PC", "2027")], 2026, []),
        (
            [("CO2_PC", "2010"), ("PM25_EXPOSURE", "2012")],
            2026,
            ["2010", "2011", "2012", "2013", "2014", "2015"],
        ),
        (
            [("CO2_PC", "2000"), ("CO2_PC", "2010")],
            2011,
            ["2000", "2001", "2002", "2003", "2010", "2011"],
        ),
        ([("CO2_PC", "2009"), ("CO2_PC", "2009")], 2010, ["2009", "2010"]),
        ([("POP_AGGLO", "2018")], 2026, []),
        ([("POP_AGGLO", "2018"), ("ENERGY_PC", "2025")], 2026, ["2025", "2026"]),
        ([], 2026, []),
    ],
)
def test_changes_affect_their_year_and_years_they_are_carried_to(
    method: Method, observations: list[tuple[str, str]], last_year: int, years: list[str]
) -> None:
    assert affected_periods(method, changed(*observations), last_year) == years


def test_without_carrying_forward_only_the_year_is_affected(method: Method) -> None:
    strict = method.model_copy(update={"max_age_years": 0})
    assert affected_periods(strict, changed(("CO2_PC", "2018")), 2026) == ["2018"]


def test_a_year_with_only_carried_forward_values_is_not_rated(method: Method) -> None:
    known = changed(("CO2_PC", "2018"), ("POP_AGGLO", "2020"), ("ENERGY_PC", "2021"))
    assert rated_periods(method, ["2018", "2019", "2020", "2021", "2022"], known) == ["2018", "2021"]
