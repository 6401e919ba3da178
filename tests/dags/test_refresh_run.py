"""Runs of refresh_reports: one task with few cities, several with many."""

from collections import Counter
from collections.abc import Callable

import pytest
from sqlalchemy import Engine

from city_indicators.reports import plan
from tests.dags.conftest import Outcome
from tests.dags.test_ingest_runs import END_OF_2019
from tests.queries import rows

RATINGS = "select count(distinct (rating, time_period)) from report.rating"


def tasks_of(run_id: str) -> list[tuple[str, str, str | None]]:
    """The tasks of a run: id, state, and the name of a mapped one in the grid."""
    from airflow.models.taskinstance import TaskInstance
    from airflow.utils.session import create_session
    from sqlalchemy import select

    columns = (TaskInstance.task_id, TaskInstance.state, TaskInstance.rendered_map_index)
    of_run = select(*columns).where(TaskInstance.run_id == run_id, TaskInstance.dag_id == "refresh_reports")
    with create_session() as session:
        return sorted((task_id, str(state), name) for task_id, state, name in session.execute(of_run))


def test_tasks_share_a_large_refresh_and_are_skipped_in_a_small_one(
    run_dag: Callable[..., Outcome], warehouse: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plan, "CITY_YEARS_IN_ONE_TASK", 0)
    assert run_dag("ingest_world_bank", END_OF_2019).state == "success"
    run = run_dag("refresh_reports", END_OF_2019, rebuild=False)
    assert run.state == "success"
    tasks = tasks_of(run.run_id)
    states = Counter((task_id, state) for task_id, state, _ in tasks)
    shares = states.pop(("rate", "success"))
    assert states == {("refresh", "success"): 1, ("replace", "success"): 1}
    ((rated,),) = rows(warehouse, RATINGS)
    names = [name for task_id, _, name in tasks if task_id == "rate"]
    assert (len(names), "climate_world, 2019 to 2019" in names) == (shares, True)
    assert 1 < shares <= rated
    assert rows(warehouse, "select loads, ratings, plan is not null from ops.report_refresh") == [
        (1, rated, True)
    ]
    again = run_dag("refresh_reports", END_OF_2019, rebuild=False)
    assert again.state == "success"
    assert [task[:2] for task in tasks_of(again.run_id)] == [
        ("rate", "skipped"),
        ("refresh", "success"),
        ("replace", "skipped"),
    ]
