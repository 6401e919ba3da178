"""Checks daily which revision each source serves, and starts the ingestion of changed sources.

**Makes** one run of `ingest_<source>` for each source that serves another revision than the warehouse holds.
The run covers all years from the first one stored under another revision, in one load. `ops.source_check`
records the check.

**When** daily at 05:00 UTC. An unchanged source costs one request for each address at which it declares its
revision. A source that declares none costs no request; while a year of it is overdue according to
`report.freshness`, an ingestion of that year is started once a week. The check does not start years that were
never loaded (backfill those), sources whose ingestion is paused or running, revisions that the gate refused,
and revisions that the latest run could not read.

**Who reads it** `watch_freshness`, which sends an alert if a source was not checked or its change not loaded.

**When it fails** the source did not answer, or declares no revision although its file says it does. The log
of `check_<source>` names the address. The other sources are still checked. If a source answers with
status 429 (too many requests), its `check_<source>` is skipped and runs again the next day.
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
    """Check each source, and start its ingestion if it changed."""
    for source in load_sources().values():
        if source.is_submission:
            continue
        check = check_revision.override(
            task_id=f"check_{source.id}",
            pool=source.pool,
            # Its one request is scheduled before the fetches of a backfill in the same pool.
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
