"""Ends the sessions of readers that exceed the limits of their role.

**Makes** nothing. It ends each session of `researcher` whose statement runs for more than one minute or whose
transaction is open for more than ten, and of `steward` after five and thirty minutes. The log names every
session that it ended, with its query.

**When** every five minutes. The roles have the same limits as timeouts, so it finds only sessions that have
lifted their own.

**Who reads it** operators.

**When it fails** the warehouse could not be reached. Sessions that have lifted their limits run on until the
next run.
"""

from datetime import timedelta

from airflow.sdk import CronTriggerTimetable, dag

from city_indicators.orchestration.defaults import defaults
from city_indicators.orchestration.watch_tasks import end_overlong_sessions


@dag(
    schedule=CronTriggerTimetable("*/5 * * * *", timezone="UTC"),
    tags=["watch"],
    doc_md=__doc__,
    **defaults("operators", retry_delay=timedelta(seconds=30), execution_timeout=timedelta(minutes=2)),
)
def watch_readers() -> None:
    """End the sessions of readers that exceed their limits."""
    end_overlong_sessions()


watch_readers()
