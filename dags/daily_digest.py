"""Sends operators a daily digest: loads, rejected rows, overdue sources, failed tasks.

**Makes** one message about the last 24 hours: loads by source, rejected rows by rule, what is overdue
according to `report.freshness`, and tasks that failed after their last try (`ops.task_failure`). The first
line names the services (scheduler, triggerer, DAG processor) that Airflow's API does not report as healthy at
that moment (connection `airflow_api`). The message goes by mail (connection `notifications`), or to the log
of the task if there is no such connection. It is sent on quiet days too, so a day without a digest is a
fault.

**When** daily at 08:30 UTC, for the 24 hours before.

**Who reads it** operators.

**When it fails** the message was not sent. It is in the log of `send_digest`. Fix the connection and clear
the run: it sends the digest of the same day.
"""

from airflow.sdk import CronTriggerTimetable, dag

from city_indicators.orchestration.defaults import defaults
from city_indicators.orchestration.retries import RETRY_HALF_AN_HOUR
from city_indicators.orchestration.watch_tasks import send_digest


@dag(
    schedule=CronTriggerTimetable("30 8 * * *", timezone="UTC"),
    tags=["watch"],
    doc_md=__doc__,
    **defaults("operators", **RETRY_HALF_AN_HOUR),
)
def daily_digest() -> None:
    """Send the digest."""
    send_digest()


daily_digest()
