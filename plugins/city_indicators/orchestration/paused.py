"""Which DAGs are paused. Only the API server may call this: tasks do not read Airflow's database."""

from airflow.models.dag import DagModel
from airflow.utils.session import create_session
from sqlalchemy import select


def paused_dags() -> frozenset[str]:
    """The ids of the paused DAGs, from Airflow's metadata database."""
    with create_session() as session:
        return frozenset(session.scalars(select(DagModel.dag_id).where(DagModel.is_paused)))
