"""The tasks that watch over the sources and the runs, and send what people must know."""

import logging
from datetime import timedelta

from airflow.sdk import get_current_context, task
from airflow.sdk.exceptions import AirflowNotFoundException, AirflowSkipException

from city_indicators.catalog import Source, load_sources
from city_indicators.core.errors import CityIndicatorsError, NotSentError, SourceBusyError
from city_indicators.orchestration import digest, freshness_alerts, notify
from city_indicators.orchestration.clock import now
from city_indicators.orchestration.connections import AIRFLOW_API, airflow_api, warehouse_url
from city_indicators.warehouse.database import engine
from city_indicators.warehouse.freshness import (
    first_year_of_other_revision,
    newly_overdue,
    overdue_year,
    record_check,
)

log = logging.getLogger(__name__)


@task
def check_revision(source_id: str) -> int:
    """Ask a source which revision it serves; the first of the years that are held under another.

    Of a source that declares no revision it is the first year that is overdue, once a week.

    Raises:
        AirflowSkipException: there is nothing to ingest, the ingestion is under way or paused, or the source
            wants to be asked later.
    """
    source = load_sources()[source_id]
    since = _changed_since(source) if source.revision else _overdue_since(source)
    if since is None:
        raise AirflowSkipException(
            f"source {source.id} has nothing that should be loaded, or only what a run has failed to read. "
            f"Next step: none; if the latest run of {source.dag_id} failed, do what it says and clear it"
        )
    _leave_to_others(source)
    return since


def _changed_since(source: Source) -> int | None:
    from city_indicators.orchestration.source_client import source_client

    try:
        with source_client(source) as client:
            told = client.revision()
    except SourceBusyError as busy:
        # A try that waits keeps the run open, and with it the watch of every source.
        raise AirflowSkipException(
            f"source {source.id} wants to be left alone for {busy.seconds} seconds. Next step: none; it is "
            "asked again tomorrow"
        ) from busy
    with engine(warehouse_url()).begin() as connection:
        since = first_year_of_other_revision(connection, source.id, told) if told else None
        record_check(connection, source.id, told, since is not None, now())
    return since


def _overdue_since(source: Source) -> int | None:
    with engine(warehouse_url()).connect() as connection:
        return overdue_year(connection, source.id)


def _leave_to_others(source: Source) -> None:
    """Skip what need not or must not be started."""
    ti = get_current_context()["ti"]
    if ti.get_dag(source.dag_id).is_paused:
        raise AirflowSkipException(
            f"source {source.id} has something to load, but {source.dag_id} is paused. Next step: unpause it"
        )
    if ti.get_dr_count(source.dag_id, states=["queued", "running"]):
        raise AirflowSkipException(
            f"source {source.id} has something to load, and a run of {source.dag_id} is under way. "
            "Next step: none; what it leaves is seen tomorrow"
        )


@task
def alert_overdue() -> int:
    """Send the alert of what is newly overdue; of how many indicators of sources.

    Raises:
        NotSentError: the message could not be sent; nothing counts as alerted.
    """
    with engine(warehouse_url()).begin() as connection:
        overdue = newly_overdue(connection, now())
        if overdue:
            _send(freshness_alerts.compose(overdue, notify.ui_url()))
    return len(overdue)


@task
def send_digest() -> None:
    """Send the digest of the day that ended when this run was due.

    Raises:
        NotSentError: the message could not be sent.
    """
    until = get_current_context()["dag_run"].run_after
    with engine(warehouse_url()).connect() as connection:
        known = digest.day(connection, until - timedelta(days=1), until)
    _send(digest.compose(known, _unwell(), notify.ui_url()))


def _unwell() -> list[str]:
    """The services that are unwell, or the connection by which they cannot be asked."""
    try:
        return airflow_api().unwell()
    except (AirflowNotFoundException, CityIndicatorsError):
        # The digest is sent in any case.
        log.exception("Airflow's services could not be asked by the connection %r", AIRFLOW_API)
        return [AIRFLOW_API]


def _send(message: notify.Message) -> None:
    if not notify.send(message):
        raise NotSentError(message.subject)
