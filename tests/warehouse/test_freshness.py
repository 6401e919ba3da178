"""report.freshness: what was expected of a source, what was seen, and why it is overdue."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import URL, Engine, create_engine, text

from city_indicators.catalog.expected import requested_within_days
from city_indicators.reports.refresh import refresh
from city_indicators.warehouse.freshness import first_year_held_otherwise, newly_overdue, record_check
from tests.methods import METHODS, RESEARCH
from tests.warehouse.conftest import CATALOGUE, SOURCE, Publisher
from tests.warehouse.pages import USER, pages
from tests.warehouse.test_publish import MANY

Query = Callable[[str], list[tuple[object, ...]]]

NOW = datetime.now(UTC)
ENERGY = "where source = 'owid_grapher' and indicator = 'ENERGY_PC'"
JUDGED = f"select freshness, freshness_reason from report.freshness {ENERGY}"  # noqa: S608


@pytest.fixture
def expect(warehouse: Engine) -> Callable[..., None]:
    """Declare what is expected of the energy use that Our World in Data gives."""

    def declare(**columns: object) -> None:
        every = {
            "requested_within_days": 4,
            "lag_days": None,
            "last_period": None,
            "changed_within_days": None,
            **columns,
        }
        setting = ", ".join(f"{name} = :{name}" for name in every)
        with warehouse.begin() as connection:
            connection.execute(text(f"update catalog.expectation set {setting} {ENERGY}"), every)  # noqa: S608

    return declare


@pytest.fixture
def asked(warehouse: Engine) -> Callable[..., None]:
    """Keep that the source was asked some days ago, and what it told."""

    def keep(days_ago: float, revision: str | None = "r1", changed: bool = False) -> None:
        with warehouse.begin() as connection:
            record_check(connection, SOURCE.id, revision, changed, NOW - timedelta(days=days_ago))

    return keep


@pytest.fixture
def loaded(publisher: Publisher, warehouse: Engine) -> Callable[[float], None]:
    """Publish the observations of 2019, as some days ago."""

    def publish(days_ago: float) -> None:
        publisher.say(MANY, fetched_at=NOW - timedelta(days=days_ago))
        latest = "update ops.load set published_at = :at where load_id = (select max(load_id) from ops.load)"
        with warehouse.begin() as connection:
            connection.execute(text(latest), {"at": NOW - timedelta(days=days_ago)})

    return publish


def test_everything_expected_of_every_source_that_is_asked_is_judged(query: Query) -> None:
    declared = {
        (source.id, series.indicator)
        for source in CATALOGUE.sources.values()
        if not source.dropped
        for series in source.series
    }
    told = query("select source, indicator, freshness, freshness_reason from report.freshness")
    assert {(source, indicator) for source, indicator, *_ in told} == declared
    assert {tuple(codes) for _, _, *codes in told} == {("never", "never_requested")}


def test_what_was_asked_and_never_published_says_so(
    publisher: Publisher, asked: Callable[..., None], query: Query
) -> None:
    asked(1)
    assert query(JUDGED) == [("never", "never_loaded")]
    load_id = publisher.validate(MANY)
    assert query(JUDGED) == [("never", "never_loaded")]
    publisher.publish(load_id)
    assert query(JUDGED) != [("never", "never_loaded")]


@pytest.mark.parametrize(
    ("days_over", "expected", "validated"),
    [
        # Today is the first day on which 2019 must be there.
        (0, "2019", ("fresh", "as_expected")),
        (-1, "2018", ("fresh", "as_expected")),
        (366, "2020", ("stale", "period_missing")),
        # A day less than the leap year 2020 later, 2019 is still enough.
        (365, "2019", ("fresh", "as_expected")),
    ],
)
def test_a_year_is_expected_lag_days_after_its_end(
    publisher: Publisher,
    asked: Callable[..., None],
    expect: Callable[..., None],
    query: Query,
    days_over: int,
    expected: str,
    validated: tuple[str, str],
) -> None:
    publisher.say(MANY, fetched_at=NOW)
    asked(0)
    expect(lag_days=(datetime.now(UTC).date() - date(2020, 1, 1)).days - days_over)
    assert query(f"select expected_period, newest_period from report.freshness {ENERGY}") == [  # noqa: S608
        (expected, "2019")
    ]
    assert query(JUDGED) == [validated]


def test_an_edition_that_ends_is_complete_with_its_last_year(
    publisher: Publisher, asked: Callable[..., None], expect: Callable[..., None], query: Query
) -> None:
    publisher.say(MANY, fetched_at=NOW)
    asked(0)
    expect(last_period="2019")
    assert query(JUDGED) == [("fresh", "complete")]
    expect(last_period="2020")
    assert query(JUDGED) == [("stale", "period_missing")]


def test_who_was_not_asked_in_time_is_late_whatever_is_there(
    publisher: Publisher, asked: Callable[..., None], expect: Callable[..., None], query: Query
) -> None:
    publisher.say(MANY, fetched_at=NOW - timedelta(days=30))
    expect(last_period="2020")
    asked(4.1)
    assert query(JUDGED) == [("overdue", "not_requested")]
    asked(3.9)
    assert query(JUDGED) == [("stale", "period_missing")]


def test_a_change_that_no_load_followed_is_late_after_two_days(
    loaded: Callable[[float], None],
    asked: Callable[..., None],
    expect: Callable[..., None],
    query: Query,
    warehouse: Engine,
) -> None:
    loaded(10)
    expect(last_period="2019")
    asked(9, "r1")
    asked(1.9, "r2")
    assert query(JUDGED) == [("fresh", "complete")]
    with warehouse.begin() as connection:
        connection.execute(text("update ops.source_check set changed_at = changed_at - interval '5 hours'"))
    assert query(JUDGED) == [("overdue", "not_loaded")]
    loaded(0)
    assert query(JUDGED) == [("fresh", "complete")]


def test_a_publisher_that_changes_nothing_for_too_long_is_stale(
    loaded: Callable[[float], None], asked: Callable[..., None], expect: Callable[..., None], query: Query
) -> None:
    asked(151, changed=True)
    asked(1)
    loaded(150)
    expect(last_period="2019", changed_within_days=152)
    assert query(JUDGED) == [("fresh", "complete")]
    expect(last_period="2019", changed_within_days=150)
    assert query(JUDGED) == [("stale", "not_changed")]


def test_places_are_counted_in_the_newest_year_and_in_the_fullest(publisher: Publisher, query: Query) -> None:
    publisher.say(MANY, year=2018)
    publisher.say({"RUS": 50000, "CHN": 30000}, year=2019)
    assert query(
        f"select newest_period, places_with_newest, most_places from report.freshness {ENERGY}"  # noqa: S608
    ) == [("2019", 2, len(MANY))]


def test_an_earlier_check_that_comes_late_changes_nothing(asked: Callable[..., None], query: Query) -> None:
    asked(1, "r2")
    asked(2, "r1")
    assert query("select revision, changed_at from ops.source_check") == [("r2", None)]


@pytest.mark.parametrize(
    ("schedule", "watched", "days"),
    [("0 0 1 1 *", False, 369), ("0 0 1 * *", False, 34), ("0 6 * * *", False, 4), ("0 0 1 1 *", True, 4)],
)
def test_a_source_is_asked_again_by_its_schedule_or_because_it_is_watched(
    schedule: str, watched: bool, days: int
) -> None:
    assert requested_within_days(schedule, watched) == days


HELD = "update ops.load set revision = 'r1'"
FAILED = """
insert into ops.task_failure (dag_id, run_id, task_id, failed_at, error)
values (:dag_id, :run_id, 'validate', :failed_at, :error)
"""
UNREADABLE = {
    "dag_id": SOURCE.dag_id,
    "run_id": "revision__2026-03-01T05:00:00+00:00",
    "failed_at": NOW - timedelta(hours=30),
    "error": "SourceContractError: source owid_grapher: no column",
}


@pytest.mark.parametrize(
    ("failure", "year"),
    [
        ({}, None),
        ({"error": "CorrectionExpiredError: the publisher gives another value"}, None),
        # What may pass is tried again, as is what failed before the source told this revision.
        ({"error": "OperationalError: server closed the connection"}, 2019),
        ({"failed_at": NOW - timedelta(hours=60)}, 2019),
        # A backfill, or another source, fails for reasons of its own.
        ({"run_id": "backfill__1990-01-01T00:00:00+00:00"}, 2019),
        ({"dag_id": "ingest_un_wup"}, 2019),
    ],
)
def test_a_revision_that_cannot_be_read_is_not_asked_for_daily(
    publisher: Publisher,
    asked: Callable[..., None],
    warehouse: Engine,
    failure: dict[str, object],
    year: int | None,
) -> None:
    publisher.say(MANY)
    asked(10, "r1")
    asked(2, "r2")
    asked(1, "r2")
    with warehouse.begin() as connection:
        connection.execute(text(HELD))
        assert first_year_held_otherwise(connection, SOURCE.id, "r2") == 2019
        connection.execute(text(FAILED), {**UNREADABLE, **failure})
        assert first_year_held_otherwise(connection, SOURCE.id, "r2") == year
        # The publisher has mended it.
        assert first_year_held_otherwise(connection, SOURCE.id, "r3") == 2019


def test_a_revision_told_from_the_first_day_on_is_given_up_too(
    publisher: Publisher, asked: Callable[..., None], warehouse: Engine
) -> None:
    publisher.say(MANY)
    asked(2, "r2")
    with warehouse.begin() as connection:
        connection.execute(text(HELD))
        assert first_year_held_otherwise(connection, SOURCE.id, "r2") == 2019
        connection.execute(text(FAILED), UNREADABLE)
        assert first_year_held_otherwise(connection, SOURCE.id, "r2") is None


def test_a_lateness_that_another_hides_for_a_while_is_told_once(
    publisher: Publisher, asked: Callable[..., None], expect: Callable[..., None], warehouse: Engine
) -> None:
    def told() -> list[str]:
        with warehouse.begin() as connection:
            return [each.reason for each in newly_overdue(connection, NOW) if each.indicator == "ENERGY_PC"]

    publisher.say(MANY, fetched_at=NOW - timedelta(days=30))
    expect(last_period="2020")
    asked(3)
    assert told() == ["period_missing"]
    expect(last_period="2020", requested_within_days=2)
    assert told() == ["not_requested"]
    expect(last_period="2020")
    assert told() == []
    expect(last_period="2019")
    assert told() == []
    expect(last_period="2020")
    assert told() == ["period_missing"]


def test_a_researcher_reads_it(warehouse_url: URL) -> None:
    with create_engine(warehouse_url.set(username="researcher")).connect() as connection:
        assert connection.execute(text("select count(*) from report.freshness")).scalar_one() > 50


def test_the_page_says_what_is_late(
    publisher: Publisher,
    asked: Callable[..., None],
    expect: Callable[..., None],
    warehouse: Engine,
    warehouse_url: URL,
    tmp_path: Path,
) -> None:
    client = TestClient(pages(warehouse_url, tmp_path), headers=USER)
    publisher.say(MANY, fetched_at=NOW)
    asked(0)
    expect(last_period="2020")
    others = "delete from catalog.expectation where source <> 'owid_grapher' or indicator <> 'ENERGY_PC'"
    with warehouse.begin() as connection:
        connection.execute(text(others))
    told: dict[str, Any] = {
        "en": ("stale", "the expected year is missing", "ENERGY_PC: expected 2020, newest 2019"),
        "ru": ("источник отстаёт", "ожидаемого года нет", "ENERGY_PC: ожидается 2020, есть 2019"),
        "zh": ("数据源滞后", "缺少应有年份的数据", "ENERGY_PC: 应有 2020，现有 2019"),
    }
    for language, (state, reason, periods) in told.items():
        page = client.get("/quality", params={"language": language}).text
        assert f"<b>{state}</b>, {reason}" in page
        assert periods in page
    expect(last_period="2019")
    assert "Everything that is expected is there." in client.get("/quality").text


def test_a_rating_says_which_of_its_sources_are_late(
    publisher: Publisher,
    warehouse: Engine,
    warehouse_url: URL,
    tmp_path: Path,
    asked: Callable[..., None],
    expect: Callable[..., None],
    query: Query,
) -> None:
    publisher.say(MANY, fetched_at=NOW)
    asked(0)
    expect(last_period="2019")
    refresh(warehouse, METHODS, RESEARCH, NOW)
    used = f"""
        select rating, time_period, observations, freshness, freshness_reason, newest_period
        from report.rating_source {ENERGY}
    """  # noqa: S608
    rated = (
        "select count(*) from report.rating_indicator where indicator = 'ENERGY_PC' and raw_value is not null"
    )
    ((observations,),) = query(rated)
    assert query(used) == [("climate_first", "2019", observations, "fresh", "complete", "2019")]
    with warehouse.begin() as connection:
        # One indicator alone never suffices for a rank, and the page shows ranked years.
        connection.exec_driver_sql(
            "update report.rating set status = 'ranked', rank = 1, reason_code = null "
            "where ref_area = 'moscow'"
        )
    ui = TestClient(pages(warehouse_url, tmp_path))
    assert "Our World in Data" not in ui.get("/ratings", headers=USER).text

    expect(last_period="2020")
    assert query(used) == [("climate_first", "2019", observations, "stale", "period_missing", "2019")]
    for language, words in (
        ("en", ("Sources of this rating that are overdue", "Primary energy")),
        ("ru", ("Источники этого рейтинга, которые запаздывают",)),
        ("zh", ("本评级中滞后的数据源",)),
    ):
        page = ui.get("/ratings", params={"language": language}, headers=USER).text
        for word in (*words, "Our World in Data"):
            assert word in page
