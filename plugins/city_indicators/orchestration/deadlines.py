"""Tells of runs that do not end."""

import asyncio
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar, Final
from urllib.parse import quote

from airflow.sdk.definitions.callback import AsyncCallback
from airflow.sdk.definitions.deadline import BaseDeadlineReference, DeadlineAlert

from city_indicators.orchestration.notify import Message, send, ui_url

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

WITH_AN_ANSWER: Final = 26
"""Hours a run may take in which a steward has a day to answer, and the rest two hours."""
UNATTENDED: Final = 3
"""Hours for a run that waits for nobody: three tries of half an hour, and as long in the queue."""
UNENDED: Final = ("queued", "running")


async def tell_unended(context: dict[str, Any], hours: int) -> None:
    """A callback of the triggerer that tells of a run which should have ended `hours` after its queueing.

    Airflow calls it also of a run that has failed, of which people were told. Runs of a backfill are queued
    all at once and wait for each other, so they are left alone.
    """
    run = context["dag_run"]
    if run["state"] in UNENDED and run["run_type"] != "backfill":
        # A mail would hold up the triggerer's loop.
        await asyncio.to_thread(send, compose(run, hours, ui_url()))


def compose(run: dict[str, Any], hours: int, ui_url: str) -> Message:
    """The message of a run that should have ended; `run` as Airflow's API gives it."""
    dag_id, run_id = run["dag_id"], run["dag_run_id"]
    return Message(
        f"{dag_id}: still {run['state']} after {hours} hours",
        "\n".join(
            [
                f"run: {ui_url}/dags/{dag_id}/runs/{quote(run_id)}",
                f"fault: {run['state']}, queued at {run['queued_at']}, started at {run['start_date']}",
                "next step: see which task it waits for; queued, see that its DAG is not paused and that the "
                "scheduler runs",
            ]
        ),
    )


class FirstQueued(BaseDeadlineReference):
    """When a run was queued, cleared or not.

    Airflow's own DAGRUN_QUEUED_AT would begin anew when a run is cleared, but up to 3.3.2 it makes that
    fail: https://github.com/apache/airflow/issues/70368. Then no failed run could be cleared, nor a
    backfill repeated.
    """

    required_kwargs: ClassVar[set[str]] = {"dag_id", "run_id"}

    def _evaluate_with(self, *, session: "Session", dag_id: str, run_id: str) -> datetime | None:
        from airflow.models.dagrun import DagRun
        from sqlalchemy import select

        run = select(DagRun.queued_at).where(DagRun.dag_id == dag_id, DagRun.run_id == run_id)
        return session.scalar(run)


def ended_within(hours: int) -> DeadlineAlert:
    """The deadline of a DAG whose runs are to end that many hours after they were queued."""
    return DeadlineAlert(
        reference=FirstQueued(),
        interval=timedelta(hours=hours),
        callback=AsyncCallback(tell_unended, {"hours": hours}),
    )
