"""Runs three tasks that do nothing: the baseline of benchmarks/backfill.py."""

import pendulum
from airflow.sdk import CronDataIntervalTimetable, dag, task


@dag(
    schedule=CronDataIntervalTimetable("0 0 1 1 *", timezone="UTC"),
    start_date=pendulum.datetime(2000, 1, 1, tz="UTC"),
    catchup=False,
)
def noop() -> None:
    """Three tasks in a row, like an ingestion."""

    @task
    def one() -> int:
        return 1

    @task
    def two(number: int) -> int:
        return number

    @task
    def three(number: int) -> int:
        return number

    three(two(one()))


noop()
