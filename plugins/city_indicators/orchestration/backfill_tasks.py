"""The tasks of `plan_backfill`. XCom carries counts and the plan as text, never observations."""

import logging
from datetime import date
from typing import TYPE_CHECKING, Any

from airflow.sdk import get_current_context, task
from airflow.sdk.exceptions import AirflowNotFoundException, AirflowSkipException

from city_indicators.catalog import load_catalogue
from city_indicators.core.archive import Archive
from city_indicators.core.errors import BackfillError
from city_indicators.orchestration.clock import now
from city_indicators.orchestration.connections import AIRFLOW_API, airflow_api, archive_root, warehouse_url
from city_indicators.orchestration.notes import STARTED, note_run, skip_in_note
from city_indicators.warehouse.database import engine

if TYPE_CHECKING:
    from city_indicators.orchestration.rest import AirflowApi

log = logging.getLogger(__name__)


@task(multiple_outputs=False)
def plan(params: dict[str, Any]) -> dict[str, Any]:
    """Write the plan to the log and the XCom `report` as Markdown; its observations.

    Raises:
        BackfillError: no interval of the source lies within the days of the form.
    """
    from city_indicators.ingest.backfill import report
    from city_indicators.ingest.backfill.collect import collect
    from city_indicators.ingest.backfill.plan import intervals

    catalogue = load_catalogue()
    source = catalogue.sources[params["source"]]
    first, last = (date.fromisoformat(params[name]) if params[name] else None for name in ("from", "to"))
    asked = intervals(source, first, last, now())
    planned = collect(source, catalogue, asked, Archive(archive_root()), engine(warehouse_url()), now())
    text = report.markdown(planned)
    for line in text.splitlines():
        log.info("%s", line)
    get_current_context()["ti"].xcom_push(key="report", value=text)
    return report.summary(planned)


@task
def start(params: dict[str, Any], planned: dict[str, Any]) -> int:
    """Start Airflow's own backfill of what was planned; its id. Tried again, it finds what it started.

    The note of the run says which backfill it started, or why it started none.

    Raises:
        AirflowSkipException: the run is a dry run, or every interval has its run already.
        BackfillError: the backfill cannot be started, or another of the source goes on.
        ApiError: Airflow's API did not answer, or refused.
    """
    from city_indicators.ingest.backfill.report import ALL_SKIPPED

    with skip_in_note():
        if params["dry_run"]:
            raise AirflowSkipException(
                "a dry run: nothing was started. Next step: trigger it without `dry_run`"
            )
        made = _start_planned(params, planned)
    expected = f", {ALL_SKIPPED}" if planned["nothing"] == planned["intervals"] else ""
    note_run(
        f"{STARTED}{made} of ingest_{planned['source']}, {planned['start']} to {planned['end']}{expected}"
    )
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
    going = api.open_backfill(dag_id)
    if going is None:
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
        going = api.open_backfill(dag_id)
    # A retry finds what the try before it has started; the backfill of another form is none of ours.
    ours = (
        going is not None
        and going.created_at >= get_current_context()["dag_run"].run_after
        and (going.first_day, going.last_day, going.reprocess_behavior) == (first, last, reprocess)
    )
    if going is None or not ours:
        state = "is paused" if going and going.is_paused else "goes on"
        other = (
            f"backfill {going.id}, {going.first_day} to {going.last_day}," if going else "another backfill"
        )
        raise BackfillError(
            planned["source"],
            f"{other} of {dag_id} {state}",
            "wait for its end, or unpause or cancel it there, then clear",
        )
    log.info("backfill %s of %s goes on", going.id, dag_id)
    return going.id
