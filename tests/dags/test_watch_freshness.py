"""Overdue sources in a real Airflow: told once a freshness_alert."""

import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, text

from city_indicators.orchestration import notify
from tests.dags.conftest import MockServer, Outcome
from tests.dags.test_ingest_runs import END_OF_2019
from tests.queries import rows

RunDag = Callable[..., Outcome]

EIGHT = datetime(2026, 3, 1, 8, tzinfo=UTC)
LONG_AGO = "update ops.source_check set checked_at = checked_at - interval '5 days'"
FETCHED_LONG_AGO = "update archive.fetch_event set fetched_at = fetched_at - interval '5 days'"


@pytest.fixture
def of_one_source(warehouse: Engine) -> None:
    """Nothing is expected but what the edition of un_wup has of 2019."""
    with warehouse.begin() as connection:
        connection.execute(text("delete from catalog.expectation where source <> 'un_wup'"))
        connection.execute(text("update catalog.expectation set lag_days = null, last_period = '2019'"))


def change(warehouse: Engine, *statements: str) -> None:
    with warehouse.begin() as connection:
        for each in statements:
            connection.execute(text(each))


@pytest.fixture
def told(run_dag: RunDag, caplog: pytest.LogCaptureFixture) -> Callable[[], list[str]]:
    """Run the watch one day later than before; the messages that it sent."""
    days = iter(range(100))

    def watch() -> list[str]:
        caplog.clear()
        assert run_dag("watch_freshness", EIGHT + timedelta(days=next(days))).state == "success"
        return [
            record.getMessage()
            for record in caplog.records
            if record.getMessage().startswith("watch_freshness:")
        ]

    return watch


FRESHNESS = "select freshness, freshness_reason, expected_period, newest_period from report.freshness"


@pytest.mark.usefixtures("of_one_source")
def test_a_lateness_is_told_once_and_anew_when_it_comes_back(
    run_dag: RunDag, warehouse: Engine, told: Callable[[], list[str]]
) -> None:
    run_dag("ingest_un_wup", END_OF_2019)
    assert rows(warehouse, FRESHNESS) == [("fresh", "complete", "2019", "2019")]
    assert told() == []
    change(warehouse, LONG_AGO, FETCHED_LONG_AGO)
    (message,) = told()
    assert message.startswith("watch_freshness: 1 source is overdue: un_wup\n")
    assert "fault: not_requested: the source was not asked in time" in message
    assert "indicator: POP_AGGLO, expected 2019, seen 2019" in message
    assert "next step: see that watch_revisions and ingest_un_wup run" in message
    assert told() == []
    # The source is asked, has nothing new, and is fresh again without a load.
    run_dag("ingest_un_wup", END_OF_2019)
    assert rows(warehouse, "select count(*) from ops.load") == [(1,)]
    assert rows(warehouse, FRESHNESS) == [("fresh", "complete", "2019", "2019")]
    assert told() == []
    change(warehouse, LONG_AGO)
    assert len(told()) == 1
    assert told() == []


@pytest.mark.usefixtures("of_one_source")
def test_another_reason_is_told_too(
    run_dag: RunDag, warehouse: Engine, told: Callable[[], list[str]]
) -> None:
    (message,) = told()
    assert "fault: never_requested: " in message
    assert "asked: never seen, changed: never seen, loaded: never seen" in message
    run_dag("ingest_un_wup", END_OF_2019)
    change(warehouse, "update catalog.expectation set last_period = '2020'")
    (message,) = told()
    assert "fault: period_missing: the expected year is missing" in message
    assert "indicator: POP_AGGLO, expected 2020, seen 2019" in message
    assert told() == []


@pytest.mark.usefixtures("of_one_source")
def test_what_could_not_be_sent_was_not_told(
    run_dag: RunDag, warehouse: Engine, told: Callable[[], list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    nobody = '{"conn_type": "smtp", "host": "127.0.0.1", "port": 1, "extra": {"to": "ops@example.org"}}'
    with monkeypatch.context() as broken:
        broken.setenv(f"AIRFLOW_CONN_{notify.CONNECTION.upper()}", nobody)
        assert run_dag("watch_freshness", EIGHT - timedelta(days=1)).state == "failed"
    assert rows(warehouse, "select count(*) from ops.freshness_alert") == [(0,)]
    assert len(told()) == 1


CHECKS = "select source, revision, checked_at, changed_at from ops.source_check"


def test_a_source_that_tells_its_revision_changes_when_it_tells_another(
    run_dag: RunDag, warehouse: Engine
) -> None:
    run_dag("ingest_un_wup", END_OF_2019)
    ((source, revision, first, changed),) = rows(warehouse, CHECKS)
    assert (source, changed) == ("un_wup", first)
    assert str(revision).startswith("ETag:")
    run_dag("ingest_un_wup", END_OF_2019)
    # Another year for the first time: loaded, but the source is what it was.
    run_dag("ingest_un_wup", datetime(2019, 1, 1, tzinfo=UTC))
    ((_, same, later, changed_again),) = rows(warehouse, CHECKS)
    assert (same, changed_again) == (revision, first)
    assert later > first
    change(warehouse, "update ops.source_check set revision = 'ETag:\"another\"'")
    run_dag("ingest_un_wup", END_OF_2019)
    ((_, told_now, last, changed_last),) = rows(warehouse, CHECKS)
    assert (told_now, changed_last) == (revision, last)


def test_a_source_that_tells_no_revision_changes_when_it_gives_other_bytes(
    run_dag: RunDag, warehouse: Engine
) -> None:
    end_of_2023 = datetime(2024, 1, 1, tzinfo=UTC)
    run_dag("ingest_nasa_power", end_of_2023)
    ((_, revision, first, changed),) = rows(warehouse, CHECKS)
    assert (revision, changed) == (None, first)
    run_dag("ingest_nasa_power", end_of_2023)
    ((_, _, later, changed_again),) = rows(warehouse, CHECKS)
    assert changed_again == first
    assert later > first


def test_a_source_that_did_not_answer_was_not_asked(
    run_dag: RunDag, mock_server: MockServer, warehouse: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL)
    mock_server.fault("server_error", "un_wup", times=50)
    assert run_dag("ingest_un_wup", END_OF_2019).state == "failed"
    assert rows(warehouse, CHECKS) == []
