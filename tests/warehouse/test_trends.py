"""Research tables after refreshes; trends are recomputed by indicator."""

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import Engine, text

from city_indicators.analytics.trends.megatrends import LinkedIndicator
from city_indicators.catalog.reference import Reference
from city_indicators.reports.past import reference_as_of
from city_indicators.reports.peers import features_of_cities, peer_table
from city_indicators.reports.refresh import Refresh, refresh
from city_indicators.reports.trends import trend_tables
from city_indicators.reports.write import write
from city_indicators.warehouse.database import frame
from tests.methods import METHODS, RESEARCH
from tests.warehouse.conftest import CATALOGUE, Publisher
from tests.warehouse.test_publish import MANY

Query = Callable[[str], list[tuple[object, ...]]]
AT = datetime(2026, 2, 1, tzinfo=UTC)
# A row of an indicator that the loads here do not contain.
OTHER = """
    insert into report.city_system (
        indicator, indicator_name_en, indicator_name_ru, indicator_name_zh,
        city_group, group_name_en, group_name_ru, group_name_zh,
        level, time_period, places, total, size_reason, zipf_reason, counted_places
    ) values (
        'POP', 'P', 'P', 'P', 'all', 'A', 'A', 'A', 'city', '2020', 1, 1, 'too_few_places', 'too_few_places',
        '{moscow}'
    )
"""


def publish_years(publisher: Publisher, years: range) -> None:
    """Values of all places rise each year by 1 % of those of 2015."""
    for year in years:
        publisher.load({area: value * (1 + 0.01 * (year - 2015)) for area, value in MANY.items()}, year)


def test_a_trend_has_names_and_its_series(publisher: Publisher, warehouse: Engine, query: Query) -> None:
    publish_years(publisher, range(2014, 2024))
    refresh(warehouse, METHODS, RESEARCH, AT)
    assert query("select count(*), count(distinct ref_area) from report.trend") == [
        (3 * len(MANY), len(MANY))
    ]
    ((n, first, last, slope, tau, trend, short, reason, *names),) = query(
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
    assert names == [
        *("Primary energy consumption per head", "Россия", "2015年以来", "KWH_PC", "country", "owid_grapher")
    ]
    assert query(
        """
        select places, beta_reason, sigma_reason, rank_spearman, group_name_ru from report.convergence
        where city_group = 'all' and level = 'country' and time_window = 'since_2015'
        """
    ) == [(len(MANY), "constant", None, 1.0, "Все города")]


def test_trends_as_of_a_past_date_equal_those_of_then(
    publisher: Publisher, warehouse: Engine, query: Query
) -> None:
    publish_years(publisher, range(2012, 2022))
    refresh(warehouse, METHODS, RESEARCH, AT)
    ((then,),) = query("select max(published_at) from ops.load")
    before = query("select * from report.trend order by 1, 2, 3, 4, 5, 6")
    publisher.load({area: value * 2 for area, value in MANY.items()}, 2021)
    publish_years(publisher, range(2022, 2024))
    refresh(warehouse, METHODS, RESEARCH, AT)
    assert query("select * from report.trend order by 1, 2, 3, 4, 5, 6") != before
    with warehouse.connect() as connection:
        reference = reference_as_of(connection, then).reference
        past = trend_tables(connection, RESEARCH.trends, reference, ["ENERGY_PC"], then)
    with warehouse.begin() as connection:
        connection.execute(text("truncate report.trend"))
        write(connection, "trend", past["trend"])
    assert query("select * from report.trend order by 1, 2, 3, 4, 5, 6") == before


def test_a_refresh_recomputes_changed_indicators(
    publisher: Publisher, warehouse: Engine, query: Query
) -> None:
    publish_years(publisher, range(2015, 2018))
    refresh(warehouse, METHODS, RESEARCH, AT)
    with warehouse.begin() as connection:
        connection.execute(text(OTHER))
    publish_years(publisher, range(2018, 2020))
    refresh(warehouse, METHODS, RESEARCH, AT)
    assert query("select distinct n, last_year from report.trend") == [(5, 2019)]
    assert query("select indicator from report.city_system") == [("POP",)]
    refresh(warehouse, METHODS, RESEARCH, AT, rebuild=True)
    assert query("select indicator from report.city_system") == []
    assert query("select count(*) from report.trend") == [(3 * len(MANY),)]


def test_another_declaration_recomputes_everything_once(
    publisher: Publisher, warehouse: Engine, query: Query
) -> None:
    publish_years(publisher, range(2015, 2018))
    refresh(warehouse, METHODS, RESEARCH, AT)
    assert refresh(warehouse, METHODS, RESEARCH, AT) == Refresh(0, 0, written=False)
    shipped = RESEARCH
    one_window = shipped.trends.model_copy(update={"windows": shipped.trends.windows[:1]})
    newer = shipped.model_copy(update={"trends": one_window})
    assert refresh(warehouse, METHODS, newer, AT) == Refresh(0, 0, written=True)
    assert query("select count(*), min(time_window) from report.trend") == [(len(MANY), "since_1990")]
    assert query("select research_declaration from ops.report_refresh order by report_refresh_id") == [
        *((shipped.digest,), (newer.digest,))
    ]
    assert shipped.digest != newer.digest
    with warehouse.connect() as connection:
        assert not newer.superseded(connection)


PAIR = """
    select obs_value, other_obs_value, rank, other_rank, n_ranked, best_value, distance_to_best, other_trend,
        comparable, incomparable_because, difference, indicator_name_ru
    from report.compare()
"""


def test_moscow_and_guangzhou_are_compared(publisher: Publisher, warehouse: Engine, query: Query) -> None:
    publish_years(publisher, range(2015, 2024))
    refresh(warehouse, METHODS, RESEARCH, AT)
    ((value, other, rank, other_rank, ranked, best, distance, trend, comparable, why, difference, name),) = (
        query(PAIR)
    )
    latest = {area: observation * 1.08 for area, observation in MANY.items()}
    assert (value, other) == pytest.approx((latest["RUS"], latest["CHN"]))
    of_cities = [latest[city.country] for city in CATALOGUE.cities.values() if city.country in MANY]
    assert (best, distance) == pytest.approx((min(of_cities), latest["RUS"] - min(of_cities)))
    assert (rank, other_rank) == tuple(
        1 + sum(observation < latest[country] for observation in of_cities) for country in ("RUS", "CHN")
    )
    assert (ranked, trend) == (len(of_cities), "increasing")
    # The same source, basis and year, but national.
    assert (comparable, why, difference) == (False, ["not_city_level"], None)
    assert name == "Потребление первичной энергии на душу населения"
    assert query("select trend_reason, other_trend_reason from report.compare()") == [(None, None)]
    assert query("select count(*) from report.compare('moscow', 'moscow')") == [(0,)]
    turned = query("select obs_value from report.compare('guangzhou', 'moscow')")
    assert turned == [(other,)]


def insert_observations(warehouse: Engine, observations: str) -> None:
    """Insert observations of cities into the profile, as from other sources."""
    with warehouse.begin() as connection:
        connection.execute(
            text(
                f"""
                insert into report.city_profile
                select
                    ref_area, '', '', '', '', indicator, '', '', '', 'p', year, value, unit, 'A', basis,
                    source, ref_area, 1, now(), '', '', '', ''
                from (values {observations}) as given (ref_area, indicator, year, value, unit, basis, source)
                """  # noqa: S608
            )
        )


def test_values_are_comparable_or_have_a_reason(warehouse: Engine, query: Query) -> None:
    insert_observations(
        warehouse,
        """
        ('moscow', 'GREEN_PC', '2020', 20, 'M2_PC', 'city', 's'),
        ('guangzhou', 'GREEN_PC', '2023', 25, 'M2_PC', 'city', 's'),
        ('moscow', 'WASTE_PC', '2015', 1, 'KG', 'city', 's'),
        ('guangzhou', 'WASTE_PC', '2019', 2, 'T', 'metro', 't'),
        ('moscow', 'POP_CITY', '2020', 12, 'PS', 'city', 's')
        """,
    )
    assert query("select indicator, comparable, incomparable_because, difference from report.compare()") == [
        ("GREEN_PC", True, [], -5.0),
        ("POP_CITY", False, ["no_value"], None),
        ("WASTE_PC", False, ["other_unit", "other_basis", "other_source", "years_apart"], None),
    ]
    # A missing verdict has a reason: a value without a series, or no value.
    assert query(
        "select trend, trend_reason, other_trend, other_trend_reason from report.compare()"
        " where indicator = 'POP_CITY'"
    ) == [(None, "no_observed_value", None, "no_value")]


def insert_trends(warehouse: Engine, trends: str) -> None:
    """Insert trends of cities, as from a refresh."""
    with warehouse.begin() as connection:
        connection.execute(
            text(
                f"""
                insert into report.trend (
                    indicator, indicator_name_en, indicator_name_ru, indicator_name_zh,
                    ref_area, place_name_en, place_name_ru, place_name_zh,
                    time_window, window_name_en, window_name_ru, window_name_zh,
                    unit_measure, geo_basis, source, n, projections, estimated, is_short, log_growth, slope,
                    trend, break_reason
                )
                select
                    'GREEN_PC', '', '', '', ref_area, '', '', '', time_window, '', '', '',
                    unit, basis, source, n, 0, 0, true, 0.1, slope, 'increasing', 'too_short'
                from (values {trends}) as given (ref_area, time_window, unit, basis, source, n, slope)
                """  # noqa: S608
            )
        )


OWN = "'M2_PC', 'city', 's'"


@pytest.mark.parametrize(
    "other",
    ["'M2_PC', 'city', 't'", "'M2_PC', 'metro', 's'", "'HA', 'city', 's'"],
    ids=["source", "basis", "unit"],
)
def test_the_compared_trend_belongs_to_the_series_of_the_value(
    warehouse: Engine, query: Query, other: str
) -> None:
    """The longest series of Moscow is not that of its value; Guangzhou has only another series."""
    insert_observations(
        warehouse,
        f"('moscow', 'GREEN_PC', '2020', 20, {OWN}), ('guangzhou', 'GREEN_PC', '2020', 25, {other})",
    )
    insert_trends(
        warehouse,
        f"""
        ('moscow', 'since_1990', {other}, 30, 7), ('moscow', 'since_2000', {OWN}, 9, 0.5),
        ('moscow', 'since_2015', {OWN}, 8, 0.6), ('guangzhou', 'since_2000', {OWN}, 20, 3)
        """,
    )
    assert query(
        "select trend, slope, trend_reason, other_trend, other_slope, other_trend_reason"
        " from report.compare()"
    ) == [("increasing", 0.5, None, None, None, "other_series")]


def test_a_city_is_compared_with_its_peers(publisher: Publisher, warehouse: Engine, query: Query) -> None:
    insert_observations(
        warehouse,
        ", ".join(
            f"('{city}', 'POP_AGGLO', '2020', {size}, 'PS', 'agglomeration', 's')"
            for size, city in enumerate(CATALOGUE.cities, 1_000_000)
        ),
    )
    declared, reference = RESEARCH.peers, Reference.of(CATALOGUE)
    with warehouse.begin() as connection:
        profile = frame(connection, "reports/city_peer/features", indicators=declared.indicators)
        rows = peer_table(features_of_cities(profile, profile, declared, reference), declared, reference)
        write(connection, "city_peer", rows)
    found = query(
        """
        select count(*), count(distinct ref_area), max(position), min(distance) >= 0, max(distance) <= 1
        from report.city_peer
        """
    )
    assert found == [(5 * 48, 48, 5, True, True)]
    ((peers, cities, features),) = query(
        """
        select peers, peer_cities, features from report.peer_comparison
        join report.city_peer using (ref_area)
        where ref_area = 'moscow' and indicator = 'POP_AGGLO' and position = 1
        """
    )
    # Cities of the same climate class come first.
    classes = [CATALOGUE.cities[city].climate_class for city in cities]
    assert classes[0] == CATALOGUE.cities["moscow"].climate_class
    assert (peers, features) == (5, ["climate", "size"])


def test_megatrends_follow_the_trends_and_are_marked_as_a_draft(
    publisher: Publisher, warehouse: Engine, query: Query
) -> None:
    shipped = RESEARCH
    energy = {"indicator": "ENERGY_PC", "expected": "decreasing"}
    saving = shipped.megatrends.trends[0].model_copy(update={"indicators": (LinkedIndicator(**energy),)})
    megatrends = shipped.megatrends.model_copy(update={"trends": (saving, *shipped.megatrends.trends[1:])})
    research = shipped.model_copy(update={"megatrends": megatrends})
    publish_years(publisher, range(2015, 2024))
    refresh(warehouse, METHODS, research, AT)
    assert query("select count(*), bool_and(draft) from report.megatrend") == [(14 * 3 * 2 * 3, True)]
    brics = {code for code in MANY if CATALOGUE.groups["BRICS"].has(code, date(2025, 12, 31))}
    ((assessed, against, strength, verdict, direction, ahead),) = query(
        f"""
        select
            places_assessed, places_against, strength, verdict, direction_name_zh,
            cardinality(leading_places)
        from report.megatrend
        where
            megatrend = '{saving.id}' and city_group = 'BRICS' and level = 'country'
            and time_window = 'since_2015'
        """  # noqa: S608
    )
    assert (assessed, against, strength, verdict) == (len(brics), len(brics), -1.0, "contradicted")
    assert (direction, ahead) == ("人口", min(3, len(brics) // 2))
    assert query(
        "select distinct verdict_reason, verdict from report.megatrend where megatrend = 'participation'"
    ) == [("no_verdicts", None)]
