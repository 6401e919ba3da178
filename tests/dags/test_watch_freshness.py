"""`watch_freshness` in a real Airflow: one alert for each overdue source."""

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
    """Expect only the year 2019 of un_wup."""
    with warehouse.begin() as connection:
        connection.execute(text("delete from catalog.expectation where source <> 'un_wup'"))
        connection.execute(text("update catalog.expectation set lag_days = null, last_period = '2019'"))


def change(warehouse: Engine, *statements: str) -> None:
    with warehouse.begin() as connection:
        for each in statements:
            connection.execute(text(each))


@pytest.fixture
def alerts(run_dag: RunDag, caplog: pytest.LogCaptureFixture) -> Callable[[], list[str]]:
    """Run the watch, each time a day later; returns the messages it sent."""
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
def test_alerts_once_and_again_when_the_source_is_overdue_again(
    run_dag: RunDag, warehouse: Engine, alerts: Callable[[], list[str]]
) -> None:
    run_dag("ingest_un_wup", END_OF_2019)
    assert rows(warehouse, FRESHNESS) == [("fresh", "complete", "2019", "2019")]
    assert alerts() == []
    change(warehouse, LONG_AGO, FETCHED_LONG_AGO)
    (message,) = alerts()
    assert message.startswith("watch_freshness: 1 source is overdue: un_wup\n")
    assert "fault: not_requested: the source was not requested in time" in message
    assert "indicator: POP_AGGLO, expected 2019, latest 2019" in message
    assert "next step: check that watch_revisions and ingest_un_wup run" in message
    assert alerts() == []
    # The source is checked, has nothing new, and is fresh again without a load.
    run_dag("ingest_un_wup", END_OF_2019)
    assert rows(warehouse, "select count(*) from ops.load") == [(1,)]
    assert rows(warehouse, FRESHNESS) == [("fresh", "complete", "2019", "2019")]
    assert alerts() == []
    change(warehouse, LONG_AGO)
    assert len(alerts()) == 1
    assert alerts() == []


@pytest.mark.usefixtures("of_one_source")
def test_another_reason_sends_another_alert(
    run_dag: RunDag, warehouse: Engine, alerts: Callable[[], list[str]]
) -> None:
    (message,) = alerts()
    assert "fault: never_requested: " in message
    assert "checked: never, changed: never, loaded: never" in message
    run_dag("ingest_un_wup", END_OF_2019)
    change(warehouse, "update catalog.expectation set last_period = '2020'")
    (message,) = alerts()
    assert "fault: period_missing: the expected year is missing" in message
    assert "indicator: POP_AGGLO, expected 2020, latest 2019" in message
    assert alerts() == []


@pytest.mark.usefixtures("of_one_source")
def test_an_unsent_alert_is_sent_again(
    run_dag: RunDag, warehouse: Engine, alerts: Callable[[], list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    nobody = '{"conn_type": "smtp", "host": "127.0.0.1", "port": 1, "extra": {"to": "ops@example.org"}}'
    with monkeypatch.context() as broken:
        broken.setenv(f"AIRFLOW_CONN_{notify.CONNECTION.upper()}", nobody)
        assert run_dag("watch_freshness", EIGHT - timedelta(days=1)).state == "failed"
    assert rows(warehouse, "select count(*) from ops.freshness_alert") == [(0,)]
    assert len(alerts()) == 1


CHECKS = "select source, revision, checked_at, changed_at from ops.source_check"


def test_a_source_with_a_revision_changes_when_the_revision_does(run_dag: RunDag, warehouse: Engine) -> None:
    run_dag("ingest_un_wup", END_OF_2019)
    ((source, revision, first, changed),) = rows(warehouse, CHECKS)
    assert (source, changed) == ("un_wup", first)
    assert str(revision).startswith("ETag:")
    run_dag("ingest_un_wup", END_OF_2019)
    # Another year is loaded for the first time, but the source did not change.
    run_dag("ingest_un_wup", datetime(2019, 1, 1, tzinfo=UTC))
    ((_, same, later, changed_again),) = rows(warehouse, CHECKS)
    assert (same, changed_again) == (revision, first)
    assert later > first
    change(warehouse, "update ops.source_check set revision = 'ETag:\"another\"'")
    run_dag("ingest_un_wup", END_OF_2019)
    ((_, current_revision, last, changed_last),) = rows(warehouse, CHECKS)
    assert (current_revision, changed_last) == (revision, last)


def test_a_source_without_a_revision_changes_when_its_content_does(
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


def test_a_source_that_did_not_answer_was_not_checked(
    run_dag: RunDag, mock_server: MockServer, warehouse: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL)
    mock_server.fault("server_error", "un_wup", times=50)
    assert run_dag("ingest_un_wup", END_OF_2019).state == "failed"
    assert rows(warehouse, CHECKS) == []
