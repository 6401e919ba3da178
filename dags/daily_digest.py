"""Tells operators what the day was like, daily."""

from datetime import timedelta

import pendulum
from airflow.sdk import CronTriggerTimetable, dag, task

from city_indicators.orchestration.deadlines import UNATTENDED, ended_within
from city_indicators.orchestration.failure_callbacks import failure_callbacks
from city_indicators.orchestration.retries import RETRY_TRANSIENT


@dag(
    schedule=CronTriggerTimetable("30 8 * * *", timezone="UTC"),
    start_date=pendulum.datetime(2000, 1, 1, tz="UTC"),
    catchup=False,
    max_active_runs=1,
    deadline=ended_within(UNATTENDED),
    default_args={
        "owner": "operators",
        "retries": 3,
        "retry_delay": timedelta(minutes=10),
        "retry_policy": RETRY_TRANSIENT,
        "execution_timeout": timedelta(minutes=10),
        "on_failure_callback": failure_callbacks(),
    },
    tags=["watch"],
    doc_md="""\
### Daily digest

**Makes** one message of the last 24 hours: loads by source, rejected rows by rule, what is late by
`report.freshness`, tasks that failed after their last try (`ops.task_failure`). Its first line names what is
unwell at that moment of scheduler, triggerer and DAG processor, as Airflow's API (connection `airflow_api`)
tells it. By mail (connection `notifications`), else in the log of the task. It is sent on a quiet day too: a
day without it is a fault.

**When** daily at 08:30 UTC, of the day before that moment.

**Who reads it** operators.

**When it fails** the message could not be sent, and is in the log of `tell`. Mend the connection and clear
the run: it tells of the same day.
""",
)
def daily_digest() -> None:
    """Wire the one task."""

    @task
    def tell() -> None:
        from city_indicators.orchestration import watch_tasks

        watch_tasks.tell_day()

    tell()


daily_digest()
