"""What the tasks of an ingestion do. XCom carries references, never figures."""

from datetime import UTC, datetime
from typing import Any

from airflow.sdk import get_current_context

from city_indicators import ingest
from city_indicators.airflow.connections import archive_root, base_url, staging_root, warehouse_url
from city_indicators.airflow.intervals import interval_of
from city_indicators.archive import Archive, Snapshot
from city_indicators.catalog import load_catalogue
from city_indicators.sources.http import session
from city_indicators.warehouse.database import engine
from city_indicators.warehouse.ledger import Run


def now() -> datetime:
    """The one clock of the pipeline; everything below the tasks is told the time."""
    return datetime.now(UTC)


def fetch(source_id: str) -> list[dict[str, Any]]:
    """Fetch and archive everything of the run's interval; references to the snapshots."""
    catalogue = load_catalogue()
    source = catalogue.sources[source_id]
    interval = interval_of(source, get_current_context()["dag_run"])
    with session(source.limits) as http:
        snapshots = ingest.fetch(
            source, catalogue, interval, http, base_url(source), Archive(archive_root()), now
        )
    return [snapshot.to_json() for snapshot in snapshots]


def validate(source_id: str, snapshots: list[dict[str, Any]]) -> int:
    """Judge the snapshots and enter the load in the ledger; its load_id."""
    catalogue = load_catalogue()
    source = catalogue.sources[source_id]
    dag_run = get_current_context()["dag_run"]
    return ingest.validate(
        source,
        catalogue,
        interval_of(source, dag_run),
        [Snapshot.from_json(snapshot) for snapshot in snapshots],
        Run(dag_run.dag_id, dag_run.run_id),
        Archive(archive_root()),
        staging_root(),
        engine(warehouse_url()),
        now(),
    )


def publish(load_id: int) -> dict[str, int]:
    """Make a load visible; what it changed."""
    outcome = ingest.publish_load(load_id, staging_root(), engine(warehouse_url()), now)
    return {"load_id": load_id, **outcome.to_json()}
