"""Climate indices compared with their normal, the mean of 1991 to 2020."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Engine

from city_indicators.ingest import load as ingest
from city_indicators.reports.refresh import refresh
from tests.methods import METHODS, RESEARCH
from tests.warehouse.conftest import NOON
from tests.warehouse.entered import LoadInput, Observation, enter

Query = Callable[[str], list[tuple[object, ...]]]


@pytest.fixture
def load(warehouse: Engine, tmp_path: Path) -> Callable[..., None]:
    def load_observations(source: str, observations: list[Observation]) -> None:
        years = sorted({int(observation.time_period) for observation in observations})
        given = LoadInput(source, range(years[0], years[-1] + 1), observations, indicators=("HOT_DAYS_30",))
        ingest.publish_load(enter(warehouse, tmp_path, given), tmp_path, warehouse, lambda: NOON)

    return load_observations


def days(city: str, year: int, number: float, status: str = "A") -> Observation:
    return Observation(city, str(year), number, "HOT_DAYS_30", "D", status, "city")


def test_compares_a_year_with_the_normal_of_its_source(load: Callable[..., None], query: Query) -> None:
    # Moscow: 24 years of 1991 to 2020 with 10 and 20 days alternating, mean 15; other years do not count.
    normal = [days("moscow", 1991 + n, 10 + 10 * (n % 2)) for n in range(24)]
    load("nasa_power", [days("moscow", 1990, 99), *normal, days("moscow", 2022, 27)])
    # Another source of the same city has no normal.
    load("open_meteo_archive", [days("moscow", 2022, 30), days("delhi", 2022, 200)])
    assert query(
        """
        select ref_area, source, obs_value, mean_1991_2020, years_of_30, change, change_reason
        from report.climate_change where time_period = '2022' order by ref_area, source
        """
    ) == [
        ("delhi", "open_meteo_archive", 200.0, None, 0, None, "normal_incomplete"),
        ("moscow", "nasa_power", 27.0, 15.0, 24, 12.0, None),
        ("moscow", "open_meteo_archive", 30.0, None, 0, None, "normal_incomplete"),
    ]


def test_a_later_normal_stands_beside_one_that_is_incomplete(load: Callable[..., None], query: Query) -> None:
    # 2001 to 2016: 16 of 20 years, 10 and 20 days alternating, mean 15; of 30 years there are 17.
    normal = [days("moscow", 2001 + n, 10 + 10 * (n % 2)) for n in range(16)]
    load("nasa_power", [days("moscow", 2000, 99), *normal, days("moscow", 2022, 27)])
    # One year fewer is no normal.
    load("open_meteo_archive", [*[days("delhi", 2001 + n, 10) for n in range(15)], days("delhi", 2022, 12)])
    assert query(
        """
        select
            ref_area, mean_2001_2020, years_of_20, change_since_2001_2020, years_of_30, change, change_reason
        from report.climate_change where time_period = '2022' order by ref_area
        """
    ) == [
        ("delhi", 10.0, 15, None, 15, None, "normal_incomplete"),
        ("moscow", 15.0, 16, 12.0, 17, None, "normal_incomplete"),
    ]


def test_a_normal_needs_24_years_without_forecasts(load: Callable[..., None], query: Query) -> None:
    few = [days("moscow", 1991 + n, 10) for n in range(23)]
    load("nasa_power", [*few, days("moscow", 2015, 10, "F"), days("moscow", 2022, 27)])
    assert query(
        "select mean_1991_2020, years_of_30, change, change_reason from report.climate_change"
        " where time_period = '2022'"
    ) == [(10.0, 23, None, "normal_incomplete")]
    assert query("select count(*) from report.climate_change where time_period = '2015'") == [(0,)]


def test_keeps_climate_projections_apart_from_observed_values(
    load: Callable[..., None], warehouse: Engine, query: Query
) -> None:
    load("nasa_power", [days("moscow", 2015 + n, 10 + n) for n in range(9)])
    load(
        "open_meteo_climate",
        [days(city, year, 60, "F") for city in ("moscow", "delhi") for year in (2049, 2050)],
    )
    refresh(warehouse, METHODS, RESEARCH, NOON)
    assert query(
        "select ref_area, time_period, obs_status from core.observation where source = 'open_meteo_climate'"
        " order by 1, 2"
    ) == [(city, year, "F") for city in ("delhi", "moscow") for year in ("2049", "2050")]
    assert query("select ref_area, time_period, source from report.city_profile") == [
        ("moscow", "2023", "nasa_power")
    ]
    assert query(
        "select ref_area, source, n, last_year, last_value, projections, trend_reason from report.trend"
        " where time_window = 'since_2015' order by 1"
    ) == [
        ("delhi", "open_meteo_climate", 0, None, None, 2, "no_observed_value"),
        ("moscow", "nasa_power", 9, 2023, 18.0, 0, None),
    ]
    assert query("select max(time_period) from report.climate_change") == [("2023",)]
