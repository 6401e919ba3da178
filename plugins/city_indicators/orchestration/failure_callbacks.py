"""Failure callbacks: alert now, record for the daily digest."""

import logging
from collections.abc import Callable
from typing import Final

from airflow.sdk import Context

from city_indicators.orchestration.clock import now
from city_indicators.orchestration.notify import failure_alert

LONGEST_ERROR: Final = 500

log = logging.getLogger(__name__)


def failure_callbacks(source_id: str | None = None) -> list[Callable[[Context], None]]:
    """The callbacks that Airflow calls after the last try of a task, for a source or for none."""
    return [failure_alert(source_id), record_failure]


def record_failure(context: Context) -> None:
    """Record the failure in the warehouse, as tasks may not query Airflow's database. Never raises."""
    try:
        _record(context)
    except Exception:
        log.exception("The failure of %s could not be recorded for the daily digest", context["ti"].task_id)


def _record(context: Context) -> None:
    from city_indicators.orchestration.connections import warehouse_url
    from city_indicators.warehouse.database import engine, statement

    ti, error = context["ti"], context.get("exception") or "no error was given"
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
