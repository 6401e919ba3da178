"""Refreshes the report tables when observations changed, and once a day in case an event was missed."""

from datetime import timedelta
from functools import reduce
from operator import or_

import pendulum
from airflow.sdk import AssetOrTimeSchedule, CronTriggerTimetable, Metadata, Param, dag, task

from city_indicators.catalog import load_sources
from city_indicators.orchestration.assets import CASES, REPORTS, observations
from city_indicators.orchestration.deadlines import UNATTENDED, ended_within
from city_indicators.orchestration.failure_callbacks import failure_callbacks
from city_indicators.orchestration.retries import RETRY_TRANSIENT


@dag(
    schedule=AssetOrTimeSchedule(
        timetable=CronTriggerTimetable("30 6 * * *", timezone="UTC"),
        assets=reduce(or_, [observations(source) for source in load_sources()], CASES),
    ),
    start_date=pendulum.datetime(2000, 1, 1, tz="UTC"),
    catchup=False,
    max_active_runs=1,
    deadline=ended_within(UNATTENDED),
    default_args={
        "owner": "operators",
        "retries": 2,
        "retry_delay": timedelta(minutes=1),
        "retry_policy": RETRY_TRANSIENT,
        "execution_timeout": timedelta(minutes=30),
        "on_failure_callback": failure_callbacks(),
    },
    params={
        "rebuild": Param(
            False,
            type="boolean",
            description="Write every year anew, not only what changed since the last run.",
        )
    },
    tags=["reports"],
    doc_md="""\
### Refresh the report tables

**Makes** `report.*`: ratings by the methods in `include/catalog/ratings`, the city profiles, the coverage,
trends, megatrends, peers, the evidence of cases.
Only the years that new versions reach are rated again. A new method version rates all years again.

**When** after every publication of observations or cases, and daily at 06:30 UTC because an event can be
missed.

**Who reads it** researchers (role `researcher`) and the page *City ratings*.

**When it fails** the tables stay as they were, in one piece. Read the log of `refresh`; clear the run. After
a change of the catalogue trigger it with *rebuild*.
""",
)
def refresh_reports() -> None:
    """Wire the one task."""

    @task(outlets=[REPORTS])
    def refresh(params: dict):
        from city_indicators.orchestration import report_tasks

        yield Metadata(REPORTS, extra=report_tasks.refresh_reports(params["rebuild"]))

    refresh()


refresh_reports()
