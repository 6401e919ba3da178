"""Asks daily which revision each source serves, and starts the ingestion of what changed.

**Makes** one run of `ingest_<source>` for each source that serves another revision than the warehouse holds.
The run covers all years from the first that is held under another revision on, in one load.
`ops.source_check` keeps that the source was asked.

**When** daily at 05:00 UTC. An unchanged source costs one request for each address at which it declares its
revision. One that declares none costs no request; if a year is overdue by `report.freshness`, it is asked for
that once a week. Left alone are years that were never loaded (backfill those), a source whose ingestion is
paused or under way, a revision that a gate has refused, and one that the run of it could not read.

**Who reads it** `watch_freshness`, which alerts when a source was not asked or its change not loaded.

**When it fails** the source did not answer, or declared no revision where its file says it does; the log of
`check_<source>` names the address. The other sources are asked all the same. One that says to come back later
(status 429) fails nothing: its `check_<source>` is skipped, and the next day asks again.
"""

from airflow.providers.standard.operators.trigger_dagrun import TriggerDagRunOperator
from airflow.sdk import CronTriggerTimetable, dag

from city_indicators.catalog import load_sources
from city_indicators.orchestration.defaults import defaults
from city_indicators.orchestration.failure_callbacks import failure_callbacks
from city_indicators.orchestration.retries import RETRY_HALF_AN_HOUR
from city_indicators.orchestration.watch_tasks import check_revision


@dag(
    schedule=CronTriggerTimetable("0 5 * * *", timezone="UTC"),
    tags=["watch"],
    doc_md=__doc__,
    **defaults("operators", **RETRY_HALF_AN_HOUR),
)
def watch_revisions() -> None:
    """Ask each source, and start what changed."""
    for source in load_sources().values():
        if source.is_submission:
            continue
        check = check_revision.override(
            task_id=f"check_{source.id}",
            pool=source.pool,
            # Its one request goes before the fetches of a backfill that wait for the same pool.
            priority_weight=10,
            on_failure_callback=failure_callbacks(source.id),
        )
        TriggerDagRunOperator(
            task_id=f"start_{source.id}",
            trigger_dag_id=source.dag_id,
            trigger_run_id="revision__{{ dag_run.run_after.isoformat() }}",
            logical_date="{{ dag_run.run_after.isoformat() }}",
            conf={"since": check(source.id)},
            skip_when_already_exists=True,
        )


watch_revisions()
