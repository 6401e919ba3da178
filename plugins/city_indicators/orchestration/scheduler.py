"""What pages show of Airflow. Only the API server may call this: tasks do not read Airflow's database."""

from typing import Final

from airflow.models.dag import DagModel
from airflow.models.dagrun import DagRun
from airflow.models.hitl import HITLDetail
from airflow.models.taskinstance import TaskInstance
from airflow.utils.session import create_session
from airflow.utils.state import DagRunState
from sqlalchemy import select

from city_indicators.delivery.web.pages import Proposal, Scheduler

PUBLISH: Final = "publish_edition"
"""The DAG that proposes editions."""


def scheduler() -> Scheduler:
    """The paused DAGs and the proposed editions, from Airflow's metadata database."""
    waiting = (
        select(DagRun.run_id, DagRun.conf)
        .join(TaskInstance, (TaskInstance.dag_id == DagRun.dag_id) & (TaskInstance.run_id == DagRun.run_id))
        .join(HITLDetail, HITLDetail.ti_id == TaskInstance.id)
        .where(
            DagRun.dag_id == PUBLISH,
            DagRun.state == DagRunState.RUNNING,
            HITLDetail.responded_at.is_(None),
        )
        .order_by(HITLDetail.created_at)
    )
    with create_session() as session:
        paused = frozenset(session.scalars(select(DagModel.dag_id).where(DagModel.is_paused)))
        proposals = tuple(
            Proposal(form["rating"], form["title"], form.get("year"), PUBLISH, run_id)
            for run_id, form in session.execute(waiting)
        )
    return Scheduler(paused, proposals)
