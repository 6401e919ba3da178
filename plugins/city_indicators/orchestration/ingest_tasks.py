"""Tasks of the ingestion DAGs: fetch and validate. XCom carries references, never observations."""

from typing import Any

from airflow.sdk import get_current_context, task
from airflow.sdk.exceptions import AirflowSkipException

from city_indicators.catalog import Catalogue, Source, load_catalogue
from city_indicators.core.archive import Archive
from city_indicators.core.intervals import Interval
from city_indicators.core.snapshots import Snapshot
from city_indicators.orchestration import task_log
from city_indicators.orchestration.clock import now
from city_indicators.orchestration.connections import archive_root, staging_root, warehouse_url
from city_indicators.orchestration.intervals import interval_of
from city_indicators.orchestration.notes import note_skip
from city_indicators.warehouse.database import engine
from city_indicators.warehouse.freshness import record_check
from city_indicators.warehouse.ledger import Run, loaded_revision


@task(multiple_outputs=False, show_return_value_in_logs=False)
def fetch(source_id: str) -> dict[str, Any]:
    """Fetch and archive the data of the run's interval; returns the snapshots and the revision.

    The note of a skipped run names the reason.

    Raises:
        AirflowSkipException: the source requires a key that is not set, serves what is already loaded, or
            ends before the interval.
    """
    with note_skip():
        return _fetch(source_id)


def _fetch(source_id: str) -> dict[str, Any]:
    from city_indicators.ingest import fetch as fetching
    from city_indicators.ingest.request_plan import RequestPlan
    from city_indicators.orchestration.source_client import is_live, source_client
    from city_indicators.sources.revision import of_content

    catalogue = load_catalogue()
    source = catalogue.sources[source_id]
    context = get_current_context()
    interval = interval_of(source, context["dag_run"], context["params"]["since"])
    if source.ends_before(interval.years[0]):
        raise AirflowSkipException(
            f"the projections of source {source_id} end before {interval.years[0]}. Next step: none"
        )
    loaded = None if context["params"]["reload"] else _loaded_revision(source, catalogue, interval)
    with source_client(source) as client:
        task_log.requested(source_id, interval, client.base_url)
        declared = client.revision()
        _skip_unchanged(source, declared, declared, loaded)
        if source.quota is None or not is_live(source, client.base_url):
            snapshots = fetching.fetch(client, catalogue, interval)
        else:
            plan = RequestPlan(engine(warehouse_url()), source.quota, _run(context["dag_run"]))
            snapshots = fetching.fetch_planned(client, catalogue, interval, plan)
    revision = declared or of_content(snapshots)
    task_log.fetched(snapshots, revision)
    _skip_unchanged(source, declared, revision, loaded)
    _record_check(source, declared, changed=True)
    return {"snapshots": [snapshot.to_json() for snapshot in snapshots], "revision": revision}


@task(show_return_value_in_logs=False)
def validate(source_id: str, fetched: dict[str, Any]) -> int:
    """Validate the snapshots and record the load in the ledger; returns its load_id."""
    from city_indicators.ingest import load as ingest

    catalogue = load_catalogue()
    source = catalogue.sources[source_id]
    context = get_current_context()
    dag_run = context["dag_run"]
    load_id = ingest.validate(
        source,
        catalogue,
        interval_of(source, dag_run, context["params"]["since"]),
        [Snapshot.from_json(snapshot) for snapshot in fetched["snapshots"]],
        _run(dag_run),
        Archive(archive_root()),
        staging_root(),
        engine(warehouse_url()),
        now(),
        fetched["revision"],
    )
    task_log.validated(load_id)
    return load_id


def _run(dag_run: Any) -> Run:
    return Run(dag_run.dag_id, dag_run.run_id)


def _loaded_revision(source: Source, catalogue: Catalogue, interval: Interval) -> str | None:
    from city_indicators.ingest import load as ingest

    declaration = ingest.declaration(source, catalogue)
    with engine(warehouse_url()).connect() as connection:
        return loaded_revision(connection, source.id, interval, declaration)


def _record_check(source: Source, declared: str | None, *, changed: bool) -> None:
    """Record that a source answered, with the revision that it declares."""
    with engine(warehouse_url()).begin() as connection:
        record_check(connection, source.id, declared, changed, now())


def _skip_unchanged(source: Source, declared: str | None, revision: str | None, loaded: str | None) -> None:
    if revision is not None and revision == loaded:
        _record_check(source, declared, changed=False)
        raise AirflowSkipException(
            f"source {source.id} still serves the loaded revision ({revision}): nothing to do. "
            "Next step: none; to load it anyway, trigger the DAG with `reload`"
        )
