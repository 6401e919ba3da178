"""The years that a run ingests."""

from datetime import UTC, date, datetime
from types import SimpleNamespace

import pytest
from airflow.sdk.exceptions import AirflowFailException

from city_indicators.catalog import load_catalogue
from city_indicators.core.intervals import Interval
from city_indicators.orchestration.intervals import interval_of


@pytest.mark.parametrize(
    ("source", "run_type", "since", "first", "end"),
    [
        ("open_meteo_archive", "backfill", None, 2025, 2026),
        ("open_meteo_archive", "scheduled", None, 2024, 2026),
        ("open_meteo_archive", "manual", 2019, 2019, 2026),
        # One workbook has the past and ten years of projections.
        ("un_wup", "backfill", None, 2025, 2026),
        ("un_wup", "scheduled", None, 2000, 2036),
        ("un_wup", "manual", 2003, 2003, 2036),
        # Every run of a year ingests the projections for 25 years later.
        ("open_meteo_climate", "backfill", None, 2050, 2051),
        ("open_meteo_climate", "scheduled", None, 2050, 2051),
        ("open_meteo_climate", "manual", 2040, 2040, 2051),
        # A file of 2050 alone, which later runs reach back to.
        ("future_cities_bastin", "backfill", None, 2050, 2051),
        ("future_cities_bastin", "scheduled", None, 2020, 2051),
    ],
)
def test_the_years_of_a_run(source: str, run_type: str, since: int | None, first: int, end: int) -> None:
    dag_run = SimpleNamespace(
        run_id="a run",
        run_type=run_type,
        data_interval_start=datetime(2025, 1, 1, tzinfo=UTC),
        data_interval_end=datetime(2026, 1, 1, tzinfo=UTC),
    )
    found = interval_of(load_catalogue().sources[source], dag_run, since)
    assert found == Interval(date(first, 1, 1), date(end, 1, 1))


@pytest.mark.parametrize("end", [datetime(2025, 2, 1, tzinfo=UTC), datetime(2025, 1, 2, tzinfo=UTC)])
def test_a_manual_run_without_a_year_in_its_interval_fails(end: datetime) -> None:
    dag_run = SimpleNamespace(
        run_id="a run",
        run_type="manual",
        data_interval_start=datetime(2025, 1, 2, tzinfo=UTC),
        data_interval_end=end,
    )
    with pytest.raises(AirflowFailException, match=r"run a run: no year begins.*2025-01-02 to.*Next step: "):
        interval_of(load_catalogue().sources["un_wup"], dag_run, None)
