"""Research tables as of a point in time, and their lineage to observations."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.exc import DatabaseError

from city_indicators.analytics.trends.megatrends import LinkedIndicator
from city_indicators.core.archive import Archive
from city_indicators.core.snapshots import Answer
from city_indicators.intake.best_practices.publish import publish as publish_cases
from city_indicators.intake.best_practices.read import read
from city_indicators.intake.best_practices.vocabulary import load_code_lists
from city_indicators.reports.past import reports_as_of, research_as_of
from city_indicators.reports.refresh import refresh
from city_indicators.reports.research import Research
from city_indicators.warehouse.ledger import Run
from tests.methods import METHODS, RESEARCH
from tests.warehouse.conftest import CATALOGUE, NOON, Publisher
from tests.warehouse.entered import LoadInput, Observation, enter
from tests.warehouse.test_as_of import as_rows, tables

Query = Callable[[str], list[tuple[object, ...]]]
AT = datetime(2026, 2, 1, tzinfo=UTC)
PRODUCTS = {"trend", "convergence", "city_system", "city_peer", "megatrend", "best_practice_evidence"}
YEARS = range(2010, 2021)
OPENED = (
    "case_id,city,country,name_en,start_year,indicator,links\n"
    "a-metro,Kazan,RUS,A metro opens,{year},POP_AGGLO,https://example.org/metro"
)


def publish_people(publisher: Publisher, falling: float = 0) -> None:
    """Agglomerations of different sizes grow by 10 000 a year, Kazan by `falling` less."""
    people = [
        Observation(
            city,
            str(year),
            1e6 * (2 + number) + (year - 2010) * 1e4 - (year - 2015) * falling * (city == "kazan"),
            "POP_AGGLO",
            "PS",
            "F" if year == YEARS[-1] else "E",
            "agglomeration",
        )
        for number, city in enumerate(CATALOGUE.cities)
        for year in YEARS
    ]
    load = LoadInput("un_wup", YEARS, people, indicators=("POP_AGGLO",))
    publisher.publish(enter(publisher.warehouse, publisher.staging, load))


def send(warehouse: Engine, folder: Path, year: int, at: datetime) -> None:
    body = OPENED.format(year=year).encode()
    answer = Answer("file:///inbox/best_practices/c.csv", body, "text/csv", None, None)
    snapshot = Archive(folder / "archive").store("best_practice_cases", answer, NOON)
    reading = read(body, "c.csv", load_code_lists(), date(2026, 1, 1))
    with warehouse.begin() as connection:
        publish_cases(connection, snapshot, Run("receive_best_practices", f"{year}"), reading, 85, lambda: at)


@pytest.fixture
def made(publisher: Publisher, warehouse: Engine, tmp_path: Path) -> None:
    """Observations of all cities and a case of one of them, after a refresh."""
    publish_people(publisher)
    send(warehouse, tmp_path, 2015, NOON)
    refresh(warehouse, METHODS, RESEARCH, AT)


@pytest.mark.usefixtures("made")
def test_research_tables_are_rebuilt_exactly_for_a_past_date(
    publisher: Publisher, warehouse: Engine, query: Query, tmp_path: Path
) -> None:
    with warehouse.connect() as connection:
        now = {name: rows for name, rows in reports_as_of(connection, AT).items() if name in PRODUCTS}
    before = tables(warehouse, now)
    assert as_rows(now) == before
    assert {name for name, rows in before.items() if rows} == PRODUCTS

    # Later there are other observations, another start of the case, other megatrends and peers.
    later = AT + timedelta(days=30)
    publish_people(publisher, falling=5e4)
    send(warehouse, tmp_path, 2014, later)
    fewer = RESEARCH.peers.model_copy(update={"neighbours": 2})
    megatrends = RESEARCH.megatrends.model_copy(update={"draft": False})
    other = RESEARCH.model_copy(update={"peers": fewer, "megatrends": megatrends})
    refresh(warehouse, METHODS, other, later)
    after = tables(warehouse, now)
    assert {name for name in PRODUCTS if after[name] == before[name]} == set()
    ((then,),) = query("select min(published_at) from ops.load")
    with warehouse.connect() as connection:
        past = reports_as_of(connection, then)
        present = reports_as_of(connection, later)
    assert as_rows({name: past[name] for name in PRODUCTS}) == before
    assert as_rows({name: present[name] for name in PRODUCTS}) == after


def test_declarations_are_stored_for_every_date(
    publisher: Publisher, warehouse: Engine, query: Query
) -> None:
    publish_people(publisher)
    other = RESEARCH.model_copy(update={"peers": RESEARCH.peers.model_copy(update={"neighbours": 2})})
    days = [AT + timedelta(days=day) for day in range(3)]
    with warehouse.connect() as connection:
        assert research_as_of(connection) is None
    for day, declared in zip(days, (RESEARCH, other, RESEARCH), strict=True):
        refresh(warehouse, METHODS, declared, day)
    with warehouse.connect() as connection:
        found = [research_as_of(connection, day) for day in (days[0] - timedelta(days=9), *days)]
    assert found == [RESEARCH, RESEARCH, other, RESEARCH]
    assert query("select count(*) from catalog.research") == [(2,)]
    with pytest.raises(DatabaseError, match="append-only"), warehouse.begin() as connection:
        connection.execute(text("update catalog.research set document = '{}'"))


def test_a_missing_declaration_is_stored_again(publisher: Publisher, warehouse: Engine, query: Query) -> None:
    publish_people(publisher)
    refresh(warehouse, METHODS, RESEARCH, AT)
    with warehouse.begin() as connection:
        # As in a warehouse migrated from an earlier version, where the places of a row are unknown.
        connection.execute(text("alter table catalog.research disable trigger append_only"))
        connection.execute(text("delete from catalog.research"))
        connection.execute(text("update report.megatrend set places_with_trends = '{}'"))
    refresh(warehouse, METHODS, RESEARCH, AT)
    assert query("select count(*) > 0 from report.megatrend where places_with_trends <> '{}'") == [(True,)]
    assert query("select count(*) from catalog.research") == [(1,)]


KAZAN = {"kazan"}
ALL = set(CATALOGUE.cities)
GROWING = {"megatrend": "growing_agglomerations", "city_group": "all", "level": "city"}
OF_ALL = {"indicator": "POP_AGGLO", "city_group": "all", "level": "city"}
OBSERVED = {str(year) for year in YEARS[:-1]}


@pytest.mark.usefixtures("made")
@pytest.mark.parametrize(
    ("table", "key", "places", "years"),
    [
        (
            "trend",
            {"indicator": "POP_AGGLO", "ref_area": "kazan", "time_window": "since_2015"},
            KAZAN,
            OBSERVED - {"2010", "2011", "2012", "2013", "2014"},
        ),
        ("report.megatrend", GROWING | {"time_window": "since_2000"}, ALL, OBSERVED),
        ("convergence", OF_ALL | {"time_window": "since_2000"}, ALL, OBSERVED),
        ("city_system", OF_ALL | {"time_period": "2012"}, ALL, {"2012"}),
        ("city_peer", {"ref_area": "kazan", "peer_ref_area": "?"}, KAZAN | {"?"}, {"2019"}),
        ("peer_comparison", {"ref_area": "kazan", "indicator": "POP_AGGLO"}, KAZAN | {"?s"}, {"2019"}),
        (
            "pair_comparison",
            {"ref_area": "kazan", "other_ref_area": "moscow", "indicator": "POP_AGGLO"},
            KAZAN | {"moscow"},
            OBSERVED,
        ),
        ("best_practice_evidence", {"case_id": "a-metro"}, KAZAN | {"?n"}, OBSERVED - {"2015"}),
    ],
)
def test_every_research_table_has_a_lineage_to_its_observations(
    warehouse: Engine, query: Query, table: str, key: dict[str, str], places: set[str], years: set[str]
) -> None:
    ((peers, donors),) = query(
        """
        select
            (
                select array_agg(peer_ref_area order by position)
                from report.city_peer
                where ref_area = 'kazan'
            ),
            peer_cities
        from report.best_practice_evidence
        """
    )
    placeholders: dict[str, Any] = {"?": peers[:1], "?s": peers, "?n": donors}
    named = {name: peers[0] if value == "?" else value for name, value in key.items()}
    expected = {city for place in places for city in placeholders.get(place, [place])}
    researcher = create_engine(warehouse.url.set(username="researcher"))
    call = text("select * from report.lineage(:table, cast(:key as jsonb))")
    with researcher.connect() as connection:
        rows = connection.execute(call, {"table": table, "key": json.dumps(named)}).mappings().all()
    researcher.dispose()
    found = [(row["ref_area"], row["time_period"]) for row in rows]
    assert sorted(found) == sorted((city, year) for city in expected for year in years)
    assert {(row["indicator"], row["source"], row["version"]) for row in rows} == {("POP_AGGLO", "un_wup", 1)}
    assert all(row["sha256"] for row in rows)
    assert {row["obs_status"] for row in rows} == {"E"}


@pytest.mark.usefixtures("made")
def test_the_lineage_of_a_comparison_excludes_other_series(warehouse: Engine, query: Query) -> None:
    """If the value of Kazan has another basis than its trend, the trend is not compared with it."""
    with warehouse.begin() as connection:
        connection.execute(
            text(
                "update report.city_profile set geo_basis = 'city'"
                " where ref_area = 'kazan' and indicator = 'POP_AGGLO'"
            )
        )
    key = {"ref_area": "kazan", "other_ref_area": "moscow", "indicator": "POP_AGGLO"}
    rows = query(f"select ref_area, time_period from report.lineage('pair_comparison', '{json.dumps(key)}')")  # noqa: S608
    assert {year for city, year in rows if city == "moscow"} == OBSERVED
    assert {year for city, year in rows if city == "kazan"} <= {"2019"}


def test_the_lineage_of_a_megatrend_has_only_its_group(
    publisher: Publisher, warehouse: Engine, query: Query
) -> None:
    publish_people(publisher)
    link = LinkedIndicator(indicator="POP_AGGLO", expected="increasing")
    first = RESEARCH.megatrends.trends[0].model_copy(update={"indicators": (link,)})
    research: Research = RESEARCH.model_copy(
        update={"megatrends": RESEARCH.megatrends.model_copy(update={"trends": (first,)})}
    )
    refresh(warehouse, METHODS, research, AT)
    brics = {
        c.ref_area
        for c in CATALOGUE.cities.values()
        if CATALOGUE.groups["BRICS"].has(c.country, date(2025, 12, 31))
    }
    key = {"megatrend": first.id, "city_group": "BRICS", "level": "city", "time_window": "since_2000"}
    rows = query(f"select distinct ref_area from report.lineage('megatrend', '{json.dumps(key)}')")  # noqa: S608
    assert {row[0] for row in rows} == brics


@pytest.mark.usefixtures("made")
def test_only_annual_observations_are_behind_a_trend(warehouse: Engine, query: Query) -> None:
    key = json.dumps({"indicator": "POP_AGGLO", "ref_area": "kazan", "time_window": "since_2015"})
    years = f"select array_agg(time_period order by 1) from report.lineage('trend', '{key}')"  # noqa: S608
    before: Any
    ((before,),) = query(years)
    with warehouse.begin() as connection:
        connection.execute(text("alter table core.observation_version disable trigger user"))
        connection.execute(
            text(
                "update core.observation_version set freq = 'M' "
                "where ref_area = 'kazan' and indicator = 'POP_AGGLO' and time_period = '2016'"
            )
        )
    assert query(years) == [([year for year in before if year != "2016"],)]
