"""Preloads imports in processes that fork others, so that each child does not import them again.

With LocalExecutor the scheduler forks the tasks; a Celery worker preloads the same modules through its
setting `imports` (docker-compose.yaml). The DAG processor forks a process for each parsing of a DAG file.
"""

import sys
from typing import Any

from airflow.configuration import conf
from airflow.listeners import hookimpl


@hookimpl
def on_starting(component: Any) -> None:  # noqa: ARG001
    """Airflow calls this in every process that starts a job, before it forks."""
    # The job type is not set yet; the command line shows it.
    command = sys.argv[1:2]
    if "scheduler" in command and "LocalExecutor" in conf.get("core", "executor"):
        from city_indicators.orchestration import preload  # noqa: F401
    elif "dag-processor" in command:
        # The first asset makes Airflow import every asset provider; Amazon's takes half a second.
        from city_indicators.orchestration import assets  # noqa: F401
