"""Has a process that forks others import once what each of them needs.

The scheduler forks tasks where LocalExecutor runs them; a Celery worker imports the same by its own setting
`imports` (docker-compose.yaml). The DAG processor forks a process for each parsing of a DAG file.
"""

import sys
from typing import Any

from airflow.configuration import conf
from airflow.listeners import hookimpl


@hookimpl
def on_starting(component: Any) -> None:  # noqa: ARG001
    """Airflow calls this in every process that starts a job, before it forks."""
    # The job does not yet know its type here; the command line does.
    command = sys.argv[1:2]
    if "scheduler" in command and "LocalExecutor" in conf.get("core", "executor"):
        from city_indicators.orchestration import preload  # noqa: F401
    elif "dag-processor" in command:
        # The first asset has Airflow import every provider of assets: Amazon's takes half a second.
        from city_indicators.orchestration import assets  # noqa: F401
