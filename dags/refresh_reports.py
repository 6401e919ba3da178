"""Refreshes the report tables after every publication, and once a day.

**Makes** `report.*`: ratings by the methods in `include/catalog/ratings`, city profiles, data coverage,
trends, megatrends, peers, and the evidence on best practices. Only years affected by new versions are rated
again. A new method version rates all years again. With few cities `refresh` does everything; with many it
only plans, tasks `rate` compute the ratings, and `replace` writes all tables together.

**When** after every publication of observations or best practices, and daily at 06:30 UTC in case an event
was missed.

**Who reads it** researchers (role `researcher`) and the page *City ratings*.

**When it fails** the tables stay as they were: they are refreshed in one transaction. Read the log of the
task that failed and clear the run. Years of ratings that `rate` has computed are not computed again. A
refresh detects changes of methods, cities, groups, source preferences and table declarations by itself. Use
*rebuild* for changes it cannot detect, for example a renamed indicator.
"""

from datetime import timedelta
from functools import reduce
from operator import or_

from airflow.sdk import AssetOrTimeSchedule, CronTriggerTimetable, Param, dag

from city_indicators.catalog import load_sources
from city_indicators.orchestration.assets import BEST_PRACTICES, REFRESHED, REPORTS, observations
from city_indicators.orchestration.defaults import defaults
from city_indicators.orchestration.report_tasks import rate, refresh, replace

RATED_AT_ONCE = 4
"""Each task that rates twelve thousand cities needs a processor and up to two gigabytes."""
REPLACED_WITHIN = timedelta(hours=1)
"""With twelve thousand cities a quiet server needs ten minutes."""


@dag(
    schedule=AssetOrTimeSchedule(
        timetable=CronTriggerTimetable("30 6 * * *", timezone="UTC"),
        assets=reduce(or_, [observations(source) for source in load_sources()], BEST_PRACTICES),
    ),
    params={
        "rebuild": Param(
            False,
            type="boolean",
            description="Recompute every year, not only what changed since the last run.",
        )
    },
    tags=["reports"],
    doc_md=__doc__,
    **defaults("operators"),
)
def refresh_reports() -> None:
    """Refresh the tables; with many cities, rate them in several tasks and then replace the tables."""
    planned = refresh.override(outlets=[REFRESHED])()
    rated = rate.override(max_active_tis_per_dagrun=RATED_AT_ONCE).partial(plan=planned["plan"])
    replaced = replace.override(outlets=[REPORTS], execution_timeout=REPLACED_WITHIN)(planned["plan"])
    rated.expand(work=planned) >> replaced


refresh_reports()
