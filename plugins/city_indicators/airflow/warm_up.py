"""Has the scheduler import what every task needs, before LocalExecutor forks its workers.

A Celery worker imports the same by its own setting `imports` (docker-compose.yaml).
"""

import sys
from typing import Any

from airflow.configuration import conf
from airflow.listeners import hookimpl


@hookimpl
def on_starting(component: Any) -> None:  # noqa: ARG001
    """Airflow calls this in every process that starts a job, before its executor starts workers."""
    # The job does not yet know its type here; the command line does.
    if "scheduler" in sys.argv[1:2] and "LocalExecutor" in conf.get("core", "executor"):
        from city_indicators.airflow import preload  # noqa: F401
