"""Lineage of report rows, the choice of sources, revisions and warnings."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import URL, Engine, create_engine, text
from sqlalchemy.exc import DatabaseError

from city_indicators.core.archive import Archive
from city_indicators.reports.refresh import refresh
from tests.methods import METHODS, RESEARCH, VARIED
from tests.warehouse.conftest import CATALOGUE, Publisher
from tests.warehouse.test_as_of import AT
from tests.warehouse.test_publish import MANY
from tests.warehouse.test_submissions import store_observation

Query = Callable[[str], list[tuple[object, ...]]]
MOSCOW = '{"rating": "climate_first", "time_period": "2019", "ref_area": "moscow"'


@pytest.fixture
def lineage(publisher: Publisher, warehouse: Engine, warehouse_url: URL) -> Iterator[Callable[..., Any]]:
    """Queries report.lineage as a researcher, after two loads and a refresh."""
    publisher.load({**MANY, "RUS": 50000})
    publisher.load({**MANY, "RUS": 60000.5})
    refresh(warehouse, METHODS, RESEARCH, AT)
    engine = create_engine(warehouse_url.set(username="researcher"))

    def run(table: str, key: str) -> list[dict[str, Any]]:
        call = text("select * from report.lineage(:table, cast(:key as jsonb))")
        with engine.connect() as connection:
            return [dict(row) for row in connection.execute(call, {"table": table, "key": key}).mappings()]

    yield run
    engine.dispose()


@pytest.mark.parametrize("table", ["report.rating", "rating_pillar", "rating_indicator"])
def test_a_researcher_traces_a_score_to_its_archived_file(
    lineage: Callable[..., Any], publisher: Publisher, query: Query, table: str
) -> None:
    more = {"report.rating": "}", "rating_pillar": ', "pillar": "energy_consumption"}'}
    (row,) = lineage(table, MOSCOW + more.get(table, ', "indicator": "ENERGY_PC"}'))
    ((score, load_id),) = query(
        "select score, (select max(load_id) from ops.load) from report.rating"
        " where ref_area = 'moscow' and time_period = '2019'"
    )
    assert row["contribution"] == pytest.approx(score, abs=1e-9)
    assert (row["ref_area"], row["indicator"], row["time_period"]) == ("RUS", "ENERGY_PC", "2019")
    assert (row["source"], row["version"], row["obs_value"]) == ("owid_grapher", 2, 60000.5)
    assert (row["value_as_published"], row["load_id"]) == ("60000.5", load_id)
    assert row["dag_id"] == "ingest_owid_grapher"
    content = Archive(publisher.folder / "archive").read(row["sha256"])
    assert len(content) == row["byte_count"]
    assert b"Russia,RUS,2019,60000.5" in content
    assert row["url"] in row["citation"]
    assert row["licence"] == "CC-BY-4.0"
    assert {"plausible_range", "known_area", "value_is_number"} <= set(row["rules_passed"])
    assert (row["warnings"], row["correction"]) == ([], None)


@pytest.mark.parametrize(
    ("table", "key", "versions"),
    [
        ("city_profile", '{"ref_area": "moscow", "indicator": "ENERGY_PC"}', [2]),
        (
            "observation",
            '{"ref_area": "RUS", "indicator": "ENERGY_PC", "time_period": "2019", "source": "owid_grapher"}',
            [2],
        ),
        (
            "revisions",
            '{"ref_area": "RUS", "indicator": "ENERGY_PC", "time_period": "2019", "source": "owid_grapher",'
            ' "version": 1}',
            [1],
        ),
        (
            "source_choice",
            '{"ref_area": "moscow", "indicator": "ENERGY_PC", "time_period": "2019",'
            ' "source": "owid_grapher"}',
            [2],
        ),
        (
            "data_coverage",
            '{"indicator": "ENERGY_PC", "time_period": "2019", "source": "owid_grapher",'
            ' "geo_basis": "country"}',
            [1] * 11 + [2],
        ),
    ],
)
def test_every_report_has_a_lineage(
    lineage: Callable[..., Any], table: str, key: str, versions: list[int]
) -> None:
    assert [row["version"] for row in lineage(table, key)] == versions


def test_an_invalid_key_is_reported_with_the_key_columns(lineage: Callable[..., Any]) -> None:
    with pytest.raises(DatabaseError, match="nowhere is not a table with lineage"):
        lineage("nowhere", "{}")
    with pytest.raises(DatabaseError, match=r"needs the key \{ref_area,indicator\}, but got \{ref_area\}"):
        lineage("city_profile", '{"ref_area": "moscow"}')
    with pytest.raises(DatabaseError, match="but got"):
        lineage("city_profile", '{"ref_area": "moscow", "indicator": "ENERGY_PC", "year": "2019"}')


def test_a_revision_has_its_size_and_the_ratings_it_affects(
    publisher: Publisher, warehouse: Engine, query: Query
) -> None:
    publisher.load({**MANY, "RUS": 1000, "CHN": 1000, "IND": 5})
    publisher.load({**MANY, "RUS": 1005, "CHN": 1200})
    publisher.load({**MANY, "RUS": 1005, "CHN": 1200, "IND": 5})
    refresh(warehouse, METHODS, RESEARCH, AT)
    rows = query(
        """
        select ref_area, version, value_before, value_after, round(relative_change::numeric, 4)::float,
            change_class, load_id
        from report.revisions order by ref_area, version
        """
    )
    first = query("select min(load_id) from ops.load")[0][0]
    assert isinstance(first, int)
    assert rows == [
        ("CHN", 2, 1000.0, 1200.0, 0.2, "above_10_percent", first + 1),
        ("IND", 2, 5.0, None, None, "withdrawn", first + 1),
        ("IND", 3, None, 5.0, None, "restored", first + 2),
        ("RUS", 2, 1000.0, 1005.0, 0.005, "below_1_percent", first + 1),
    ]
    ((ratings, cities),) = query(
        "select ratings_moved, cities_moved from report.revisions where ref_area = 'RUS'"
    )
    assert ratings == ["climate_first 2019"]
    assert cities == sorted(city.ref_area for city in CATALOGUE.cities.values() if city.country == "RUS")


DIVIDED = """
update report.rating_indicator
set denominator = 'ENERGY_PC', denominator_time_period = '2019', denominator_source = 'owid_grapher',
    denominator_source_ref_area = 'CHN'
where ref_area = 'moscow'
"""


def test_a_revision_affects_cities_whose_denominator_it_is(
    publisher: Publisher, warehouse: Engine, query: Query
) -> None:
    publisher.load({**MANY, "CHN": 1000})
    publisher.load({**MANY, "CHN": 1200})
    refresh(warehouse, METHODS, RESEARCH, AT)
    of_china = {city.ref_area for city in CATALOGUE.cities.values() if city.country == "CHN"}
    moved = "select cities_moved from report.revisions where ref_area = 'CHN'"
    assert query(moved) == [(sorted(of_china),)]
    with warehouse.begin() as connection:
        connection.exec_driver_sql(DIVIDED)
    assert query(moved) == [(sorted({*of_china, "moscow"}),)]


def test_chooses_among_sources_separately_for_each_unit(
    publisher: Publisher, warehouse: Engine, query: Query
) -> None:
    publisher.load(MANY)
    store_observation(warehouse, "world_bank", "RUS", 2020, 30_000, "GDP_PC_PPP", "country")
    store_observation(warehouse, "owid_grapher", "RUS", 2020, 27_000, "GDP_PC_PPP", "country")
    with warehouse.begin() as connection:
        connection.exec_driver_sql(
            "update core.observation_state set unit_measure = 'INTL_USD_2017' where obs_value = 30000"
        )
    assert query(
        """
        select source, unit_measure, chosen, candidates, spread from report.source_choice
        where ref_area = 'moscow' and indicator = 'GDP_PC_PPP' order by source
        """
    ) == [
        ("owid_grapher", "INTL_USD_2021", True, 1, 0.0),
        ("world_bank", "INTL_USD_2017", True, 1, 0.0),
    ]


WARNING = """
insert into quality.warning
select max(load_id), 'RUS', 'ENERGY_PC', '2019', 'other_sources_agree', 'it differs' from ops.load
"""
TWO_WARNINGS = """
insert into quality.warning
select max(load_id), 'RUS', 'ENERGY_PC', '2019', rule, reason
from ops.load, (values ('b_rule', 'first reason'), ('a_rule', 'second reason')) as given (rule, reason)
group by rule, reason
"""


def test_rules_that_warned_stand_in_the_order_of_their_reasons(
    publisher: Publisher, warehouse: Engine, query: Query
) -> None:
    publisher.load({**MANY, "RUS": 50000})
    with warehouse.begin() as connection:
        connection.exec_driver_sql(TWO_WARNINGS)
    assert query("select warned_by, warnings from core.origin where ref_area = 'RUS'") == [
        (["a_rule", "b_rule"], ["second reason", "first reason"])
    ]


def test_a_warning_is_shown_until_a_later_load_covers_it(
    publisher: Publisher, warehouse: Engine, query: Query
) -> None:
    warnings = "select ref_area, obs_value, reason from report.warnings"
    publisher.load({**MANY, "RUS": 50000})
    with warehouse.begin() as connection:
        connection.exec_driver_sql(WARNING)
    assert query(warnings) == [("RUS", 50000.0, "it differs")]
    publisher.load(MANY, year=2018)
    assert query(warnings) == [("RUS", 50000.0, "it differs")]
    # An unpublished load does not count.
    publisher.validate({**MANY, "RUS": 50000})
    assert query(warnings) == [("RUS", 50000.0, "it differs")]
    publisher.load({**MANY, "RUS": 50000})
    assert query(warnings) == []
    # The observation is still that of the first load.
    with warehouse.begin() as connection:
        connection.exec_driver_sql(WARNING)
    assert query(warnings) == [("RUS", 50000.0, "it differs")]
    publisher.load({**MANY, "RUS": 51000})
    assert query(warnings) == []


def test_a_rule_that_warns_is_not_among_those_that_a_value_passed(
    lineage: Callable[..., Any], warehouse: Engine
) -> None:
    with warehouse.begin() as connection:
        connection.exec_driver_sql(WARNING.replace("other_sources_agree", "plausible_range"))
    (row,) = lineage("rating", MOSCOW + "}")
    assert "plausible_range" not in row["rules_passed"]
    assert {"known_area", "value_is_number"} <= set(row["rules_passed"])


def test_shows_the_chosen_source_and_the_others_with_their_spread(
    publisher: Publisher, warehouse: Engine, query: Query
) -> None:
    publisher.load(MANY)
    for place, source, basis, value in (
        ("moscow", "city_submission", "metro", 8),
        ("moscow", "cdp_emissions", "city", 10),
        ("moscow", "c40_gpc", "city", 9),
        ("RUS", "world_bank", "country", 12),
        ("RUS", "owid_grapher", "country", 11),
    ):
        store_observation(warehouse, source, place, 2020, value, "CO2_PC", basis)
    # The basis counts first, then the precedence of the source: 9 is chosen from 8 to 12.
    assert query(
        """
        select preference, chosen, source, geo_basis, candidates, round(spread::numeric, 6)::float,
            round(difference_to_chosen::numeric, 6)::float
        from report.source_choice where ref_area = 'moscow' and indicator = 'CO2_PC' order by preference
        """
    ) == [
        (1, True, "c40_gpc", "city", 5, 0.444444, 0.0),
        (2, False, "cdp_emissions", "city", 5, 0.444444, 0.111111),
        (3, False, "city_submission", "metro", 5, 0.444444, -0.111111),
        (4, False, "owid_grapher", "country", 5, 0.444444, 0.222222),
        (5, False, "world_bank", "country", 5, 0.444444, 0.333333),
    ]
    refresh(warehouse, METHODS, RESEARCH, AT, rebuild=True)
    assert query(
        "select source, obs_value from report.city_profile where ref_area = 'moscow' and indicator = 'CO2_PC'"
    ) == [("c40_gpc", 9.0)]


@pytest.mark.parametrize(
    ("table", "more", "countries"),
    [
        ("rating_history", ', "ref_area": "moscow"', {"RUS"}),
        ("rating_uncertainty", ', "scenario": "aggregation:geometric", "ref_area": "moscow"', {"RUS"}),
        ("rank_pairs", ', "ref_area": "moscow", "other_ref_area": "beijing"', {"RUS", "CHN"}),
        ("rating_sensitivity", ', "kind": "factor", "factor": "weights"', set(MANY)),
        (
            "rating_coherence",
            ', "pillar": "climate_first", "part": "", "other": "", "statistic": "cronbach_alpha"',
            set(MANY),
        ),
    ],
)
def test_an_analysis_has_the_lineage_of_its_observations(
    lineage: Callable[..., Any], warehouse: Engine, table: str, more: str, countries: set[str]
) -> None:
    varied = VARIED.model_copy(update={"version": "0.2.0"})
    refresh(warehouse, {varied.id: varied}, RESEARCH, AT)
    rows = lineage(table, '{"rating": "climate_first", "time_period": "2019"' + more + "}")
    assert {(row["ref_area"], row["indicator"]) for row in rows} == {(c, "ENERGY_PC") for c in countries}
