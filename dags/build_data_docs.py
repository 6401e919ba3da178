"""Builds the Data Docs, one run at a time: parallel builds lose pages.

**Makes** the pages under *Data Docs* in the navigation, from `quality.validation`, for the 100 latest loads.

**When** after every validated load, whether accepted or refused, and daily at 07:00 UTC.

**Who reads it** data engineers and stewards.

**When it fails** the pages of the last successful run stay online, and no other DAG depends on them. Read the
log and clear the run.
"""

from airflow.sdk import AssetOrTimeSchedule, CronTriggerTimetable, dag

from city_indicators.orchestration.assets import VALIDATIONS
from city_indicators.orchestration.defaults import defaults
from city_indicators.orchestration.report_tasks import build


@dag(
    schedule=AssetOrTimeSchedule(
        timetable=CronTriggerTimetable("0 7 * * *", timezone="UTC"), assets=VALIDATIONS
    ),
    tags=["quality"],
    doc_md=__doc__,
    **defaults("operators"),
)
def build_data_docs() -> None:
    """Build the pages."""
    build()


build_data_docs()
