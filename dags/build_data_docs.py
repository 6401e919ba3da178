"""Builds the Data Docs after loads were judged. One run at a time: parallel builds lose pages."""

from datetime import timedelta

import pendulum
from airflow.sdk import AssetOrTimeSchedule, CronTriggerTimetable, dag, task

from city_indicators.orchestration.assets import VALIDATIONS
from city_indicators.orchestration.deadlines import UNATTENDED, ended_within
from city_indicators.orchestration.failure_callbacks import failure_callbacks
from city_indicators.orchestration.retries import RETRY_TRANSIENT


@dag(
    schedule=AssetOrTimeSchedule(
        timetable=CronTriggerTimetable("0 7 * * *", timezone="UTC"), assets=VALIDATIONS
    ),
    start_date=pendulum.datetime(2000, 1, 1, tz="UTC"),
    catchup=False,
    max_active_runs=1,
    deadline=ended_within(UNATTENDED),
    default_args={
        "owner": "operators",
        "retries": 1,
        "retry_delay": timedelta(minutes=1),
        "retry_policy": RETRY_TRANSIENT,
        "execution_timeout": timedelta(minutes=15),
        "on_failure_callback": failure_callbacks(),
    },
    tags=["quality"],
    doc_md="""\
### Build the Data Docs

**Makes** the pages under *Data Docs* in the navigation, from `quality.validation`, for the latest loads.

**When** after every judged load, refused ones included, and daily at 07:00 UTC.

**Who reads it** data engineers and stewards.

**When it fails** the pages of the last success stay. Nothing depends on them; read the log and clear the run.
""",
)
def build_data_docs() -> None:
    """Wire the one task."""

    @task
    def build() -> int:
        from city_indicators.orchestration import report_tasks

        return report_tasks.build_data_docs()

    build()


build_data_docs()
