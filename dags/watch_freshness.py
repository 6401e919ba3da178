"""Sends an alert when a source becomes overdue: checks daily, alerts once.

**Makes** one message about every source and indicator that is newly overdue according to `report.freshness`,
with the expected period, the latest period and the next step. It goes by mail (connection `notifications`),
or to the log of the task if there is no such connection. `ops.freshness_alert` records the alerts: none is
repeated until the data was fresh again.

**When** daily at 08:00 UTC, after the sources were checked and the reports refreshed. The expected periods
are declared as `expected` in each file of `include/catalog/sources`.

**Who reads it** operators.

**When it fails** the message was not sent. It is in the log of `alert_overdue`. Fix the connection; the
next run, or this one if cleared, sends the same message.
"""

from airflow.sdk import CronTriggerTimetable, dag

from city_indicators.orchestration.defaults import defaults
from city_indicators.orchestration.retries import RETRY_HALF_AN_HOUR
from city_indicators.orchestration.watch_tasks import alert_overdue


@dag(
    schedule=CronTriggerTimetable("0 8 * * *", timezone="UTC"),
    tags=["watch"],
    doc_md=__doc__,
    **defaults("operators", **RETRY_HALF_AN_HOUR),
)
def watch_freshness() -> None:
    """Send the alerts for newly overdue data."""
    alert_overdue()


watch_freshness()
