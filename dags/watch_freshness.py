"""Tells once of every source that is late, daily."""

from datetime import timedelta

import pendulum
from airflow.sdk import CronTriggerTimetable, dag, task

from city_indicators.orchestration.deadlines import UNATTENDED, ended_within
from city_indicators.orchestration.failure_callbacks import failure_callbacks
from city_indicators.orchestration.retries import RETRY_TRANSIENT


@dag(
    schedule=CronTriggerTimetable("0 8 * * *", timezone="UTC"),
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
### Watch: what is late

**Makes** one message of every source and indicator that is newly late by `report.freshness`, each with what
was expected, what is there and the next step: by mail (connection `notifications`), else in the log of the
task. `ops.lateness` remembers what was told: it is told once, and again only after it was fresh.

**When** daily at 08:00 UTC, after the sources were asked and the reports refreshed. What may be expected is
declared as `expected` in each file of `include/catalog/sources`.

**Who reads it** operators.

**When it fails** the message could not be sent, and is in the log of `tell`. Mend the connection; the next
run, or the cleared one, tells the same.
""",
)
def watch_freshness() -> None:
    """Wire the one task."""

    @task
    def tell() -> int:
        from city_indicators.orchestration import watch_tasks

        return watch_tasks.tell_late()

    tell()


watch_freshness()
