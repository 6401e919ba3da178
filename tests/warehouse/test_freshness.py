"""report.freshness: what is expected of a source, and whether and why it is overdue."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import URL, Engine, create_engine, text

from city_indicators.catalog.expected import requested_within_days
from city_indicators.ingest.load import publish_load
from city_indicators.reports.refresh import refresh
from city_indicators.warehouse.freshness import first_year_of_other_revision, newly_overdue, record_check
from tests.methods import METHODS, RESEARCH
from tests.warehouse.conftest import CATALOGUE, SOURCE, Publisher
from tests.warehouse.pages import USER, pages
from tests.warehouse.test_publish import MANY

Query = Callable[[str], list[tuple[object, ...]]]

NOW = datetime.now(UTC)
ENERGY = "where source = 'owid_grapher' and indicator = 'ENERGY_PC'"
FRESHNESS = f"select freshness, freshness_reason from report.freshness {ENERGY}"  # noqa: S608


@pytest.fixture
def expect(warehouse: Engine) -> Callable[..., None]:
    """Declares what is expected of the energy use of Our World in Data."""

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
def checked(warehouse: Engine) -> Callable[..., None]:
    """Records a check of the source some days ago, and the revision that it served."""

    def record(days_ago: float, revision: str | None = "r1", changed: bool = False) -> None:
        with warehouse.begin() as connection:
            record_check(connection, SOURCE.id, revision, changed, NOW - timedelta(days=days_ago))

    return record


@pytest.fixture
def loaded(publisher: Publisher, warehouse: Engine) -> Callable[[float], None]:
    """Publishes the observations of 2019 as if some days ago."""

    def publish(days_ago: float) -> None:
        at = NOW - timedelta(days=days_ago)
        publish_load(publisher.validate(MANY, fetched_at=at), publisher.staging, warehouse, lambda: at)

    return publish


def test_has_a_row_for_every_indicator_of_every_fetched_source(query: Query) -> None:
    declared = {
        (source.id, series.indicator)
        for source in CATALOGUE.sources.values()
        if not source.is_submission
        for series in source.series
    }
    found = query("select source, indicator, freshness, freshness_reason from report.freshness")
    assert {(source, indicator) for source, indicator, *_ in found} == declared
    assert {tuple(codes) for _, _, *codes in found} == {("never", "never_requested")}


def test_a_requested_source_without_a_load_is_never_loaded(
    publisher: Publisher, checked: Callable[..., None], query: Query
) -> None:
    checked(1)
    assert query(FRESHNESS) == [("never", "never_loaded")]
    load_id = publisher.validate(MANY)
    assert query(FRESHNESS) == [("never", "never_loaded")]
    publisher.publish(load_id)
    assert query(FRESHNESS) != [("never", "never_loaded")]


@pytest.mark.parametrize(
    ("days_over", "expected", "validated"),
    [
        # Today is the first day on which 2019 is expected.
        (0, "2019", ("fresh", "as_expected")),
        (-1, "2018", ("fresh", "as_expected")),
        (366, "2020", ("stale", "period_missing")),
        # One day before 2020 is expected (a leap year later), 2019 is enough.
        (365, "2019", ("fresh", "as_expected")),
    ],
)
def test_a_year_is_expected_lag_days_after_its_end(
    publisher: Publisher,
    checked: Callable[..., None],
    expect: Callable[..., None],
    query: Query,
    days_over: int,
    expected: str,
    validated: tuple[str, str],
) -> None:
    publisher.load(MANY, fetched_at=NOW)
    checked(0)
    expect(lag_days=(datetime.now(UTC).date() - date(2020, 1, 1)).days - days_over)
    assert query(f"select expected_period, newest_period from report.freshness {ENERGY}") == [  # noqa: S608
        (expected, "2019")
    ]
    assert query(FRESHNESS) == [validated]


def test_a_discontinued_source_is_complete_with_its_last_year(
    publisher: Publisher, checked: Callable[..., None], expect: Callable[..., None], query: Query
) -> None:
    publisher.load(MANY, fetched_at=NOW)
    checked(0)
    expect(last_period="2019")
    assert query(FRESHNESS) == [("fresh", "complete")]
    expect(last_period="2020")
    assert query(FRESHNESS) == [("stale", "period_missing")]


def test_a_source_not_requested_in_time_is_overdue(
    publisher: Publisher, checked: Callable[..., None], expect: Callable[..., None], query: Query
) -> None:
    publisher.load(MANY, fetched_at=NOW - timedelta(days=30))
    expect(last_period="2020")
    checked(4.1)
    assert query(FRESHNESS) == [("overdue", "not_requested")]
    checked(3.9)
    assert query(FRESHNESS) == [("stale", "period_missing")]


def test_a_change_without_a_load_is_overdue_after_two_days(
    loaded: Callable[[float], None],
    checked: Callable[..., None],
    expect: Callable[..., None],
    query: Query,
    warehouse: Engine,
) -> None:
    loaded(10)
    expect(last_period="2019")
    checked(9, "r1")
    checked(1.9, "r2")
    assert query(FRESHNESS) == [("fresh", "complete")]
    with warehouse.begin() as connection:
        connection.execute(text("update ops.source_check set changed_at = changed_at - interval '5 hours'"))
    assert query(FRESHNESS) == [("overdue", "not_loaded")]
    loaded(0)
    assert query(FRESHNESS) == [("fresh", "complete")]


def test_a_source_unchanged_for_too_long_is_stale(
    loaded: Callable[[float], None], checked: Callable[..., None], expect: Callable[..., None], query: Query
) -> None:
    checked(151, changed=True)
    checked(1)
    loaded(150)
    expect(last_period="2019", changed_within_days=152)
    assert query(FRESHNESS) == [("fresh", "complete")]
    expect(last_period="2019", changed_within_days=150)
    assert query(FRESHNESS) == [("stale", "not_changed")]


def test_counts_places_in_the_newest_year_and_at_most(publisher: Publisher, query: Query) -> None:
    publisher.load(MANY, year=2018)
    publisher.load({"RUS": 50000, "CHN": 30000}, year=2019)
    assert query(
        f"select newest_period, places_with_newest, most_places from report.freshness {ENERGY}"  # noqa: S608
    ) == [("2019", 2, len(MANY))]


def test_an_earlier_check_recorded_later_changes_nothing(checked: Callable[..., None], query: Query) -> None:
    checked(1, "r2")
    checked(2, "r1")
    assert query("select revision, changed_at from ops.source_check") == [("r2", None)]


@pytest.mark.parametrize(
    ("schedule", "watched", "days"),
    [("0 0 1 1 *", False, 369), ("0 0 1 * *", False, 34), ("0 6 * * *", False, 4), ("0 0 1 1 *", True, 4)],
)
def test_the_days_between_requests_follow_schedule_and_watch(schedule: str, watched: bool, days: int) -> None:
    assert requested_within_days(schedule, watched) == days


SET_REVISION = "update ops.load set revision = 'r1'"
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
        # Transient errors are retried, as are failures from before the source served this revision.
        ({"error": "OperationalError: server closed the connection"}, 2019),
        ({"failed_at": NOW - timedelta(hours=60)}, 2019),
        # Failures of a backfill or of another source do not count.
        ({"run_id": "backfill__1990-01-01T00:00:00+00:00"}, 2019),
        ({"dag_id": "ingest_un_wup"}, 2019),
    ],
)
def test_does_not_retry_a_revision_that_cannot_be_read(
    publisher: Publisher,
    checked: Callable[..., None],
    warehouse: Engine,
    failure: dict[str, object],
    year: int | None,
) -> None:
    publisher.load(MANY)
    checked(10, "r1")
    checked(2, "r2")
    checked(1, "r2")
    with warehouse.begin() as connection:
        connection.execute(text(SET_REVISION))
        assert first_year_of_other_revision(connection, SOURCE.id, "r2") == 2019
        connection.execute(text(FAILED), {**UNREADABLE, **failure})
        assert first_year_of_other_revision(connection, SOURCE.id, "r2") == year
        # The publisher has corrected it.
        assert first_year_of_other_revision(connection, SOURCE.id, "r3") == 2019


def test_does_not_retry_a_first_revision_that_cannot_be_read(
    publisher: Publisher, checked: Callable[..., None], warehouse: Engine
) -> None:
    publisher.load(MANY)
    checked(2, "r2")
    with warehouse.begin() as connection:
        connection.execute(text(SET_REVISION))
        assert first_year_of_other_revision(connection, SOURCE.id, "r2") == 2019
        connection.execute(text(FAILED), UNREADABLE)
        assert first_year_of_other_revision(connection, SOURCE.id, "r2") is None


def test_alerts_once_for_a_reason_that_another_hides_for_a_while(
    publisher: Publisher, checked: Callable[..., None], expect: Callable[..., None], warehouse: Engine
) -> None:
    def alerted() -> list[str]:
        with warehouse.begin() as connection:
            return [each.reason for each in newly_overdue(connection, NOW) if each.indicator == "ENERGY_PC"]

    publisher.load(MANY, fetched_at=NOW - timedelta(days=30))
    expect(last_period="2020")
    checked(3)
    assert alerted() == ["period_missing"]
    expect(last_period="2020", requested_within_days=2)
    assert alerted() == ["not_requested"]
    expect(last_period="2020")
    assert alerted() == []
    expect(last_period="2019")
    assert alerted() == []
    expect(last_period="2020")
    assert alerted() == ["period_missing"]


def test_a_researcher_reads_the_view(warehouse_url: URL) -> None:
    with create_engine(warehouse_url.set(username="researcher")).connect() as connection:
        assert connection.execute(text("select count(*) from report.freshness")).scalar_one() > 50


def test_the_page_shows_overdue_sources(
    publisher: Publisher,
    checked: Callable[..., None],
    expect: Callable[..., None],
    warehouse: Engine,
    warehouse_url: URL,
    tmp_path: Path,
) -> None:
    client = TestClient(pages(warehouse_url, tmp_path), headers=USER)
    publisher.load(MANY, fetched_at=NOW)
    checked(0)
    expect(last_period="2020")
    others = "delete from catalog.expectation where source <> 'owid_grapher' or indicator <> 'ENERGY_PC'"
    with warehouse.begin() as connection:
        connection.execute(text(others))
    texts: dict[str, Any] = {
        "en": ("stale", "the expected year is missing", "ENERGY_PC: expected 2020, latest 2019"),
        "ru": ("источник запаздывает", "нет данных за ожидаемый год", "ENERGY_PC: ожидается 2020, есть 2019"),
        "zh": ("数据源未更新", "缺少应有年份的数据", "ENERGY_PC: 应有年份2020，最新年份2019"),
    }
    for language, (state, reason, periods) in texts.items():
        page = client.get("/quality", params={"language": language}).text
        assert f"<b>{state}</b>, {reason}" in page
        assert periods in page
    stopped = TestClient(pages(warehouse_url, tmp_path, paused={SOURCE.dag_id}), headers=USER)
    for path in ("/quality", "/overview"):
        overdue, _, rest = stopped.get(path).text.partition("DAG is paused")
        assert "No source of an active DAG is overdue." in overdue
        assert "the expected year is missing" not in overdue
        assert f'href="../dags/{SOURCE.dag_id}"' in rest
    expect(last_period="2019")
    assert "All sources are up to date." in client.get("/quality").text
    assert "DAG is paused" not in stopped.get("/quality").text


def test_a_rating_shows_its_overdue_sources(
    publisher: Publisher,
    warehouse: Engine,
    warehouse_url: URL,
    tmp_path: Path,
    checked: Callable[..., None],
    expect: Callable[..., None],
    query: Query,
) -> None:
    publisher.load(MANY, fetched_at=NOW)
    checked(0)
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
        # One indicator is not enough for a rank, and the page shows only years with ranks.
        connection.exec_driver_sql(
            "update report.rating set status = 'ranked', rank = 1, reason_code = null "
            "where ref_area = 'moscow'"
        )
    ui = TestClient(pages(warehouse_url, tmp_path))
    assert "Our World in Data" not in ui.get("/ratings", headers=USER).text

    expect(last_period="2020")
    assert query(used) == [("climate_first", "2019", observations, "stale", "period_missing", "2019")]
    for language, words in (
        ("en", ("Overdue sources of this rating", "Primary energy")),
        ("ru", ("Источники этого рейтинга, не обновлённые в срок",)),
        ("zh", ("本评价的逾期数据源",)),
    ):
        page = ui.get("/ratings", params={"language": language}, headers=USER).text
        for word in (*words, "Our World in Data"):
            assert word in page
    stopped = TestClient(pages(warehouse_url, tmp_path, paused={SOURCE.dag_id}), headers=USER)
    page = stopped.get("/ratings").text
    assert "Overdue sources of this rating" not in page
    assert f'href="../dags/{SOURCE.dag_id}">Our World in Data' in page.partition("the DAG is paused")[2]
