"""Default arguments of every DAG: retries, limits, alerts. A DAG file overrides what differs."""

from datetime import datetime, timedelta
from typing import Any, Final

import pendulum

from city_indicators.orchestration.deadlines import UNATTENDED_HOURS, finished_within
from city_indicators.orchestration.failure_callbacks import failure_callbacks
from city_indicators.orchestration.retries import RETRY_TRANSIENT

START: Final = pendulum.datetime(2000, 1, 1, tz="UTC")


def defaults(
    owner: str,
    *,
    source_id: str | None = None,
    deadline_hours: int | None = UNATTENDED_HOURS,
    start_date: datetime = START,
    max_active_runs: int = 1,
    **task: Any,
) -> dict[str, Any]:
    """Arguments for `@dag`, with the arguments of its tasks as `default_args`.

    Args:
        owner: who is responsible for the DAG.
        source_id: the source that failure alerts name.
        deadline_hours: an alert is sent if a run is unfinished after this time; None if it waits for people.
        start_date: no runs begin before it.
        max_active_runs: how many runs may be active at a time.
        task: arguments of the tasks that differ from the defaults.
    """
    return {
        "start_date": start_date,
        "catchup": False,
        "max_active_runs": max_active_runs,
        "deadline": None if deadline_hours is None else finished_within(deadline_hours),
        "default_args": {
            "owner": owner,
            "retries": 2,
            "retry_delay": timedelta(minutes=1),
            "retry_policy": RETRY_TRANSIENT,
            "execution_timeout": timedelta(minutes=30),
            "on_failure_callback": failure_callbacks(source_id),
            **task,
        },
    }
