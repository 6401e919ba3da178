"""Runs DAGs in a real Airflow in this process: dag.test(), a migrated metadata database, the mock server."""

import errno
import json
import logging
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from datetime import UTC, datetime
from functools import cache, partial, wraps
from inspect import isgeneratorfunction
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
import requests
import uvicorn
from sqlalchemy import URL

from demo.mock_sources.app import create_app
from standalone.postgres import Server
from tests.conftest import PORTS
from tests.dag_bag import dag_bag

if TYPE_CHECKING:
    from airflow.models.taskinstance import TaskInstance
    from sqlalchemy.orm import Session


@pytest.fixture(scope="session")
def metadata(server: Server) -> Iterator[None]:
    """Airflow's own database, migrated. It gets the DAGs once; dag.test() would store them for each run."""
    subprocess.run([sys.executable, "-m", "airflow", "db", "migrate"], check=True, capture_output=True)
    from airflow.dag_processing import dagbag

    with pytest.MonkeyPatch.context() as session:
        session.setattr(dagbag, "sync_bag_to_db", cache(dagbag.sync_bag_to_db))
        session.setattr(dagbag, "BundleDagBag", cache(dagbag.BundleDagBag))
        yield
    from airflow.settings import dispose_orm

    dispose_orm()


@pytest.fixture(scope="session")
def mock_server_url() -> Iterator[str]:
    """The mock server of the sources, as a real HTTP server."""
    config = uvicorn.Config(create_app(), host="127.0.0.1", port=PORTS.mock_server or 0, log_level="warning")
    running = uvicorn.Server(config)
    thread = threading.Thread(target=running.run, daemon=True)
    thread.start()
    while not running.started:
        thread.join(0.05)
        assert thread.is_alive(), "the mock server did not start: another session took its port"
    yield PORTS.mock_server_url
    running.should_exit = True
    thread.join()


class MockServer:
    """Controls the mock server: sets faults, lists the requests so far."""

    def __init__(self, url: str) -> None:
        self.url = url

    def fault(self, kind: str, path_contains: str = "", times: int = 1, **options: float) -> None:
        fault = {"kind": kind, "path_contains": path_contains, "times": times, **options}
        requests.post(f"{self.url}/_faults", json=fault, timeout=5).raise_for_status()

    def requests(self) -> list[str]:
        return [str(request) for request in requests.get(f"{self.url}/_requests", timeout=5).json()]


@pytest.fixture
def mock_server(mock_server_url: str) -> Iterator[MockServer]:
    yield MockServer(mock_server_url)
    requests.delete(f"{mock_server_url}/_faults", timeout=5).raise_for_status()


class Outcome:
    """A finished DAG run, and the errors of its tasks in order."""

    def __init__(self, state: str, errors: list[Exception], run_id: str) -> None:
        self.state = state
        self.errors = errors
        self.run_id = run_id

    @property
    def error(self) -> Exception:
        (error,) = self.errors
        return error


def connection_of(warehouse: URL) -> str:
    """A warehouse as an Airflow connection."""
    fields = {
        "conn_type": "postgres",
        "host": warehouse.query["host"],
        "login": warehouse.username,
        "schema": warehouse.database,
    }
    return json.dumps(fields)


@pytest.fixture
def surroundings(warehouse_url: URL, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A warehouse and an archive for this test, configured for the tasks."""
    monkeypatch.setenv("AIRFLOW_CONN_WAREHOUSE", connection_of(warehouse_url))
    monkeypatch.setenv("CITY_INDICATORS_ARCHIVE", (tmp_path / "archive").as_uri())


@pytest.fixture
def run_dag(
    metadata: None,
    mock_server: MockServer,
    surroundings: None,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> Callable[..., Outcome]:
    """Run a DAG for one logical date, on a warehouse and an archive of its own.

    Tasks are not retried, as a retry waits two minutes; requests are retried without pauses.
    """
    from city_indicators.ingest import fetch as fetching
    from city_indicators.orchestration import gate, source_client
    from city_indicators.sources import http

    monkeypatch.setenv("CITY_INDICATORS_DATA_DOCS", (tmp_path / "data_docs").as_uri())
    monkeypatch.setattr(source_client, "session", partial(http.session, retries=2, backoff_seconds=0.01))
    monkeypatch.setattr(fetching, "get", partial(http.get, timeout_seconds=(1.0, 1.0)))
    monkeypatch.setattr(fetching, "head", partial(http.head, timeout_seconds=(1.0, 1.0)))
    errors: list[Exception] = []
    monkeypatch.setattr(gate, "publish", _recording(gate.publish, errors))
    recorded: set[str] = set()

    def run(
        dag_id: str, logical_date: datetime, steward: Steward = run_out_of_time, **params: object
    ) -> Outcome:
        errors.clear()
        dag = dag_bag().dags[dag_id]
        # dag.test() of Airflow 3.3 mistakes a deadline for its id, and fails when the run succeeds.
        monkeypatch.setattr(dag, "deadline", None)
        for task in dag.tasks:
            monkeypatch.setattr(task, "retries", 0)
            if hasattr(task, "python_callable") and dag_id not in recorded:
                monkeypatch.setattr(task, "python_callable", _recording(task.python_callable, errors))
        recorded.add(dag_id)
        with _answering(steward), monkeypatch.context() as this_run:
            # A run writes its configuration into the params, which a scheduler would read again.
            for one in (dag, *dag.tasks):
                this_run.setattr(one, "params", deepcopy(one.params))
            finished = dag.test(logical_date=logical_date, run_conf=params)
        return Outcome(str(finished.state), list(errors), finished.run_id)

    return run


@pytest.fixture
def enforce_permissions(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make files unreadable that only their owner may read, also for root, who may run the tests."""
    opened = os.open

    def as_another(path: Any, flags: int, *args: Any, dir_fd: int | None = None) -> int:
        # Only files of the inbox are opened relative to their folder.
        if dir_fd is not None and not flags & os.O_CREAT:
            mode = os.stat(path, dir_fd=dir_fd, follow_symlinks=False).st_mode
            if not mode & 0o004:
                raise PermissionError(errno.EACCES, "Permission denied", path)
        return opened(path, flags, *args, dir_fd=dir_fd)

    monkeypatch.setattr(os, "open", as_another)


@pytest.fixture
def receive_forms(
    metadata: None, folder: Path, surroundings: None, monkeypatch: pytest.MonkeyPatch
) -> Callable[[], str]:
    """Run the DAG once on the `folder` of the test and a warehouse of its own; returns the run's state."""
    dag: Any = dag_bag().dags["receive_submissions"]
    monkeypatch.setattr(dag.get_task("wait"), "poll_seconds", 0.01)
    for task in dag.tasks:
        monkeypatch.setattr(task, "retries", 0)

    return lambda: str(dag.test().state)


@pytest.fixture
def file_of_events(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """Enable lineage for the tasks of this process, as the environment of a service does."""
    from airflow.listeners import listener as core
    from airflow.sdk import lineage as collector
    from airflow.sdk import plugins_manager
    from airflow.sdk.listener import get_listener_manager

    file = tmp_path / "events" / "openlineage.ndjson"
    file.parent.mkdir()
    transport = {"type": "file", "log_file_path": str(file), "append": True}
    monkeypatch.setenv("AIRFLOW__OPENLINEAGE__TRANSPORT", json.dumps(transport))
    monkeypatch.delenv("AIRFLOW__OPENLINEAGE__DISABLED", raising=False)

    from airflow.providers.openlineage.plugins.listener import get_openlineage_listener

    # The plugin read its configuration when it was imported, perhaps by an earlier test.
    listener = get_openlineage_listener()
    get_listener_manager().add_listener(listener)
    readers = [collector.HookLineageReader]
    monkeypatch.setattr(plugins_manager, "get_hook_lineage_readers_plugins", lambda: readers)
    collector.get_hook_lineage_collector.cache_clear()
    yield file
    for manager in (get_listener_manager(), core.get_listener_manager()):
        if manager.pm.is_registered(listener):
            manager.pm.unregister(listener)
    collector.get_hook_lineage_collector.cache_clear()


def reported(dag_id: str) -> str:
    """The XCom `report` of the latest run of a DAG."""
    from airflow.models.xcom import XComModel
    from airflow.utils.session import create_session
    from sqlalchemy import select

    reports = select(XComModel).where(XComModel.dag_id == dag_id, XComModel.key == "report")
    with create_session() as session:
        latest = session.scalars(reports.order_by(XComModel.dag_run_id.desc())).first()
        assert latest is not None
        return str(XComModel.deserialize_value(latest))


Steward = Callable[["TaskInstance", "Session"], None]
"""Answers a task that waits for input, in the metadata database."""


def run_out_of_time(ti: "TaskInstance", session: "Session") -> None:
    """Let the response timeout expire: the scheduler takes the default."""
    from airflow.jobs.scheduler_job_runner import SchedulerJobRunner

    ti.trigger_timeout = datetime(2000, 1, 1, tzinfo=UTC)
    session.flush()
    sweeper = SimpleNamespace(log=logging.getLogger("sweep"))
    SchedulerJobRunner.check_awaiting_input_timeouts(sweeper, session=session)


def answers(option: str, reason: str, user: str = "anna") -> Steward:
    """Answer as a user through the API of the web UI, with the form as it was shown."""

    def respond(ti: "TaskInstance", session: "Session") -> None:
        from airflow.api_fastapi.auth.managers.simple.user import SimpleAuthManagerUser
        from airflow.api_fastapi.core_api.datamodels.hitl import UpdateHITLDetailPayload
        from airflow.api_fastapi.core_api.routes.public.hitl import update_hitl_detail
        from airflow.models.hitl import HITLDetail

        request = session.get_one(HITLDetail, ti.id)
        form = {name: param["value"] for name, param in request.params.items()}
        given = {"reason": reason} if "reason" in form else {}
        answer = UpdateHITLDetailPayload(chosen_options=[option], params_input={**form, **given})
        person = SimpleAuthManagerUser(username=user, role="op")
        update_hitl_detail(ti.dag_id, ti.run_id, ti.task_id, answer, person, session)

    return respond


@contextmanager
def _answering(steward: Steward) -> Iterator[None]:
    """Answer every task that waits for input, while the run is active."""
    from airflow.models.taskinstance import TaskInstance
    from airflow.utils.session import create_session
    from airflow.utils.state import TaskInstanceState
    from sqlalchemy import select

    over = threading.Event()
    waiting = select(TaskInstance).where(TaskInstance.state == TaskInstanceState.AWAITING_INPUT)

    def watch() -> None:
        while not over.wait(0.2):
            with create_session() as session:
                for ti in session.scalars(waiting).all():
                    steward(ti, session)

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _recording(function: Callable[..., object], errors: list[Exception]) -> Callable[..., object]:
    @contextmanager
    def recording() -> Iterator[None]:
        try:
            yield
        except Exception as error:
            errors.append(error)
            raise

    @wraps(function)
    def generated(*args: object, **kwargs: object) -> object:
        with recording():
            return (yield from function(*args, **kwargs))

    @wraps(function)
    def returned(*args: object, **kwargs: object) -> object:
        with recording():
            return function(*args, **kwargs)

    # Airflow treats what a task yields as metadata of its assets.
    return generated if isgeneratorfunction(function) else returned
