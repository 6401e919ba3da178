"""What is done with the failure of a task: it is told at once, and kept for the daily digest."""

import logging
from collections.abc import Callable
from typing import Final

from airflow.sdk import Context

from city_indicators.orchestration.clock import now
from city_indicators.orchestration.notify import on_failure

LONGEST_ERROR: Final = 500

log = logging.getLogger(__name__)


def told_and_kept(source_id: str | None = None) -> list[Callable[[Context], None]]:
    """The callbacks of a task that failed after its last try; with the source that it is about."""
    return [on_failure(source_id), keep_failure]


def keep_failure(context: Context) -> None:
    """Keep the failure in the warehouse: tasks may not ask Airflow's own database. Never fails itself."""
    try:
        _keep(context)
    except Exception:
        log.exception("The failure of %s is not in the daily digest", context["ti"].task_id)


def _keep(context: Context) -> None:
    from city_indicators.orchestration.connections import warehouse_url
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
