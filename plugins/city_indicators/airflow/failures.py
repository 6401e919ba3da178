"""Keeps what failed for the daily digest: tasks may not ask Airflow's own database for it."""

import logging
from typing import Final

from airflow.sdk import Context

LONGEST_ERROR: Final = 500

log = logging.getLogger(__name__)


def keep_failure(context: Context) -> None:
    """A callback that keeps the failure of a task after its last try, and never fails itself."""
    try:
        _keep(context)
    except Exception:
        log.exception("The failure of %s is not in the daily digest", context["ti"].task_id)


def _keep(context: Context) -> None:
    from city_indicators.airflow.connections import warehouse_url
    from city_indicators.airflow.ingest_tasks import now
    from city_indicators.warehouse.database import engine, statement

    ti, error = context["ti"], context.get("exception") or "no error was told"
    name = "" if isinstance(error, str) else f"{type(error).__name__}: "
    failure = {
        "dag_id": ti.dag_id,
        "run_id": ti.run_id,
        "task_id": ti.task_id,
        "failed_at": now(),
        "error": f"{name}{' '.join(str(error).split())}"[:LONGEST_ERROR],
    }
    with engine(warehouse_url()).begin() as connection:
        connection.execute(statement("digest/insert_failure"), failure)
