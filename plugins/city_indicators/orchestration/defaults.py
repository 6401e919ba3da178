"""The defaults of every DAG: tries, limits, alerts. A DAG file names what differs."""

from datetime import datetime, timedelta
from typing import Any, Final

import pendulum

from city_indicators.orchestration.deadlines import UNATTENDED, ended_within
from city_indicators.orchestration.failure_callbacks import failure_callbacks
from city_indicators.orchestration.retries import RETRY_TRANSIENT

START: Final = pendulum.datetime(2000, 1, 1, tz="UTC")


def defaults(
    owner: str,
    *,
    source_id: str | None = None,
    deadline_hours: int | None = UNATTENDED,
    start_date: datetime = START,
    max_active_runs: int = 1,
    **task: Any,
) -> dict[str, Any]:
    """Arguments of `@dag`, with the arguments of its tasks as `default_args`.

    Args:
        owner: who answers for the DAG.
        source_id: the source that alerts of its failures name.
        deadline_hours: after which a run that has not ended is alerted; None if it waits for people.
        start_date: before which there are no runs.
        max_active_runs: how many runs may go on at a time.
        task: arguments of the DAG's tasks that differ.
    """
    return {
        "start_date": start_date,
        "catchup": False,
        "max_active_runs": max_active_runs,
        "deadline": None if deadline_hours is None else ended_within(deadline_hours),
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
