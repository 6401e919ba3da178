"""A load that the gate refused: the run waits until a steward decides."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import Engine, text

from city_indicators.core.errors import GateRefusedError
from tests.dag_bag import dag_bag
from tests.dags.conftest import Outcome, answers
from tests.queries import rows

if TYPE_CHECKING:
    from airflow.models.taskinstance import TaskInstance
    from sqlalchemy.orm import Session

RunDag = Callable[..., Outcome]

END_OF_2019 = datetime(2020, 1, 1, tzinfo=UTC)
# Ten observations that the source never had: it seems to withdraw 10 of 58.
TEN_MORE = """
with
country as (select ref_area from catalog.country order by ref_area limit 10),

version as (
    insert into core.observation_version
    select country.ref_area, indicator, time_period, source, version, freq, obs_value, unit_measure,
        obs_status, geo_basis, withdrawn, load_id, fetch_id, pointer, known_from, value_as_published,
        unit_as_published
    from (select * from core.observation_version limit 1) as observation
    cross join country
    returning *
),

block as (
    update core.observation_block set digest = null, observations = observations + 10
    where (source, indicator, time_period) in (select source, indicator, time_period from version)
    returning *
)

insert into core.observation_state
select block_id, ref_area, version, obs_value, unit_measure, obs_status, geo_basis, version.load_id, fetch_id
from version inner join block using (source, indicator, time_period)
"""
REASON = "The publisher merged ten districts; checked against its yearbook."


@pytest.fixture
def refused(run_dag: RunDag, warehouse: Engine) -> RunDag:
    """Runs of a source whose next load the gate refuses."""
    run_dag("ingest_un_wup", END_OF_2019)
    with warehouse.begin() as connection:
        connection.execute(text(TEN_MORE))
    return lambda steward: run_dag("ingest_un_wup", END_OF_2019, steward, reload=True)


def test_a_refused_load_is_published_once_a_steward_accepts_it_with_a_reason(
    refused: RunDag, warehouse: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    outcome = refused(answers("Accept", REASON))
    assert outcome.state == "success"
    # Why the task waited.
    assert isinstance(outcome.error, GateRefusedError)
    ((load_id, state, refusals, withdrawn),) = rows(
        warehouse, "select load_id, state, refusals, withdrawn from ops.load where refusals <> '{}'"
    )
    assert (state, withdrawn) == ("published", 10)
    assert "10 of 58 stored observations" in str(refusals)
    ((accepted, by, reason, at),) = rows(warehouse, "select * from ops.load_override")
    assert (accepted, by, reason) == (load_id, "anna", REASON)
    assert isinstance(at, datetime)
    assert "ingest_un_wup: publish waits for a decision, 2019-01-01 to 2020-01-01" in caplog.text
    assert "publish failed" not in caplog.text


def test_only_a_steward_may_answer(
    refused: RunDag, warehouse: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Boris may run the DAG, but is no steward: the API refuses his answer, and the run goes on waiting."""
    from airflow.api_fastapi.app import init_auth_manager

    monkeypatch.setenv("AIRFLOW_VAR_DATA_STEWARDS", "olga, anna")
    # The local stack treats everybody as an administrator; a server with users does not.
    monkeypatch.setenv("AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS", "False")
    init_auth_manager()
    results: list[object] = []

    def boris_then_anna(ti: "TaskInstance", session: "Session") -> None:
        try:
            answers("Accept", REASON, user="boris")(ti, session)
        except Exception as refusal:
            results.append(getattr(refusal, "status_code", refusal))
            answers("Accept", REASON, user="anna")(ti, session)

    assert refused(boris_then_anna).state == "success"
    assert results == [403]
    assert rows(warehouse, "select accepted_by, reason from ops.load_override") == [("anna", REASON)]


def test_without_declared_stewards_whoever_may_run_the_dag_may_answer(
    refused: RunDag, warehouse: Engine
) -> None:
    assert refused(answers("Accept", REASON, user="boris")).state == "success"
    assert rows(warehouse, "select accepted_by from ops.load_override") == [("boris",)]


def test_a_refusal_fails_the_run_and_publishes_nothing(
    refused: RunDag, warehouse: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    outcome = refused(answers("Refuse", "Check with the publisher first."))
    assert outcome.state == "failed"
    assert rows(warehouse, "select state from ops.load order by load_id") == [("published",), ("refused",)]
    assert rows(warehouse, "select * from ops.load_override") == []
    assert "ingest_un_wup: publish failed (GateRefusedError)" in caplog.text
    assert "anna refused it: Check with the publisher first." in caplog.text
    text_shown, defaults, params = _decision()
    assert "10 of 58 stored observations" in text_shown
    assert "48 rows read, 48 accepted, 0 rejected" in text_shown
    assert defaults == ["Refuse"]
    assert {name: param["schema"]["type"] for name, param in params.items()} == {
        "reason": "string",
        "load": "integer",
    }


def _decision() -> tuple[str, list[str], dict[str, Any]]:
    from airflow.models.hitl import HITLDetail
    from airflow.utils.session import create_session
    from sqlalchemy import select

    with create_session() as session:
        latest = session.scalars(select(HITLDetail).order_by(HITLDetail.created_at.desc())).first()
        assert latest is not None
        return str(latest.body), list(latest.defaults or []), dict(latest.params)


def test_the_decision_needs_no_task_of_its_own_and_times_out(metadata: None) -> None:
    from city_indicators.orchestration.gate import TIME_TO_ANSWER

    dag = dag_bag().dags["ingest_un_wup"]
    assert [task.task_id for task in dag.topological_sort()] == ["fetch", "validate", "publish"]
    publish = dag.get_task("publish")
    assert publish.response_timeout == TIME_TO_ANSWER
    assert [asset.name for asset in publish.outlets] == ["observations_un_wup"]
    assert all(task.on_failure_callback for task in dag.tasks)
