"""Refreshes the report tables when observations changed, and once a day in case an event was missed.

**Makes** `report.*`: ratings by the methods in `include/catalog/ratings`, the city profiles, the coverage,
trends, megatrends, peers, the evidence of cases. Only the years that new versions reach are rated again. A
new method version rates all years again.

**When** after every publication of observations or cases, and daily at 06:30 UTC because an event can be
missed.

**Who reads it** researchers (role `researcher`) and the page *City ratings*.

**When it fails** the tables stay as they were, in one batch. Read the log of `refresh`; clear the run. A
refresh finds by itself what changed in methods, cities, groups, preferences and declarations of tables;
*rebuild* is for what it cannot see, such as another name of an indicator.
"""

from functools import reduce
from operator import or_

from airflow.sdk import AssetOrTimeSchedule, CronTriggerTimetable, Param, dag

from city_indicators.catalog import load_sources
from city_indicators.orchestration.assets import CASES, REPORTS, observations
from city_indicators.orchestration.defaults import defaults
from city_indicators.orchestration.report_tasks import refresh


@dag(
    schedule=AssetOrTimeSchedule(
        timetable=CronTriggerTimetable("30 6 * * *", timezone="UTC"),
        assets=reduce(or_, [observations(source) for source in load_sources()], CASES),
    ),
    params={
        "rebuild": Param(
            False,
            type="boolean",
            description="Write every year anew, not only what changed since the last run.",
        )
    },
    tags=["reports"],
    doc_md=__doc__,
    **defaults("operators"),
)
def refresh_reports() -> None:
    """Refresh the tables."""
    refresh.override(outlets=[REPORTS])()


refresh_reports()
