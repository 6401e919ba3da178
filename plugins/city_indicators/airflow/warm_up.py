"""Imports what every task needs once, in the scheduler, before LocalExecutor forks its workers.

Great Expectations alone takes some six seconds of CPU to import; a forked task finds it imported.
"""

from typing import Any

from airflow.listeners import hookimpl


@hookimpl
def on_starting(component: Any) -> None:
    """Airflow calls this when a job starts, before its executor does."""
    if getattr(component, "job_type", None) == "SchedulerJob":
        import great_expectations  # noqa: F401

        from city_indicators.airflow import ingest_tasks, report_tasks  # noqa: F401
