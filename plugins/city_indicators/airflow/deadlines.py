"""Tells of runs that do not end."""

import asyncio
from datetime import timedelta
from typing import Any, Final
from urllib.parse import quote

from airflow.sdk.definitions.callback import AsyncCallback
from airflow.sdk.definitions.deadline import DeadlineAlert, DeadlineReference

from city_indicators.airflow.notify import Message, send, ui_url

LONGEST_RUN: Final = timedelta(hours=26)
"""A day for a steward to answer, and two hours for the rest."""
UNENDED: Final = ("queued", "running")


async def tell_unended(context: dict[str, Any]) -> None:
    """A callback of the triggerer that tells of a run which should have ended.

    Airflow calls it also of a run that has failed, of which people were told. Runs of a backfill are queued
    all at once and wait for each other, so they are left alone.
    """
    run = context["dag_run"]
    if run["state"] in UNENDED and run["run_type"] != "backfill":
        # A mail would hold up the triggerer's loop.
        await asyncio.to_thread(send, compose(run, ui_url()))


def compose(run: dict[str, Any], ui_url: str) -> Message:
    """The message of a run that should have ended; `run` as Airflow's API gives it."""
    dag_id, run_id = run["dag_id"], run["dag_run_id"]
    hours = f"{LONGEST_RUN / timedelta(hours=1):.0f} hours"
    return Message(
        f"{dag_id}: still {run['state']} after {hours}",
        "\n".join(
            [
                f"run: {ui_url}/dags/{dag_id}/runs/{quote(run_id)}",
                f"fault: {run['state']}, queued at {run['queued_at']}, started at {run['start_date']}",
                "next step: see which task it waits for; queued, see that its DAG is not paused and that the "
                "scheduler runs",
            ]
        ),
    )


UNENDED_RUN: Final = DeadlineAlert(
    reference=DeadlineReference.DAGRUN_QUEUED_AT,
    interval=LONGEST_RUN,
    callback=AsyncCallback(tell_unended),
)
