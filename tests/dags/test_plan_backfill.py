"""`plan_backfill` in a real Airflow, which starts the backfill through a real API server."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import Engine, delete, select

from city_indicators.core.errors import BackfillError
from city_indicators.orchestration.rest import AirflowApi
from standalone.credentials import Credentials
from tests.conftest import PORTS, SETTINGS
from tests.dag_bag import dag_bag
from tests.dags.conftest import MockServer, Outcome, run_out_of_time
from tests.dags.test_ingest_runs import END_OF_2019
from tests.dags.test_watch_revisions import pause
from tests.queries import rows

INGESTED = "ingest_un_wup"
FORM = {"source": "un_wup", "from": "2016-01-01", "to": "2018-12-31"}
PATIENCE_SECONDS = 120.0
PLANS = """
    select source, interval_start, interval_end, reprocess, dry_run, most_requests, most_seconds, runs_at_once
    from ops.backfill_plan order by backfill_plan_id
"""
INTERVALS = """
    select extract(year from interval_start)::integer, action, load_ids, fetched_at, observations, requests
    from ops.backfill_plan_interval order by backfill_plan_id, interval_start
"""
REPLAYS = "select load_id, accepted_rows, added, unchanged, refusals from ops.backfill_plan_replay"


@pytest.fixture(scope="module")
def api(metadata: None) -> Iterator[AirflowApi]:
    """The API of a server for these tests, as the administrator."""
    command = ["-m", "airflow", "api-server", "--apps", "core", "--workers", "1"]
    with (SETTINGS.home / "api-server.log").open("w") as log:
        server = subprocess.Popen(
            [sys.executable, *command, "--host", "127.0.0.1", "--port", str(PORTS.ui)],
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        admin = Credentials.load_or_make(SETTINGS.secrets).passwords["admin"]
        found = AirflowApi(PORTS.ui_url, "admin", admin)
        try:
            patience = time.monotonic() + PATIENCE_SECONDS
            while not found.answers():
                assert server.poll() is None
                assert time.monotonic() < patience
                time.sleep(0.2)
            found.sign_in()
            yield found
        finally:
            server.terminate()
            server.wait()


@pytest.fixture
def trigger(
    api: AirflowApi, run_dag: Callable[..., Outcome], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., Outcome]]:
    """Run `plan_backfill` with a form; Airflow knows the ingestion, and it is not paused."""
    run_dag(INGESTED, END_OF_2019)
    pause(INGESTED, False)
    days = iter(range(1, 28))

    def run(**form: object) -> Outcome:
        complete = {"reprocess": "failed", "dry_run": True, **FORM, **form}
        day = datetime(2026, 1, next(days), tzinfo=UTC)
        return run_dag("plan_backfill", day, run_out_of_time, **complete)

    yield run
    forget()


def forget() -> None:
    """Delete the backfills and their runs from Airflow's database."""
    from airflow.models.backfill import Backfill, BackfillDagRun
    from airflow.models.dagrun import DagRun
    from airflow.utils.session import create_session

    with create_session() as session:
        session.execute(delete(BackfillDagRun))
        session.execute(delete(DagRun).where(DagRun.backfill_id.is_not(None)))
        session.execute(delete(Backfill))
        session.execute(delete(DagRun).where(DagRun.dag_id.in_([INGESTED, "plan_backfill"])))


def backfills() -> list[tuple[int, date, date, int]]:
    from airflow.models.backfill import Backfill
    from airflow.utils.session import create_session

    with create_session() as session:
        found = session.scalars(select(Backfill).order_by(Backfill.id)).all()
        return [(each.id, each.from_date.date(), each.to_date.date(), each.max_active_runs) for each in found]


def runs() -> list[tuple[date, str]]:
    """The first day and the state of each run of a backfill."""
    from airflow.models.dagrun import DagRun
    from airflow.utils.session import create_session

    with create_session() as session:
        found = session.scalars(
            select(DagRun).where(DagRun.backfill_id.is_not(None)).order_by(DagRun.logical_date)
        )
        return [(run.data_interval_start.date(), str(run.state)) for run in found]


def test_a_dry_run_stores_the_plan_and_starts_nothing(
    trigger: Callable[..., Outcome], mock_server: MockServer, warehouse: Engine
) -> None:
    loads = rows(warehouse, "select load_id, state, published_at from ops.load order by 1")
    requested = mock_server.requests()
    assert trigger(**{"from": "2018-01-01", "to": "2020-01-01"}).state == "success"
    days = (date(2018, 1, 1), date(2021, 1, 1))
    assert rows(warehouse, PLANS) == [("un_wup", *days, "failed", True, 6, None, 1)]
    # 48 cities; one request for the revision, and one for the workbook.
    ((load_id, fetched_at),) = rows(
        warehouse,
        "select load_id, heard_at from ops.load_fetch join archive.fetch_event using (fetch_id)",
    )
    assert rows(warehouse, INTERVALS) == [
        (2018, "fetch", [], None, 0, 2),
        (2019, "nothing", [load_id], fetched_at, 48, 2),
        (2020, "fetch", [], None, 0, 2),
    ]
    # Nothing has changed since the load of 2019.
    assert rows(warehouse, REPLAYS) == []
    assert backfills() == []
    assert mock_server.requests() == requested
    assert rows(warehouse, "select load_id, state, published_at from ops.load order by 1") == loads


def test_without_dry_run_airflow_creates_the_planned_runs(trigger: Callable[..., Outcome]) -> None:
    outcome = trigger(dry_run=False)
    assert (outcome.state, outcome.errors) == ("success", [])
    ((_, first, last, at_once),) = backfills()
    assert (first, last, at_once) == (date(2016, 1, 1), date(2018, 1, 1), 1)
    assert runs() == [(date(year, 1, 1), "queued") for year in (2016, 2017, 2018)]


def test_a_retry_finds_the_backfill_it_started(
    trigger: Callable[..., Outcome], monkeypatch: pytest.MonkeyPatch
) -> None:
    begin = AirflowApi.backfill

    def lost(*args: Any) -> None:
        begin(*args)

    monkeypatch.setattr(AirflowApi, "backfill", lost)
    assert trigger(dry_run=False).state == "success"
    assert len(backfills()) == 1


def test_no_backfill_starts_while_another_is_open(trigger: Callable[..., Outcome], api: AirflowApi) -> None:
    trigger(dry_run=False)
    ((begun, *_),) = backfills()
    # Another form for the same dates may treat past runs differently.
    refused = trigger(dry_run=False, reprocess="completed")
    assert refused.state == "failed"
    assert isinstance(refused.error, BackfillError)
    expected = f"backfill {begun}, 2016-01-01 to 2018-01-01, of {INGESTED}"
    assert f"{expected} is running" in str(refused.error)
    api._call("PUT", f"/api/v2/backfills/{begun}/pause")
    assert f"{expected} is paused" in str(trigger(dry_run=False).error)
    assert len(backfills()) == 1


@pytest.mark.parametrize(
    ("first", "reprocess"), [("2015-01-01", "failed"), ("2016-01-01", "completed")], ids=["days", "past runs"]
)
def test_a_backfill_of_another_form_is_not_taken_for_its_own(
    trigger: Callable[..., Outcome],
    api: AirflowApi,
    monkeypatch: pytest.MonkeyPatch,
    first: str,
    reprocess: str,
) -> None:
    task = dag_bag().dags["plan_backfill"].get_task("plan")
    plan = task.python_callable

    def slow(params: dict[str, Any]) -> dict[str, Any]:
        api.backfill(INGESTED, first, "2018-01-01", 1, reprocess)
        return plan(params)

    monkeypatch.setattr(task, "python_callable", slow)
    refused = trigger(dry_run=False)
    ((begun, *_),) = backfills()
    assert (refused.state, type(refused.error)) == ("failed", BackfillError)
    assert f"backfill {begun}, {first} to 2018-01-01, of {INGESTED} is running" in str(refused.error)


def test_a_cancelled_backfill_can_be_started_again(trigger: Callable[..., Outcome], api: AirflowApi) -> None:
    trigger(dry_run=False)
    ((cancelled, *_),) = backfills()
    api._call("PUT", f"/api/v2/backfills/{cancelled}/cancel")
    assert runs() == [(date(year, 1, 1), "failed") for year in (2016, 2017, 2018)]
    assert trigger(dry_run=False).state == "success"
    assert len(backfills()) == 2
    # It reuses the runs of the cancelled one; none was created twice.
    assert runs() == [(date(year, 1, 1), "queued") for year in (2016, 2017, 2018)]


def test_an_interval_with_a_run_is_skipped(trigger: Callable[..., Outcome]) -> None:
    from airflow.sdk.exceptions import AirflowSkipException

    # The first run of the ingestion has the logical date 2020-01-01.
    only = {"from": "2020-01-01", "to": "2020-12-31"}
    left = trigger(**only, dry_run=False, reprocess="none")
    assert isinstance(left.error, AirflowSkipException)
    assert "has a run" in str(left.error)
    assert backfills() == []


def test_a_paused_ingestion_is_not_backfilled(trigger: Callable[..., Outcome]) -> None:
    pause(INGESTED, True)
    refused = trigger(dry_run=False)
    assert (refused.state, backfills()) == ("failed", [])
    assert "ingest_un_wup is paused. Next step: unpause it" in str(refused.error)


def test_a_missing_connection_is_reported(
    trigger: Callable[..., Outcome], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AIRFLOW_CONN_AIRFLOW_API")
    refused = trigger(dry_run=False)
    assert refused.state == "failed"
    assert "there is no Airflow connection 'airflow_api'" in str(refused.error)


def test_planned_intervals_equal_those_of_airflow(trigger: Callable[..., Outcome], api: AirflowApi) -> None:
    from city_indicators.catalog import load_sources
    from city_indicators.ingest.backfill.plan import intervals

    source = load_sources()["un_wup"]
    for first, last in (
        ("2016-01-01", "2018-01-01"),
        ("2016-01-02", "2018-12-31"),
        ("2023-05-01", "2035-01-01"),
    ):
        days = date.fromisoformat(first), date.fromisoformat(last)
        ours = intervals(source, *days, datetime.now(UTC))
        theirs = api.runs_to_backfill(INGESTED, first, last, "completed")
        assert [f"{each.start}T00:00:00Z" for each in ours] == theirs


def test_the_user_of_the_tasks_may_not_edit_connections(api: AirflowApi) -> None:
    from city_indicators.core.errors import ApiError
    from city_indicators.orchestration.connections import airflow_api

    with pytest.raises(ApiError, match="403"):
        airflow_api()._call("GET", "/api/v2/connections")


def notes(api: AirflowApi, dag_id: str) -> list[str | None]:
    """The notes of the runs of a DAG, the latest first."""
    found = api._call("GET", f"/api/v2/dags/{dag_id}/dagRuns", params={"order_by": "-id"})["dag_runs"]
    return [run["note"] for run in found]


def test_plan_and_note_warn_if_every_run_will_be_skipped(
    trigger: Callable[..., Outcome], api: AirflowApi, warehouse: Engine
) -> None:
    stored = {"from": "2019-01-01", "to": "2019-12-31"}
    assert trigger(**stored, dry_run=False).state == "success"
    ((begun, *_),) = backfills()
    expected = "every run will be skipped unless the source has changed"
    assert [row[:2] for row in rows(warehouse, INTERVALS)] == [(2019, "nothing")]
    note = str(notes(api, "plan_backfill")[0])
    assert note.startswith(f"Backfill {begun} of {INGESTED}, 2019-01-01 to 2020-01-01")
    assert expected in note
    # Nothing of 2018 is stored.
    api._call("PUT", f"/api/v2/backfills/{begun}/cancel")
    assert trigger(**{**stored, "from": "2018-01-01"}, dry_run=False).state == "success"
    assert expected not in str(notes(api, "plan_backfill")[0])


def test_the_note_of_a_skipped_run_names_the_reason(
    trigger: Callable[..., Outcome], api: AirflowApi, run_dag: Callable[..., Outcome]
) -> None:
    ((loaded),) = notes(api, INGESTED)
    counts = (
        "48 rows read, 48 accepted, 0 rejected; 48 added, 0 revised, 0 withdrawn, 0 unchanged, 0 outdated"
    )
    assert f": {counts}. Warnings: first " in str(loaded)
    # The same interval once more.
    run_dag(INGESTED, END_OF_2019)
    (noted,) = notes(api, INGESTED)
    assert noted is not None
    assert noted.startswith("Skipped: source un_wup still serves the loaded revision")
    assert trigger().state == "success"
    assert str(notes(api, "plan_backfill")[0]).startswith("Skipped: dry run")
