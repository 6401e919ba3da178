"""Refreshes of the report tables: only what changed is recomputed."""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from sqlalchemy import Engine, text

from city_indicators.analytics.ratings.bounds import Bounds
from city_indicators.reports.past import methods_as_of, reference_as_of
from city_indicators.reports.plan import Plan
from city_indicators.reports.ratings import computed
from city_indicators.reports.refresh import Refresh, _computed, _write, refresh
from city_indicators.reports.tables import Vintage, queried_tables
from city_indicators.warehouse.database import rows
from city_indicators.warehouse.moment import NOW
from tests.methods import FIRST, LENIENT, METHODS, RESEARCH
from tests.warehouse.conftest import CATALOGUE, Publisher
from tests.warehouse.test_publish import MANY

Query = Callable[[str], list[tuple[object, ...]]]
AT = datetime(2026, 2, 1, tzinfo=UTC)


def test_a_refresh_includes_each_load_once(publisher: Publisher, warehouse: Engine, query: Query) -> None:
    # The methods are new.
    assert refresh(warehouse, METHODS, RESEARCH, AT) == Refresh(0, 0, written=True)
    assert refresh(warehouse, METHODS, RESEARCH, AT) == Refresh(0, 0, written=False)
    publisher.load(MANY)
    assert refresh(warehouse, METHODS, RESEARCH, AT) == Refresh(loads=1, rating_years=1, written=True)
    assert refresh(warehouse, METHODS, RESEARCH, AT) == Refresh(0, 0, written=False)
    publisher.load(MANY)
    assert refresh(warehouse, METHODS, RESEARCH, AT) == Refresh(loads=1, rating_years=0, written=True)
    assert query("select count(*) from ops.load where report_refresh_id is null") == [(0,)]


def test_a_refresh_includes_only_published_loads(
    publisher: Publisher, warehouse: Engine, query: Query
) -> None:
    """Two loads are validated; one of them is published after the first refresh."""
    publisher.load(MANY)
    later, refused = publisher.validate(MANY, year=2020), publisher.validate(MANY, year=2021)
    with warehouse.begin() as connection:
        connection.execute(text("update ops.load set state = 'refused' where load_id = :id"), {"id": refused})
    assert refresh(warehouse, METHODS, RESEARCH, AT) == Refresh(loads=1, rating_years=1, written=True)
    publisher.publish(later)
    assert refresh(warehouse, METHODS, RESEARCH, AT) == Refresh(loads=1, rating_years=1, written=True)
    assert query("select state, report_refresh_id from ops.load order by load_id") == [
        ("published", 1),
        ("published", 2),
        ("refused", None),
    ]


def test_a_load_affects_only_the_years_and_indicators_that_it_changed(
    publisher: Publisher, warehouse: Engine, query: Query
) -> None:
    publisher.load(MANY, year=2015)
    publisher.load(MANY, year=2020)
    assert refresh(warehouse, METHODS, RESEARCH, AT).rating_years == 2
    # A value of 2020 changes; 2015 is not rated again.
    publisher.load({**MANY, "RUS": 2000}, year=2020)
    assert refresh(warehouse, METHODS, RESEARCH, AT) == Refresh(loads=1, rating_years=1, written=True)
    refreshes = "select distinct time_period, report_refresh_id from report.rating order by 1"
    assert query(refreshes) == [("2015", 1), ("2020", 2)]
    assert query("select report_refresh_id, loads, ratings from ops.report_refresh order by 1") == [
        (1, 2, 2),
        (2, 1, 1),
    ]


def test_a_rating_ends_with_the_year_of_the_refresh(publisher: Publisher, warehouse: Engine) -> None:
    """Values of 2026 and 2027, and a refresh in February 2026: a year that has not begun is not rated."""
    publisher.load(MANY, year=2026)
    publisher.load(MANY, year=2027)
    assert refresh(warehouse, METHODS, RESEARCH, AT).rating_years == 1


def test_each_rating_is_compared_with_its_own_version(publisher: Publisher, warehouse: Engine) -> None:
    other = FIRST.model_copy(update={"id": "another", "version": "7.0.0"})
    methods = {FIRST.id: FIRST, other.id: other}
    publisher.load(MANY)
    assert refresh(warehouse, methods, RESEARCH, AT) == Refresh(loads=1, rating_years=2, written=True)
    assert refresh(warehouse, methods, RESEARCH, AT) == Refresh(0, 0, written=False)
    newer = {**methods, other.id: other.model_copy(update={"version": "7.0.1"})}
    assert refresh(warehouse, newer, RESEARCH, AT) == Refresh(0, rating_years=1, written=True)
    assert refresh(warehouse, newer, RESEARCH, AT) == Refresh(0, 0, written=False)
    # Back to the version before, which is stored: the years of the newer one are computed again.
    assert refresh(warehouse, methods, RESEARCH, AT) == Refresh(0, rating_years=1, written=True)


def test_a_rating_shows_coverage_basis_and_reasons(
    publisher: Publisher, warehouse: Engine, query: Query
) -> None:
    publisher.load({**MANY, "RUS": 60000})
    publisher.load({country: value for country, value in MANY.items() if country != "RUS"}, year=2020)
    refresh(warehouse, METHODS, RESEARCH, AT)
    ((score, rank, coverage, city_share, status, reason, groups),) = query(
        """
        select score, rank, coverage, city_level_share, status, reason_code, city_groups
        from report.rating where ref_area = 'moscow' and time_period = '2019'
        """
    )
    # 10 + 90 × (60000 - 150000) / (600 - 150000): the only value determines the score.
    assert score == pytest.approx(10 + 90 * 90000 / 149400, abs=1e-9)
    assert (rank, coverage, city_share) == (None, 0.2, 0.0)
    assert (status, reason, groups) == ("not_ranked", "too_few_indicators", ["BRICS"])
    assert query(
        """
        select raw_value, unit_measure, raw_time_period, geo_basis, source, source_ref_area, weight
        from report.rating_indicator
        where ref_area = 'moscow' and time_period = '2020' and indicator = 'ENERGY_PC'
        """
    ) == [(60000.0, "KWH_PC", "2019", "country", "owid_grapher", "RUS", 1.0)]


def test_only_a_year_with_ranks_says_whether_the_method_keeps_its_bounds(
    publisher: Publisher, warehouse: Engine, query: Query
) -> None:
    publisher.load(MANY)
    held = {"cronbach_alpha": 0.5, "correlation": (-1, 1), "importance": 0, "rank_interval": 1}
    statuses = []
    # One indicator is enough for a rank in the first method, and not in the second.
    for version, method in (("1.0.0", LENIENT), ("2.0.0", FIRST)):
        bounded = method.model_copy(update={"coherence": Bounds.model_validate(held), "version": version})
        refresh(warehouse, {bounded.id: bounded}, RESEARCH, AT)
        statuses += query("select distinct n_ranked > 0, method_status from report.rating")
    assert statuses == [(True, "within_bounds"), (False, None)]


def test_a_revision_changes_rating_and_profile(publisher: Publisher, warehouse: Engine, query: Query) -> None:
    profile = "select obs_value, version, licence from report.city_profile where ref_area = 'moscow'"
    publisher.load(MANY)
    refresh(warehouse, METHODS, RESEARCH, AT)
    assert query(profile) == [(1011.5, 1, "CC-BY-4.0")]
    publisher.load({**MANY, "RUS": 2000})
    refresh(warehouse, METHODS, RESEARCH, AT)
    assert query(profile) == [(2000.0, 2, "CC-BY-4.0")]
    assert query("select distinct version from report.rating_indicator where source_ref_area = 'RUS'") == [
        (2,)
    ]


def test_coverage_counts_places_and_their_cities(
    publisher: Publisher, warehouse: Engine, query: Query
) -> None:
    publisher.load(MANY)
    refresh(warehouse, METHODS, RESEARCH, AT)
    cities = sum(city.country in MANY for city in CATALOGUE.cities.values())
    assert query("select indicator, places, cities, cities_of_catalogue from report.data_coverage") == [
        ("ENERGY_PC", 12, cities, 48)
    ]


def test_rebuild_recomputes_every_year(publisher: Publisher, warehouse: Engine) -> None:
    publisher.load(MANY, year=2018)
    publisher.load(MANY, year=2019)
    refresh(warehouse, METHODS, RESEARCH, AT)
    assert refresh(warehouse, METHODS, RESEARCH, AT, rebuild=True) == Refresh(
        loads=0, rating_years=2, written=True
    )


def test_changed_declarations_recompute_tables_once(
    publisher: Publisher, warehouse: Engine, query: Query, monkeypatch: pytest.MonkeyPatch
) -> None:
    publisher.load(MANY)
    refresh(warehouse, METHODS, RESEARCH, AT)
    counts = """
        select (select count(*) from report.rating), (select count(*) from report.city_profile),
            (select count(*) from report.trend)
    """
    before = query(counts)
    assert min(before[0]) > 0
    # As after an upgrade that created tables again.
    with warehouse.begin() as connection:
        connection.execute(text("truncate report.rating, report.city_profile, report.trend"))
    assert not refresh(warehouse, METHODS, RESEARCH, AT).written
    monkeypatch.setattr("city_indicators.reports.plan.digest", lambda: "of other files")
    assert refresh(warehouse, METHODS, RESEARCH, AT).written
    assert query(counts) == before
    assert query("select declaration from ops.report_refresh order by report_refresh_id desc limit 1") == [
        ("of other files",)
    ]
    assert not refresh(warehouse, METHODS, RESEARCH, AT).written


def test_a_revision_affects_the_years_it_is_carried_to(
    publisher: Publisher, warehouse: Engine, query: Query
) -> None:
    others = {country: value for country, value in MANY.items() if country != "RUS"}
    publisher.load({**MANY, "RUS": 60000}, year=2018)
    for year in (2020, 2021, 2022):
        publisher.load(others, year=year)
    refresh(warehouse, METHODS, RESEARCH, AT)
    publisher.load({**MANY, "RUS": 50000}, year=2018)
    # Carried forward at most three years: to 2021, not 2022. 2019 has no observation, so it is not rated.
    assert refresh(warehouse, METHODS, RESEARCH, AT) == Refresh(loads=1, rating_years=3, written=True)
    assert query(
        "select time_period, raw_value from report.rating_indicator where ref_area = 'moscow'"
        " and indicator = 'ENERGY_PC' order by 1"
    ) == [("2018", 50000), ("2020", 50000), ("2021", 50000), ("2022", None)]


def test_a_rating_without_a_method_is_removed_and_may_return(
    publisher: Publisher, warehouse: Engine, query: Query
) -> None:
    publisher.load(MANY)
    refresh(warehouse, METHODS, RESEARCH, AT)
    views = "select count(*) from pg_views where schemaname = 'report' and viewname = 'wide_climate_first'"
    listed = "select rating, listed from catalog.rating_listed order by changed_at"
    assert (query(views), query("select count(*) from report.rating")) == ([(1,)], [(48,)])
    assert query(listed) == []
    later = AT + timedelta(days=1)
    refresh(warehouse, {}, RESEARCH, later)
    assert (query(views), query("select count(*) from report.rating")) == ([(0,)], [(0,)])
    with warehouse.connect() as connection:
        assert methods_as_of(connection) == {}
        assert list(methods_as_of(connection, AT)) == [FIRST.id]
    refresh(warehouse, METHODS, RESEARCH, later + timedelta(days=1))
    assert (query(views), query("select count(*) from report.rating")) == ([(1,)], [(48,)])
    refresh(warehouse, {}, RESEARCH, later + timedelta(days=2))
    assert (query(views), query("select count(*) from report.rating")) == ([(0,)], [(0,)])
    assert query(listed) == [(FIRST.id, False), (FIRST.id, True), (FIRST.id, False)]
    assert not refresh(warehouse, {}, RESEARCH, later + timedelta(days=3)).written


def test_a_rating_of_an_older_release_that_stored_no_method_is_removed(
    publisher: Publisher, warehouse: Engine, query: Query
) -> None:
    publisher.load(MANY)
    refresh(warehouse, METHODS, RESEARCH, AT)
    with warehouse.begin() as connection:
        connection.exec_driver_sql("update report.rating set rating = 'given_up' where ref_area = 'moscow'")
    refresh(warehouse, METHODS, RESEARCH, AT + timedelta(days=1))
    assert query("select count(*) from report.rating where rating = 'given_up'") == [(0,)]
    assert query("select rating, listed from catalog.rating_listed") == [("given_up", False)]
    assert not refresh(warehouse, METHODS, RESEARCH, AT + timedelta(days=2)).written


def test_a_rating_that_is_given_up_leaves_the_others_as_they_are(
    publisher: Publisher, warehouse: Engine, query: Query
) -> None:
    other = FIRST.model_copy(update={"id": "other_rating"})
    listed = "select rating, listed from catalog.rating_listed order by changed_at, rating"
    publisher.load(MANY)
    refresh(warehouse, METHODS | {other.id: other}, RESEARCH, AT)
    refresh(warehouse, METHODS, RESEARCH, AT + timedelta(days=1))
    assert query(listed) == [(other.id, False)]
    assert query("select distinct rating from report.rating") == [(FIRST.id,)]
    # Nothing changes while one of the two stays away.
    refresh(warehouse, METHODS, RESEARCH, AT + timedelta(days=2))
    assert query(listed) == [(other.id, False)]
    refresh(warehouse, METHODS | {other.id: other}, RESEARCH, AT + timedelta(days=3))
    assert query(listed) == [(other.id, False), (other.id, True)]


def test_the_wide_view_has_the_scores_of_the_pillars_of_each_city_and_year(
    publisher: Publisher, warehouse: Engine, query: Query
) -> None:
    publisher.load({**MANY, "RUS": 50000}, year=2018)
    publisher.load(MANY)
    refresh(warehouse, METHODS, RESEARCH, AT)
    wide = "select year, city_name_en, energy_consumption from report.wide_climate_first"
    kept = """
        select time_period, city_name_en, pillar.score
        from report.rating left join report.rating_pillar as pillar using (rating, time_period, ref_area)
        where pillar = 'energy_consumption'
    """
    found = query(wide)
    assert Counter(found) == Counter(query(kept))
    assert len({score for *_, score in found}) > 2
    # No city has a rank: the newest year comes first, and in it the cities by name.
    ordered = "select time_period, city_name_en from report.rating order by 1 desc, 2"
    assert [(year, name) for year, name, _ in found] == query(ordered)


def test_the_wide_view_has_the_pillars_of_the_newest_version(
    publisher: Publisher, warehouse: Engine, query: Query
) -> None:
    publisher.load(MANY)
    refresh(warehouse, METHODS, RESEARCH, AT)
    pillars = "select attname from pg_attribute where attrelid = 'report.wide_climate_first'::regclass"
    before = {name for (name,) in query(pillars)}
    first, *others = FIRST.pillars
    renamed = FIRST.model_copy(
        update={"version": "9.0.0", "pillars": [first.model_copy(update={"id": "other"}), *others]}
    )
    refresh(warehouse, {FIRST.id: renamed}, RESEARCH, AT + timedelta(days=1))
    assert {name for (name,) in query(pillars)} == before - {first.id} | {"other"}


OTHER_SOURCE = """
update report.rating_indicator set source = 'another' where ref_area = 'moscow' and time_period = '2019'
"""


def test_the_cities_that_moved_most_are_those_of_the_latest_year_left(
    publisher: Publisher, warehouse: Engine, query: Query
) -> None:
    """All observations of a year may be withdrawn: it is deleted, and no year is rated again."""
    for year in (2017, 2018, 2019):
        publisher.load({**MANY, "RUS": 1000.0 * (year - 2000)}, year)
    methods = {LENIENT.id: LENIENT}
    refresh(warehouse, methods, RESEARCH, AT)
    moved = "select distinct time_period, ref_area in ('moscow', 'saint-petersburg') from report.rating_mover"
    assert ("2019", True) in query(moved)
    # Inputs of another source would explain a change: that city did not move.
    with warehouse.begin() as connection:
        connection.execute(text(OTHER_SOURCE))
        compared = {row["ref_area"] for row in rows(connection, "refresh/movers", rating=LENIENT.id, most=99)}
        connection.rollback()
    assert "saint-petersburg" in compared
    assert "moscow" not in compared
    with warehouse.begin() as connection:
        plan = Plan.of(connection, methods, RESEARCH, set(), AT, rebuild=False)
        withdrawn = {"affected": {LENIENT.id: ["2019"]}, "rated": {LENIENT.id: []}, "indicators": None}
        _write(connection, plan.model_copy(update=withdrawn), methods, RESEARCH, AT, _computed)
    assert {year for year, _ in query(moved)} == {"2018"}


def test_price_bases_are_never_mixed(publisher: Publisher, warehouse: Engine, query: Query) -> None:
    publisher.load(MANY)
    with warehouse.begin() as connection:
        reference = reference_as_of(connection).reference.model_copy(
            update={"also_units": {"ENERGY_PC": ("MJ_PC",)}}
        )
        inputs = partial(computed, connection, FIRST, reference, ["2019"], Vintage())
        before = inputs().indicators["obs_value"].count()
        connection.execute(
            text("update core.observation_state set unit_measure = 'MJ_PC' where ref_area = 'RUS'")
        )
        one_other = inputs().indicators
        connection.execute(
            text("update core.observation_state set unit_measure = 'MJ_PC' where ref_area <> 'CHN'")
        )
        most_other = inputs().indicators
        connection.rollback()
    cities = Counter(city.country for city in reference.cities)
    assert one_other["obs_value"].count() == before - cities["RUS"]
    assert most_other["obs_value"].count() == before - cities["CHN"]
    assert set(most_other["unit_measure"].dropna()) == {"MJ_PC"}


def test_a_city_is_ranked_among_those_with_a_value_in_its_unit(
    publisher: Publisher, warehouse: Engine
) -> None:
    publisher.load({**MANY, "RUS": 60000, "CHN": 30000})
    with warehouse.begin() as connection:
        other = "update core.observation_state set unit_measure = 'MJ_PC' where ref_area in ('RUS', 'CHN')"
        connection.execute(text(other))
        reference = reference_as_of(connection).reference
        profile = queried_tables(connection, reference, NOW)["city_profile"].set_index("ref_area")
        connection.rollback()
    cities = Counter(city.country for city in reference.cities)
    own = profile.loc[["moscow", "guangzhou"], ["rank", "n_ranked", "best_value"]]
    # Less energy is better: all cities of China share the first place, those of Russia come after them.
    assert own.to_numpy().tolist() == [
        [cities["CHN"] + 1, cities["RUS"] + cities["CHN"], 30000.0],
        [1, cities["RUS"] + cities["CHN"], 30000.0],
    ]
