"""Tasks of `plan_backfill`. The plan is in the warehouse; XCom carries its number and what `start` needs."""

import logging
from datetime import date
from typing import TYPE_CHECKING, Any

from airflow.sdk import get_current_context, task
from airflow.sdk.exceptions import AirflowNotFoundException, AirflowSkipException

from city_indicators.catalog import load_catalogue
from city_indicators.catalog.source import ingest_dag
from city_indicators.core.archive import Archive
from city_indicators.core.errors import BackfillError
from city_indicators.orchestration.clock import now
from city_indicators.orchestration.connections import AIRFLOW_API, airflow_api, archive_root, warehouse_url
from city_indicators.orchestration.links import BACKFILL_PLAN
from city_indicators.orchestration.notes import STARTED, note_run, note_skip
from city_indicators.warehouse.database import engine
from city_indicators.warehouse.ledger import Run

if TYPE_CHECKING:
    from city_indicators.orchestration.rest import AirflowApi

log = logging.getLogger(__name__)


@task(multiple_outputs=False)
def plan(params: dict[str, Any]) -> dict[str, Any]:
    """Store the plan and write it to the log as Markdown; returns its number and what `start` needs of it.

    A retry replaces the plan of its run.

    Raises:
        BackfillError: no interval of the source is within the dates of the form.
    """
    from city_indicators.ingest.backfill import report
    from city_indicators.ingest.backfill.collect import collect
    from city_indicators.ingest.backfill.plan import intervals
    from city_indicators.ingest.backfill.record import record

    catalogue, warehouse = load_catalogue(), engine(warehouse_url())
    source = catalogue.sources[params["source"]]
    first, last = (date.fromisoformat(params[name]) if params[name] else None for name in ("from", "to"))
    requested = intervals(source, first, last, now())
    planned = collect(source, catalogue, requested, Archive(archive_root()), warehouse, now())
    for line in report.markdown(planned).splitlines():
        log.info("%s", line)
    dag_run = get_current_context()["dag_run"]
    run = Run(dag_run.dag_id, dag_run.run_id)
    with warehouse.begin() as connection:
        number = record(connection, planned, run, params["reprocess"], dry_run=params["dry_run"])
    log.info("Stored as backfill plan %s, the page %s/%s", number, BACKFILL_PLAN, number)
    return {"backfill_plan_id": number, **report.summary(planned.plan)}


@task
def start(params: dict[str, Any], planned: dict[str, Any]) -> int:
    """Start Airflow's backfill of the plan; returns its id. A retry finds the backfill it already started.

    The note of the run names the backfill, or the reason why none was started.

    Raises:
        AirflowSkipException: the run is a dry run, or every interval already has a run.
        BackfillError: the backfill cannot be started, or another one of the source is running.
        ApiError: Airflow's API did not answer, or refused the request.
    """
    from city_indicators.ingest.backfill.report import ALL_SKIPPED

    with note_skip():
        if params["dry_run"]:
            raise AirflowSkipException(
                "dry run: nothing was started. Next step: trigger it without `dry_run`"
            )
        made = _start_planned(params, planned)
    expected = f", {ALL_SKIPPED}" if planned["nothing"] == planned["intervals"] else ""
    dag_id = ingest_dag(planned["source"])
    note_run(f"{STARTED}{made} of {dag_id}, {planned['start']} to {planned['end']}{expected}")
    return made


def _start_planned(params: dict[str, Any], planned: dict[str, Any]) -> int:
    source = load_catalogue().sources[planned["source"]]
    if get_current_context()["ti"].get_dag(source.dag_id).is_paused:
        raise BackfillError(source.id, f"{source.dag_id} is paused", "unpause it, then clear this task")
    try:
        return _start(airflow_api(), source.dag_id, planned, params["reprocess"])
    except AirflowNotFoundException as error:
        raise BackfillError(
            source.id,
            f"there is no Airflow connection {AIRFLOW_API!r}",
            "enter it as docs/how-to/manage-users.md describes, then clear this task",
        ) from error


def _start(api: "AirflowApi", dag_id: str, planned: dict[str, Any], reprocess: str) -> int:
    first, last = planned["start"], planned["last"]
    current = api.open_backfill(dag_id)
    if current is None:
        runs = api.runs_to_backfill(dag_id, first, last, reprocess)
        if not runs:
            raise AirflowSkipException(
                f"every interval from {first} to {last} has a run of {dag_id}. Next step: none; to run them "
                "again, choose other *Past runs*"
            )
        made = api.backfill(dag_id, first, last, planned["runs_at_once"], reprocess)
        if made is not None:
            log.info(
                "backfill %s of %s: %s runs, %s at a time", made, dag_id, len(runs), planned["runs_at_once"]
            )
            return made
        current = api.open_backfill(dag_id)
    # A retry finds what the previous try started; a backfill of another form is not ours.
    ours = (
        current is not None
        and current.created_at >= get_current_context()["dag_run"].run_after
        and (current.first_day, current.last_day, current.reprocess_behavior) == (first, last, reprocess)
    )
    if current is None or not ours:
        state = "is paused" if current and current.is_paused else "is running"
        other = (
            f"backfill {current.id}, {current.first_day} to {current.last_day},"
            if current
            else "another backfill"
        )
        raise BackfillError(
            planned["source"],
            f"{other} of {dag_id} {state}",
            "wait for its end, or unpause or cancel it there, then clear this task",
        )
    log.info("backfill %s of %s was already started", current.id, dag_id)
    return current.id
