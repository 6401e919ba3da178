"""Deadline alerts: send a message about runs that take too long."""

import asyncio
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar, Final

from airflow.sdk.definitions.callback import AsyncCallback
from airflow.sdk.definitions.deadline import BaseDeadlineReference, DeadlineAlert

from city_indicators.core.runs import run_address
from city_indicators.orchestration.notify import Message, send, ui_url

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

ATTENDED_HOURS: Final = 26
"""Limit of a run that may wait a day for a decision of a steward: 24 hours, and 2 for the rest."""
UNATTENDED_HOURS: Final = 3
"""Limit of a run that waits for nobody: three tries of half an hour, and the same time in the queue."""
UNFINISHED: Final = ("queued", "running")


async def alert_unfinished(context: dict[str, Any], hours: int) -> None:
    """Alert if a run has not finished `hours` after it was queued; a callback that the triggerer runs.

    Airflow also calls it for failed runs, for which an alert was already sent. Runs of a backfill are
    ignored: they are all queued at once and wait for each other.
    """
    run = context["dag_run"]
    if run["state"] in UNFINISHED and run["run_type"] != "backfill":
        # Sending mail would block the event loop of the triggerer.
        await asyncio.to_thread(send, compose(run, hours, ui_url()))


def compose(run: dict[str, Any], hours: int, ui_url: str) -> Message:
    """The message about an unfinished run; `run` as Airflow's API returns it."""
    dag_id, run_id = run["dag_id"], run["dag_run_id"]
    return Message(
        f"{dag_id}: still {run['state']} after {hours} hours",
        "\n".join(
            [
                f"run: {ui_url}/{run_address(dag_id, run_id)}",
                f"fault: {run['state']}, queued at {run['queued_at']}, started at {run['start_date']}",
                "next step: check which task it waits for; if it is queued, check that its DAG is not paused "
                "and that the scheduler is running",
            ]
        ),
    )


class FirstQueued(BaseDeadlineReference):
    """The time at which a run was first queued; clearing the run does not change it.

    Airflow's own DAGRUN_QUEUED_AT restarts when a run is cleared, but up to Airflow 3.3.2 it makes clearing
    fail: https://github.com/apache/airflow/issues/70368. With it, no failed run could be cleared and no
    backfill repeated.
    """

    required_kwargs: ClassVar[set[str]] = {"dag_id", "run_id"}

    def _evaluate_with(self, *, session: "Session", dag_id: str, run_id: str) -> datetime | None:
        from airflow.models.dagrun import DagRun
        from sqlalchemy import select

        run = select(DagRun.queued_at).where(DagRun.dag_id == dag_id, DagRun.run_id == run_id)
        return session.scalar(run)


def finished_within(hours: int) -> DeadlineAlert:
    """A deadline: the runs of a DAG must finish this many hours after they were queued."""
    return DeadlineAlert(
        reference=FirstQueued(),
        interval=timedelta(hours=hours),
        callback=AsyncCallback(alert_unfinished, {"hours": hours}),
    )
