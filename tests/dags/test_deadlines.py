"""Deadline alerts for unfinished runs, as the scheduler and the triggerer handle them."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from tests.conftest import SETTINGS
from tests.dag_bag import dag_bag

DAG = "ingest_un_wup"


@pytest.fixture(scope="module")
def ingestions(metadata: None) -> Any:
    """The DAGs parsed again: dag.test() removed the deadlines of those in this process."""
    from airflow.dag_processing.bundles.manager import DagBundlesManager
    from airflow.dag_processing.dagbag import DagBag, sync_bag_to_db
    from airflow.models.serialized_dag import SerializedDagModel
    from airflow.serialization.serialized_objects import LazyDeserializedDAG

    bag = DagBag(str(SETTINGS.dags / "ingest.py"))
    DagBundlesManager().sync_bundles_to_db()
    sync_bag_to_db(bag, "dags-folder", None)
    # It keeps what another test wrote less than half a minute ago.
    SerializedDagModel.write_dag(LazyDeserializedDAG.from_dag(bag.dags[DAG]), "dags-folder")
    return bag.dags


@pytest.fixture
def session(ingestions: Any) -> Iterator[Any]:
    """Airflow's database with the DAGs; changes of a test are rolled back."""
    from airflow.utils.session import create_session

    with create_session() as session:
        yield session
        session.rollback()


def queued(session: Any, run_type: str) -> Any:
    """A run, created as the scheduler does."""
    from airflow.models.serialized_dag import SerializedDagModel
    from airflow.utils.state import DagRunState
    from airflow.utils.types import DagRunTriggeredByType, DagRunType

    # No other test has a run of this date.
    at = datetime(2001, 2, 3, tzinfo=UTC)
    run = SerializedDagModel.get_dag(DAG, session=session).create_dagrun(
        run_id=f"deadline_{run_type}",
        logical_date=at,
        data_interval=(at, at),
        run_after=at,
        run_type=DagRunType(run_type),
        triggered_by=DagRunTriggeredByType.TEST,
        state=DagRunState.QUEUED,
        session=session,
    )
    session.flush()
    return run


def missed(session: Any, run: Any) -> list[str]:
    """The states of the callback in the triggerer after the scheduler found the deadline missed."""
    from airflow.models.deadline import Deadline
    from airflow.triggers.callback import CallbackTrigger

    deadline = session.scalars(select(Deadline).where(Deadline.dagrun_id == run.id)).one()
    deadline.handle_miss(session)
    data = deadline.callback.data
    trigger = CallbackTrigger(data["path"], dict(data["kwargs"]))

    async def states() -> list[str]:
        return [str(event.payload["state"]) async for event in trigger.run()]

    return asyncio.run(states())


def test_a_run_must_end_within_26_hours(session: Any) -> None:
    from airflow.models.deadline import Deadline

    run = queued(session, "scheduled")
    deadline = session.scalars(select(Deadline).where(Deadline.dagrun_id == run.id)).one()
    assert deadline.deadline_time - run.queued_at == timedelta(hours=26)


def test_a_failed_run_can_be_cleared_and_keeps_its_deadline(session: Any) -> None:
    from airflow.models.deadline import Deadline
    from airflow.models.taskinstance import clear_task_instances
    from airflow.utils.state import DagRunState, TaskInstanceState

    run = queued(session, "manual")
    run.state = DagRunState.FAILED
    for ti in run.task_instances:
        ti.state = TaskInstanceState.FAILED
    session.flush()
    deadline = session.scalars(select(Deadline).where(Deadline.dagrun_id == run.id)).one()
    before = deadline.deadline_time
    clear_task_instances(run.task_instances, session)
    assert run.state == DagRunState.QUEUED
    assert deadline.deadline_time == before


@pytest.mark.parametrize(
    ("state", "run_type", "messages"),
    [
        ("running", "scheduled", 1),
        ("queued", "manual", 1),
        ("queued", "backfill", 0),
        ("failed", "scheduled", 0),
    ],
)
def test_alerts_unfinished_runs_but_not_failed_ones_or_backfills(
    session: Any, caplog: pytest.LogCaptureFixture, state: str, run_type: str, messages: int
) -> None:
    run = queued(session, run_type)
    run.state = state
    session.flush()
    assert missed(session, run) == ["running", "success"]
    alerts = [m for m in (record.getMessage() for record in caplog.records) if "after 26 hours" in m]
    assert len(alerts) == messages
    for message in alerts:
        assert message.startswith(f"{DAG}: still {state} after 26 hours\nrun: http")
        assert f"/dags/{DAG}/runs/deadline_{run_type}\n" in message


def test_scheduled_dags_have_a_deadline_and_manual_ones_none() -> None:
    ingestions = {source.dag_id for source in SETTINGS.sources()}
    # A run of the inbox waits for files; a manual run is watched by the person who triggered it.
    waiting = ("ContinuousTimetable", "NullTimetable")
    hours, expected = {}, {}
    for dag_id, dag in dag_bag().dags.items():
        hours[dag_id] = dag.deadline[0].interval / timedelta(hours=1) if dag.deadline else 0
        waits = type(dag.timetable).__name__ in waiting
        expected[dag_id] = 26 if dag_id in ingestions else 0 if waits else 3
    assert hours == expected
    assert set(expected.values()) == {26, 3, 0}


def test_a_deadline_makes_no_new_version_of_the_dag(ingestions: Any, session: Any) -> None:
    from airflow.models.dag_version import DagVersion
    from airflow.models.serialized_dag import SerializedDagModel
    from airflow.serialization.serialized_objects import LazyDeserializedDAG

    versions = select(DagVersion.id).where(DagVersion.dag_id == DAG)
    before = session.scalars(versions).all()
    SerializedDagModel.write_dag(
        LazyDeserializedDAG.from_dag(ingestions[DAG]), "dags-folder", session=session
    )
    session.flush()
    assert session.scalars(versions).all() == before
