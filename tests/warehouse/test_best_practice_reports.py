"""Best practices as report tables, and the evidence computed from cases and observations."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError

from city_indicators.core.archive import Archive
from city_indicators.core.snapshots import Answer
from city_indicators.delivery.exports.fields import shown
from city_indicators.delivery.exports.tables import reading, report_tables
from city_indicators.intake.best_practices.publish import publish
from city_indicators.intake.best_practices.read import read
from city_indicators.intake.best_practices.vocabulary import load_code_lists
from city_indicators.reports.refresh import Refresh, refresh
from city_indicators.warehouse.ledger import Run
from demo.paths import SAMPLE
from tests.methods import METHODS, RESEARCH
from tests.warehouse.conftest import CATALOGUE, NOON, Publisher
from tests.warehouse.entered import LoadInput, Observation, enter
from tests.warehouse.test_publish import MANY

Query = Callable[[str], list[tuple[object, ...]]]
Send = Callable[..., None]
AT = datetime(2026, 2, 1, tzinfo=UTC)
CODE_LISTS = load_code_lists()
YEARS = range(2010, 2021)
HEADER = "case_id,city,country,name_en,cycle,stage,status,field,sdgs,criteria,start_year,indicator,links"
AIR = (
    "moscow-air,Москва,RUS,Clean lorries,6,winner,ongoing,environment,13; 3,impact; innovation,2015,"
    "PM25_CITY,https://example.org/air"
)


@pytest.fixture
def send(warehouse: Engine, tmp_path: Path) -> Send:
    def sent(*rows: str, content: bytes | None = None) -> None:
        body = content or "\n".join([HEADER, *rows]).encode()
        answer = Answer("file:///inbox/cases/c.csv", body, "text/csv", None, None)
        snapshot = Archive(tmp_path / "archive").store("best_practice_cases", answer, NOON)
        reading = read(body, "c.csv", CODE_LISTS, date(2026, 1, 1))
        with warehouse.begin() as connection:
            run = Run("receive_best_practices", "run")
            found = publish(connection, snapshot, run, reading, 85, lambda: NOON)
        assert found.refused == ()

    return sent


def publish_air(publisher: Publisher) -> None:
    """Moscow's air improves by 4 after 2015, Shanghai's (with a case of its own) by 9, no other city's.

    The population of cities grows with their position in the catalogue.
    """
    falls = {"moscow": 4.0, "shanghai": 9.0}
    air = [
        Observation(
            city, str(year), 30 + number / 10 - falls.get(city, 0) * (year > 2015), "PM25_CITY", "UG_M3"
        )
        for number, city in enumerate(CATALOGUE.cities)
        for year in YEARS
    ]
    air = [observation._replace(geo_basis="city") for observation in air]
    given = LoadInput("who_air_quality", YEARS, air, indicators=("PM25_CITY",))
    publisher.publish(enter(publisher.warehouse, publisher.staging, given))
    publish_people(publisher, 2013, list(CATALOGUE.cities))


def publish_people(publisher: Publisher, year: int, cities: list[str]) -> None:
    """Each city of the list has a million inhabitants more than the previous one."""
    people = [
        Observation(city, str(year), 1e6 * (2 + number), "POP_AGGLO", "PS", geo_basis="agglomeration")
        for number, city in enumerate(cities)
    ]
    given = LoadInput("un_wup", range(year, year + 1), people, indicators=("POP_AGGLO",))
    publisher.publish(enter(publisher.warehouse, publisher.staging, given))


EVIDENCE = """
    select verdict, verdict_reason, did, placebo_p, peers, years_before, years_after, geo_basis, source
    from report.best_practice_evidence order by case_id
"""


def test_shows_a_case_with_labels_in_three_languages(send: Send, query: Query) -> None:
    send(AIR)
    assert query(
        """
        select
            city, city_name_en, ref_area, stage_name_ru, case_status_name_zh, field_name_en, cycle_name_en,
            sdg_names_en, criterion_names_ru, indicator_name_en, innovation_type_name_en
        from report.best_practice
        """
    ) == [
        (
            *("Москва", "Moscow", "moscow", "Победитель", "进行中", "Environment", "6th cycle, 2023"),
            ["Good health and well-being", "Climate action"],
            ["Новизна", "Воздействие"],
            *("Annual mean of PM2.5 in the city", None),
        )
    ]


def test_shows_all_cases_of_the_award_with_labels(send: Send, query: Query, warehouse: Engine) -> None:
    send(content=(SAMPLE / "best_practices.csv").read_bytes())
    assert query(
        """
        select
            count(*), count(stage_name_zh), count(cycle_name_ru), count(city_name_en), count(ref_area)
        from report.best_practice where cycle is not null
        """
    )[0][:4] == (52, 52, 52, 52)
    assert query(
        "select city_name_ru from report.best_practice where case_id = 'guangzhou-award-2012-kocaeli'"
    ) == [("Kocaeli",)]
    with reading(warehouse) as connection:
        columns = [field.name for field in shown(report_tables(connection)["best_practice"], "zh")]
    assert {"stage_name_zh", "sdg_names_zh", "name_zh"} <= set(columns)
    assert "stage_name_en" not in columns


def test_every_term_has_translated_names(query: Query) -> None:
    vocabularies = CODE_LISTS.vocabularies
    terms = query(
        "select vocabulary, term, name_ru, name_zh from catalog.best_practice_term where name_en <> ''"
    )
    assert len(terms) == len({(row[0], row[1]) for row in terms}) == 7 + 8 + 2 + 5 + 2 + 6 + 7 + 17
    assert {row[1] for row in terms if row[0] == "criteria"} == set(vocabularies.terms("criteria"))
    assert all(row[2] and row[3] for row in terms)


def test_evidence_is_the_difference_from_peers_without_a_case(
    publisher: Publisher, warehouse: Engine, send: Send, query: Query
) -> None:
    """The air of nineteen peers does not change: DiD = -4, p = 1/20. Shanghai has a case: it is no peer."""
    shanghai = AIR.replace("moscow-air,Москва,RUS", "shanghai-air,Shanghai,CHN").replace("2015", "2014")
    send(AIR, shanghai)
    publish_air(publisher)
    refresh(warehouse, METHODS, RESEARCH, AT)
    (moscow, other) = query(EVIDENCE)
    assert moscow[:2] == ("better_than_peers", None)
    assert moscow[2] == pytest.approx(-4)
    assert moscow[3:] == (0.05, 19, 5, 5, "city", "who_air_quality")
    # The case began in 2014: of the five years after, four are lower by 9.
    assert other[2] == pytest.approx(-9 * 4 / 5)
    assert other[5:7] == (4, 5)
    ((names, years, cities, nearest),) = query(
        """
        select
            array[city_name_zh, indicator_name_ru], array[first_year, last_year], peer_cities,
            (select array_agg(p.peer_ref_area order by p.position) from report.city_peer as p
            where p.ref_area = 'moscow')
        from report.best_practice_evidence where case_id = 'moscow-air'
        """
    )
    assert names == ["莫斯科", "Среднегодовая концентрация PM2.5 в городе"]
    assert years == [2010, 2020]
    assert "shanghai" not in cities
    assert cities[:5] == [city for city in nearest if city != "shanghai"][:5]


def test_peers_are_similar_cities_before_the_start(
    publisher: Publisher, warehouse: Engine, send: Send, query: Query
) -> None:
    """Population after the start does not matter, because the case may have changed it."""
    peers = "select peer_cities from report.best_practice_evidence"
    nearest = (
        "select array_agg(peer_ref_area order by position) from report.city_peer where ref_area = 'moscow'"
    )
    send(AIR)
    publish_air(publisher)
    refresh(warehouse, METHODS, RESEARCH, AT)
    before, today = query(peers), query(nearest)
    assert before[0][0][:5] == today[0][0]  # type: ignore[index]
    for year in (2015, 2020):
        publish_people(publisher, year, list(CATALOGUE.cities)[::-1])
    refresh(warehouse, METHODS, RESEARCH, AT)
    assert query(nearest) != today
    assert query(peers) == before


def test_has_no_peers_without_observations_before_the_start(
    publisher: Publisher, warehouse: Engine, send: Send, query: Query
) -> None:
    send(AIR.replace("2015", "2013"))
    publish_air(publisher)
    refresh(warehouse, METHODS, RESEARCH, AT)
    assert query("select verdict_reason, peers from report.best_practice_evidence") == [("too_few_peers", 0)]


def test_a_national_value_is_no_evidence_for_a_city(
    publisher: Publisher, warehouse: Engine, send: Send, query: Query
) -> None:
    send(AIR.replace("PM25_CITY", "ENERGY_PC"), AIR.replace("moscow-air,Москва", "tula-air,Tula"))
    for year in YEARS:
        publisher.load(MANY, year)
    refresh(warehouse, METHODS, RESEARCH, AT)
    assert [row[:3] for row in query(EVIDENCE)] == [
        ("too_little_data", "not_city_level", None),
        ("too_little_data", "not_our_city", None),
    ]
    assert query("select city_name_ru from report.best_practice_evidence where ref_area is null") == [
        ("Tula",)
    ]


def test_a_refresh_includes_new_and_changed_cases(
    publisher: Publisher, warehouse: Engine, send: Send, query: Query
) -> None:
    publish_air(publisher)
    refresh(warehouse, METHODS, RESEARCH, AT)
    count = "select count(*) from ops.report_refresh"
    linked = "select distinct cases from report.megatrend where megatrend = 'clean_air'"
    assert (query(EVIDENCE), query(linked), query(count)) == ([], [([],)], [(1,)])
    send(AIR)
    assert refresh(warehouse, METHODS, RESEARCH, AT) == Refresh(0, 0, written=True)
    assert [row[0] for row in query(EVIDENCE)] == ["better_than_peers"]
    assert (query(linked), query(count)) == ([(["moscow-air"],)], [(2,)])
    assert refresh(warehouse, METHODS, RESEARCH, AT) == Refresh(0, 0, written=False)
    # The same file again changes nothing, nor does another one with the same cases; another start year does.
    for content in (None, f"{HEADER}\n{AIR}\n\n".encode()):
        send(AIR, content=content)
        refresh(warehouse, METHODS, RESEARCH, AT)
        assert query(count) == [(2,)]
    assert query("select count(*) from ops.best_practice_load") == [(2,)]
    send(AIR.replace("2015", "2019"))
    refresh(warehouse, METHODS, RESEARCH, AT)
    assert query("select version, start_year, verdict_reason from report.best_practice_evidence") == [
        (2, 2019, "too_few_years_after")
    ]
    assert query(count) == [(3,)]


def test_changed_evidence_settings_are_applied(
    publisher: Publisher, warehouse: Engine, send: Send, query: Query
) -> None:
    send(AIR)
    publish_air(publisher)
    refresh(warehouse, METHODS, RESEARCH, AT)
    fewer = RESEARCH.evidence.model_copy(update={"peers": 9})
    refresh(warehouse, METHODS, RESEARCH.model_copy(update={"evidence": fewer}), AT)
    assert query("select peers, placebo_p from report.best_practice_evidence") == [(9, 0.1)]


def test_a_row_has_either_a_verdict_or_a_reason(publisher: Publisher, warehouse: Engine, send: Send) -> None:
    send(AIR)
    refresh(warehouse, METHODS, RESEARCH, AT)
    with pytest.raises(IntegrityError, match="did_or_reason"), warehouse.begin() as connection:
        connection.execute(text("update report.best_practice_evidence set verdict_reason = null"))
