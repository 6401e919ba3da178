"""What the tasks of an ingestion do. XCom carries references, never figures."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote_plus

from airflow.sdk import get_current_context
from airflow.sdk.exceptions import AirflowSkipException
from airflow.sdk.log import mask_secret

from city_indicators.catalog import load_catalogue
from city_indicators.catalog.models import Catalogue
from city_indicators.catalog.source import Source
from city_indicators.core.archive import Archive
from city_indicators.core.intervals import Interval
from city_indicators.core.snapshots import Snapshot
from city_indicators.ingest import fetch as fetching
from city_indicators.ingest import load as ingest
from city_indicators.ingest.fetch import SourceClient
from city_indicators.ingest.request_plan import RequestPlan
from city_indicators.orchestration.clock import now
from city_indicators.orchestration.connections import (
    archive_root,
    base_url,
    source_key,
    staging_root,
    warehouse_url,
)
from city_indicators.orchestration.intervals import interval_of
from city_indicators.orchestration.notes import skip_in_note
from city_indicators.sources.http import NO_LIMITS, KeyAuth, session
from city_indicators.sources.revision import of_content
from city_indicators.warehouse.database import engine
from city_indicators.warehouse.freshness import record_check
from city_indicators.warehouse.ledger import Run, loaded_revision
from city_indicators.warehouse.publish import Override, accept


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
        if source.quota is None or not _live(source, client.base_url):
            snapshots = fetching.fetch(client, catalogue, interval)
        else:
            plan = RequestPlan(engine(warehouse_url()), source.quota, _run(context["dag_run"]))
            snapshots = fetching.fetch_planned(client, catalogue, interval, plan)
    revision = told or of_content(snapshots)
    _skip_unchanged(source, told, revision, loaded)
    note_check(source, told, changed=True)
    return {"snapshots": [snapshot.to_json() for snapshot in snapshots], "revision": revision}


def validate(source_id: str, fetched: dict[str, Any]) -> int:
    """Judge the snapshots and enter the load in the ledger; its load_id."""
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


def publish(load_id: int, override: Override | None = None) -> dict[str, int]:
    """Make a load visible; what it changed. With an `override`, even if its gate refused it.

    Raises:
        GateRefusedError: the gate refused the load, and no steward accepted it with a reason.
    """
    warehouse = engine(warehouse_url())
    if override is not None:
        # Of its own transaction: the decision stands even if the publication fails and is tried again.
        with warehouse.begin() as connection:
            accept(connection, load_id, override)
    outcome = ingest.publish_load(load_id, staging_root(), warehouse, now)
    return {"load_id": load_id, **outcome.to_json()}


@contextmanager
def source_client(source: Source) -> Iterator[SourceClient]:
    """A session with a source at the address that its connection names, within the live service's limits.

    Raises:
        AirflowSkipException: the source wants a key and has none.
    """
    base = base_url(source)
    # Limits are the live service's: whatever else the connection names is asked as fast as it answers.
    limits = source.limits if _live(source, base) else NO_LIMITS
    with session(limits, _key(source)) as http:
        yield SourceClient(source, http, base, Archive(archive_root()), now)


def _live(source: Source, base: str) -> bool:
    return base == source.base_url


def _run(dag_run: Any) -> Run:
    return Run(dag_run.dag_id, dag_run.run_id)


def _key(source: Source) -> KeyAuth | None:
    if source.key is None:
        return None
    secret = source_key(source)
    if secret is None:
        raise AirflowSkipException(
            f"source {source.id} wants a key and has none. Next step: get one from {source.publisher} and "
            f"enter it as the password of the Airflow connection {source.connection!r}"
        )
    # Airflow masks it as it stands; urllib3 warns of a request that it repeats by its whole address.
    mask_secret(quote_plus(secret))
    return KeyAuth(source.key, secret)


def _loaded_revision(source: Source, catalogue: Catalogue, interval: Interval) -> str | None:
    declaration = ingest.declaration(source, catalogue)
    with engine(warehouse_url()).connect() as connection:
        return loaded_revision(connection, source.id, interval, declaration)


def note_check(source: Source, told: str | None, *, changed: bool) -> None:
    """Keep that a source was asked and answered, with the revision that it tells of itself."""
    with engine(warehouse_url()).begin() as connection:
        record_check(connection, source.id, told, changed, now())


def _skip_unchanged(source: Source, told: str | None, revision: str | None, loaded: str | None) -> None:
    if revision is not None and revision == loaded:
        note_check(source, told, changed=False)
        raise AirflowSkipException(
            f"source {source.id} still serves the revision that is loaded ({revision}): nothing to do. "
            "Next step: none; to load it all the same, trigger the DAG with `reload`"
        )
