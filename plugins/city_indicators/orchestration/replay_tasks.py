"""Tasks of `replay_rejected`. XCom carries references and counts, never observations."""

import logging
from collections.abc import Generator, Iterable
from datetime import date
from typing import Any

from airflow.sdk import Metadata, get_current_context, task
from airflow.sdk.exceptions import AirflowSkipException

from city_indicators.catalog import load_catalogue
from city_indicators.core.archive import Archive
from city_indicators.core.errors import GateRefusedError
from city_indicators.orchestration import task_log
from city_indicators.orchestration.assets import REPLAYED, observations
from city_indicators.orchestration.clock import now
from city_indicators.orchestration.connections import archive_root, staging_root, warehouse_url
from city_indicators.warehouse.database import engine
from city_indicators.warehouse.ledger import Run

log = logging.getLogger(__name__)


@task
def find(params: dict[str, Any]) -> list[dict[str, Any]]:
    """The batches of past loads that match the form, in the order of their fetch.

    Raises:
        AirflowSkipException: no load matches the form.
    """
    from city_indicators.ingest import replay

    source = load_catalogue().sources[params["source"]]
    since = date.fromisoformat(params["since"]) if params["since"] else None
    with engine(warehouse_url()).connect() as connection:
        batches = replay.find(connection, source, params["rule"] or None, since)
    if not batches:
        raise AirflowSkipException(
            f"source {source.id}: no load matches the form (fetched since: {since or 'any day'}, rule: "
            f"{params['rule'] or 'any'}) and is still the latest of its years. Next step: compare the form "
            "with quality.rejected_row and ops.load"
        )
    return [batch.to_json() for batch in batches]


@task(multiple_outputs=False, show_return_value_in_logs=False, map_index_template=task_log.TEMPLATE)
def dry_run(batch: dict[str, Any], params: dict[str, Any]) -> dict[str, Any]:
    """Compare how a batch was loaded with how it would load now, in counts; changes nothing."""
    from city_indicators.ingest import replay
    from city_indicators.orchestration.formats import register_formats

    register_formats()
    catalogue = load_catalogue()
    archive, warehouse = Archive(archive_root()), engine(warehouse_url())
    source = catalogue.sources[params["source"]]
    past = replay.Batch.from_json(batch)
    task_log.label(f"load {past.load_id}, {past.interval.start} to {past.interval.end}")
    return replay.dry_run(source, catalogue, past, archive, warehouse, now()).to_json()


@task
def report(comparisons: Iterable[dict[str, Any]], params: dict[str, Any]) -> list[dict[str, Any]]:
    """Write the comparison to the log and to the XCom `report`; returns the batches that would change."""
    from city_indicators.ingest import replay

    compared = list(comparisons)
    text = replay.report(params["source"], compared)
    for line in text.splitlines():
        log.info("%s", line)
    get_current_context()["ti"].xcom_push(key="report", value=text)
    return [comparison["batch"] for comparison in compared if comparison["differs"]]


@task
def publish(
    differing: list[dict[str, Any]], params: dict[str, Any]
) -> Generator[Metadata, None, dict[str, Any]]:
    """Load the batches again in the order of their fetch; returns load_ids, refused loads and changes.

    Batches that were fetched again since the dry run, or that an earlier try of this task loaded, are
    skipped.

    Raises:
        AirflowSkipException: the run is a dry run, or nothing would change.
    """
    from city_indicators.ingest import replay
    from city_indicators.orchestration.formats import register_formats

    register_formats()
    if params["dry_run"]:
        raise AirflowSkipException("dry run: nothing was changed. Next step: trigger it without `dry_run`")
    catalogue, warehouse = load_catalogue(), engine(warehouse_url())
    source = catalogue.sources[params["source"]]
    with warehouse.connect() as connection:
        latest = replay.find(connection, source)
    batches = [batch for batch in map(replay.Batch.from_json, differing) if batch in latest]
    if not batches:
        raise AirflowSkipException("nothing would change. Next step: none")
    dag_run = get_current_context()["dag_run"]
    archive, staging = Archive(archive_root()), staging_root()
    done: dict[str, Any] = {"load_ids": [], "refused": 0, "changed": 0}
    for batch in batches:
        run = Run(dag_run.dag_id, dag_run.run_id, f"{batch.load_id}-{batch.interval.start}")
        try:
            load_id, outcome = replay.replay(source, catalogue, batch, run, archive, staging, warehouse, now)
        except GateRefusedError as refusal:
            # The ledger holds the reasons; the other batches can still load.
            log.warning("%s", refusal)
            done["refused"] += 1
        else:
            log.info("load %s was loaded again as load %s: %s", batch.load_id, load_id, outcome)
            done["load_ids"].append(load_id)
            done["changed"] += outcome.changed
    yield Metadata(observations(source.id), extra=done, alias=REPLAYED)
    return done
