"""The trend tables follow the loads, by indicator."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine, text
from tests.warehouse.conftest import CATALOGUE, Publisher
from tests.warehouse.test_publish import MANY

from city_indicators.reports import trends
from city_indicators.reports.refresh import Refresh, refresh
from city_indicators.trends.declared import load_declared

Query = Callable[[str], list[tuple[object, ...]]]
AT = datetime(2026, 2, 1, tzinfo=UTC)
# Of an indicator that the loads here do not bring.
OTHER = """
    insert into report.city_system (
        indicator, indicator_name_en, indicator_name_ru, indicator_name_zh,
        city_group, group_name_en, group_name_ru, group_name_zh,
        level, time_period, places, total, size_reason, zipf_reason
    ) values (
        'POP', 'P', 'P', 'P', 'all', 'A', 'A', 'A', 'city', '2020', 1, 1, 'too_few_places', 'too_few_places'
    )
"""


def publish_years(publisher: Publisher, years: range) -> None:
    """Everybody's use rises by 1 % of 2015's each year."""
    for year in years:
        publisher.say({area: value * (1 + 0.01 * (year - 2015)) for area, value in MANY.items()}, year)


def test_a_trend_says_what_it_is_made_of(publisher: Publisher, warehouse: Engine, query: Query) -> None:
    publish_years(publisher, range(2014, 2024))
    refresh(warehouse, CATALOGUE, AT)
    assert query("select count(*), count(distinct ref_area) from report.trend") == [
        (3 * len(MANY), len(MANY))
    ]
    ((n, first, last, slope, tau, trend, short, reason, *told),) = query(
        """
        select
            n, first_year, last_year, slope, mk_tau, trend, is_short, break_reason,
            indicator_name_en, place_name_ru, window_name_zh, unit_measure, geo_basis, source
        from report.trend where ref_area = 'RUS' and time_window = 'since_2015'
        """
    )
    assert (n, first, last, tau, trend) == (9, 2015, 2023, 1.0, "increasing")
    assert slope == pytest.approx(0.01 * MANY["RUS"])
    assert (short, reason) == (True, "too_short")
    assert told == [
        *("Primary energy consumption per head", "Россия", "2015年以来", "KWH_PC", "country", "owid_grapher")
    ]
    assert query(
        """
        select places, beta_reason, sigma_reason, rank_spearman, group_name_ru from report.convergence
        where city_group = 'all' and level = 'country' and time_window = 'since_2015'
        """
    ) == [(len(MANY), "constant", None, 1.0, "Все города")]


def test_a_refresh_writes_the_indicators_that_changed(
    publisher: Publisher, warehouse: Engine, query: Query
) -> None:
    publish_years(publisher, range(2015, 2018))
    refresh(warehouse, CATALOGUE, AT)
    with warehouse.begin() as connection:
        connection.execute(text(OTHER))
    publish_years(publisher, range(2018, 2020))
    refresh(warehouse, CATALOGUE, AT)
    assert query("select distinct n, last_year from report.trend") == [(5, 2019)]
    assert query("select indicator from report.city_system") == [("POP",)]
    refresh(warehouse, CATALOGUE, AT, rebuild=True)
    assert query("select indicator from report.city_system") == []
    assert query("select count(*) from report.trend") == [(3 * len(MANY),)]


def test_another_declaration_computes_all_anew_and_nothing_else(
    publisher: Publisher, warehouse: Engine, query: Query, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish_years(publisher, range(2015, 2018))
    refresh(warehouse, CATALOGUE, AT)
    assert refresh(warehouse, CATALOGUE, AT) == Refresh(0, 0)
    declared = load_declared(CATALOGUE)
    newer = declared.model_copy(update={"version": "2.0.0", "windows": declared.windows[:1]})
    monkeypatch.setattr("city_indicators.reports.refresh.load_declared", lambda _: newer)
    assert refresh(warehouse, CATALOGUE, AT) == Refresh(0, 0)
    assert query("select count(*), min(time_window) from report.trend") == [(len(MANY), "since_1990")]
    assert query("select trends_version from ops.report_refresh order by report_refresh_id") == [
        *(("1.0.0",), ("2.0.0",))
    ]
    with warehouse.connect() as connection:
        assert not trends.superseded(connection, newer)
