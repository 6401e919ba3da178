"""Tasks that watch: new revisions of sources, overdue data, the day, and the sessions of readers."""

import logging
from datetime import timedelta

from airflow.sdk import get_current_context, task
from airflow.sdk.exceptions import AirflowNotFoundException, AirflowSkipException

from city_indicators.catalog import Source
from city_indicators.catalog.load import load_source
from city_indicators.core.errors import CityIndicatorsError, NotSentError, SourceBusyError
from city_indicators.core.paths import source_file
from city_indicators.orchestration import digest, freshness_alerts, notify
from city_indicators.orchestration.clock import now
from city_indicators.orchestration.connections import AIRFLOW_API, airflow_api, warehouse_url
from city_indicators.warehouse import readers
from city_indicators.warehouse.database import engine, statement
from city_indicators.warehouse.freshness import (
    first_year_of_other_revision,
    newly_overdue,
    overdue_year,
    record_check,
)

log = logging.getLogger(__name__)


@task
def check_revision(source_id: str) -> int:
    """Check which revision a source serves; returns the first year that is stored under another revision.

    For a source that declares no revision, returns the first overdue year, once a week.

    Raises:
        AirflowSkipException: there is nothing to ingest, the ingestion is running or paused, or the source
            requests to wait.
    """
    source = load_source(source_file(source_id))
    since = _changed_since(source) if source.revision else _overdue_since(source)
    if since is None:
        raise AirflowSkipException(
            f"source {source.id} has nothing new to load, or only what the latest run could not read. "
            f"Next step: none; if the latest run of {source.dag_id} failed, follow its next step and clear it"
        )
    _leave_to_others(source)
    return since


def _changed_since(source: Source) -> int | None:
    from city_indicators.orchestration.source_client import source_client

    try:
        with source_client(source) as client:
            declared = client.revision()
    except SourceBusyError as busy:
        # A waiting retry would keep the run open, and with it the checks of all sources.
        raise AirflowSkipException(
            f"source {source.id} requests to wait {busy.seconds} seconds. Next step: none; it is checked "
            "again tomorrow"
        ) from busy
    with engine(warehouse_url()).begin() as connection:
        since = first_year_of_other_revision(connection, source.id, declared) if declared else None
        record_check(connection, source.id, declared, since is not None, now())
    return since


def _overdue_since(source: Source) -> int | None:
    with engine(warehouse_url()).connect() as connection:
        return overdue_year(connection, source.id)


def _leave_to_others(source: Source) -> None:
    """Skip the task if the ingestion is paused or already running."""
    ti = get_current_context()["ti"]
    if ti.get_dag(source.dag_id).is_paused:
        raise AirflowSkipException(
            f"source {source.id} has something to load, but {source.dag_id} is paused. Next step: unpause it"
        )
    if ti.get_dr_count(source.dag_id, states=["queued", "running"]):
        raise AirflowSkipException(
            f"source {source.id} has something to load, and a run of {source.dag_id} is active. "
            "Next step: none; tomorrow's check finds what remains"
        )


@task
def alert_overdue() -> int:
    """Send the alert about newly overdue data; returns the number of indicators in it.

    Raises:
        NotSentError: the message could not be sent; the alert is not recorded.
    """
    with engine(warehouse_url()).begin() as connection:
        overdue = newly_overdue(connection, now())
        if overdue:
            _send(freshness_alerts.compose(overdue, notify.ui_url()))
    return len(overdue)


@task
def send_digest() -> None:
    """Send the digest of the 24 hours before the scheduled time of this run.

    Raises:
        NotSentError: the message could not be sent.
    """
    until = get_current_context()["dag_run"].run_after
    with engine(warehouse_url()).connect() as connection:
        known = digest.day(connection, until - timedelta(days=1), until)
    _send(digest.compose(known, _unhealthy(), notify.ui_url()))
    with engine(warehouse_url()).begin() as connection:
        sizes = {name: known.sizes[name] for name in ("database_bytes", "archive_bytes")}
        connection.execute(statement("digest/insert_sent"), {"until": until, "sent_at": now(), **sizes})


@task
def end_overlong_sessions() -> int:
    """End the sessions of readers that exceed the limits of their role; returns how many."""
    with engine(warehouse_url()).begin() as connection:
        ended = readers.end_overlong(connection, readers.LIMITS)
    for session in ended:
        log.warning("Ended session {pid} of {role} {at}, {what} since {since}: {query}".format(**session))
    return len(ended)


def _unhealthy() -> list[str]:
    """The unhealthy services, or the connection if they cannot be checked."""
    try:
        return airflow_api().unhealthy()
    except (AirflowNotFoundException, CityIndicatorsError):
        # The digest is sent in any case.
        log.exception(
            "The health of Airflow's services could not be checked through the connection %r", AIRFLOW_API
        )
        return [AIRFLOW_API]


def _send(message: notify.Message) -> None:
    if not notify.send(message):
        raise NotSentError(message.subject)
