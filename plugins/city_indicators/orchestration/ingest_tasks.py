"""The tasks of an ingestion. XCom carries references, never observations."""

from typing import Any

from airflow.sdk import get_current_context, task
from airflow.sdk.exceptions import AirflowSkipException

from city_indicators.catalog import Catalogue, Source, load_catalogue
from city_indicators.core.archive import Archive
from city_indicators.core.intervals import Interval
from city_indicators.core.snapshots import Snapshot
from city_indicators.orchestration.clock import now
from city_indicators.orchestration.connections import archive_root, staging_root, warehouse_url
from city_indicators.orchestration.intervals import interval_of
from city_indicators.orchestration.notes import skip_in_note
from city_indicators.warehouse.database import engine
from city_indicators.warehouse.freshness import record_check
from city_indicators.warehouse.ledger import Run, loaded_revision


@task(multiple_outputs=False)
def fetch(source_id: str) -> dict[str, Any]:
    """Fetch and archive everything of the run's interval; references to the snapshots, the revision.

    A run that is skipped has the reason in its note.

    Raises:
        AirflowSkipException: the source wants a key and has none, serves what is loaded already, or ends
            before the interval.
    """
    with skip_in_note():
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
            f"the projections of source {source_id} do not reach {interval.years[0]}. Next step: none"
        )
    loaded = None if context["params"]["reload"] else _loaded_revision(source, catalogue, interval)
    with source_client(source) as client:
        told = client.revision()
        _skip_unchanged(source, told, told, loaded)
        if source.quota is None or not is_live(source, client.base_url):
            snapshots = fetching.fetch(client, catalogue, interval)
        else:
            plan = RequestPlan(engine(warehouse_url()), source.quota, _run(context["dag_run"]))
            snapshots = fetching.fetch_planned(client, catalogue, interval, plan)
    revision = told or of_content(snapshots)
    _skip_unchanged(source, told, revision, loaded)
    _record_check(source, told, changed=True)
    return {"snapshots": [snapshot.to_json() for snapshot in snapshots], "revision": revision}


@task
def validate(source_id: str, fetched: dict[str, Any]) -> int:
    """Validate the snapshots and enter the load in the ledger; its load_id."""
    from city_indicators.ingest import load as ingest

    catalogue = load_catalogue()
    source = catalogue.sources[source_id]
    context = get_current_context()
    dag_run = context["dag_run"]
    return ingest.validate(
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


def _run(dag_run: Any) -> Run:
    return Run(dag_run.dag_id, dag_run.run_id)


def _loaded_revision(source: Source, catalogue: Catalogue, interval: Interval) -> str | None:
    from city_indicators.ingest import load as ingest

    declaration = ingest.declaration(source, catalogue)
    with engine(warehouse_url()).connect() as connection:
        return loaded_revision(connection, source.id, interval, declaration)


def _record_check(source: Source, told: str | None, *, changed: bool) -> None:
    """Record that a source was requested and answered, with the revision that it declares."""
    with engine(warehouse_url()).begin() as connection:
        record_check(connection, source.id, told, changed, now())


def _skip_unchanged(source: Source, told: str | None, revision: str | None, loaded: str | None) -> None:
    if revision is not None and revision == loaded:
        _record_check(source, told, changed=False)
        raise AirflowSkipException(
            f"source {source.id} still serves the revision that is loaded ({revision}): nothing to do. "
            "Next step: none; to load it all the same, trigger the DAG with `reload`"
        )
