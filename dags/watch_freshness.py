"""Alerts once of every source that is overdue, daily.

**Makes** one message of every source and indicator that is newly overdue by `report.freshness`, each with what
was expected, what is there and the next step: by mail (connection `notifications`), else in the log of the
task. `ops.freshness_alert` remembers what was alerted: it is alerted once, and again only after it was fresh.

**When** daily at 08:00 UTC, after the sources were asked and the reports refreshed. What may be expected is
declared as `expected` in each file of `include/catalog/sources`.

**Who reads it** operators.

**When it fails** the message could not be sent, and is in the log of `alert_overdue`. Mend the connection;
the next run, or the cleared one, sends the same.
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
    """Alert of what is newly overdue."""
    alert_overdue()


watch_freshness()
