"""Imports what every task needs once, in the scheduler, before LocalExecutor forks its workers.

Great Expectations alone takes some six seconds of CPU to import; a forked task finds it imported.
On macOS Airflow starts each task in a fresh interpreter, and tasks pay for their imports there.
"""

import sys
from typing import Any

from airflow.listeners import hookimpl


@hookimpl
def on_starting(component: Any) -> None:  # noqa: ARG001
    """Airflow calls this in every process that starts a job, before its executor starts workers."""
    # The job does not yet know its type here; the command line does.
    if "scheduler" in sys.argv[1:2]:
        import great_expectations  # noqa: F401

        from city_indicators.airflow import ingest_tasks, report_tasks  # noqa: F401
        from city_indicators.quality import docs  # noqa: F401
