"""Sends operators a digest of the last 24 hours, every day.

**Makes** one message of the last 24 hours: loads by source, rejected rows by rule, what is overdue by
`report.freshness`, tasks that failed after their last try (`ops.task_failure`). Its first line names what is
unwell at that moment of scheduler, triggerer and DAG processor, according to Airflow's API (connection
`airflow_api`). By mail (connection `notifications`), else in the log of the task. It is sent on a quiet day
too: a day without it is a fault.

**When** daily at 08:30 UTC, of the day before that moment.

**Who reads it** operators.

**When it fails** the message could not be sent, and is in the log of `send_digest`. Mend the connection and
clear the run: it sends the digest of the same day.
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
