"""Asks daily which revision each source serves, and starts the ingestion of what changed."""

from datetime import timedelta
from typing import TYPE_CHECKING

import pendulum
from airflow.providers.standard.operators.trigger_dagrun import TriggerDagRunOperator
from airflow.sdk import CronTriggerTimetable, dag, task

from city_indicators.catalog import load_sources
from city_indicators.orchestration.deadlines import UNATTENDED, ended_within
from city_indicators.orchestration.failure_callbacks import failure_callbacks
from city_indicators.orchestration.retries import RETRY_TRANSIENT

if TYPE_CHECKING:
    from city_indicators.catalog import Source


@dag(
    schedule=CronTriggerTimetable("0 5 * * *", timezone="UTC"),
    start_date=pendulum.datetime(2000, 1, 1, tz="UTC"),
    catchup=False,
    max_active_runs=1,
    deadline=ended_within(UNATTENDED),
    default_args={
        "owner": "operators",
        "retries": 3,
        "retry_delay": timedelta(minutes=10),
        "retry_policy": RETRY_TRANSIENT,
        "execution_timeout": timedelta(minutes=10),
        "on_failure_callback": failure_callbacks(),
    },
    tags=["watch"],
    doc_md="""\
### Watch: what has changed at the sources

**Makes** one run of `ingest_<source>` for each source that serves another revision than the warehouse holds.
The run covers all years from the first that is held under another revision on, in one load.
`ops.source_check` keeps that the source was asked.

**When** daily at 05:00 UTC. An unchanged source costs one request for each address at which it tells its
revision. One that tells none costs no request; if a year is overdue by `report.freshness`, it is asked for
that once a week. Left alone are years that were never loaded (backfill those), a source whose ingestion is
paused or under way, a revision that a gate has refused, and one that the run of it could not read.

**Who reads it** `watch_freshness`, which tells when a source was not asked or its change not loaded.

**When it fails** the source did not answer, or told no revision where its file says it does; the log of
`ask_<source>` names the address. The other sources are asked all the same. One that says to come back later
(status 429) fails nothing: its `ask_<source>` is skipped, and the next day asks again.
""",
)
def watch_revisions() -> None:
    """Ask each source, and start what changed."""

    def watch(source: "Source") -> None:
        @task(
            task_id=f"ask_{source.id}",
            pool=source.pool,
            # Its one request goes before the fetches of a backfill that wait for the same pool.
            priority_weight=10,
            on_failure_callback=failure_callbacks(source.id),
        )
        def ask() -> int:
            from city_indicators.orchestration import watch_tasks

            return watch_tasks.ask(source.id)

        TriggerDagRunOperator(
            task_id=f"start_{source.id}",
            trigger_dag_id=source.dag_id,
            trigger_run_id="revision__{{ dag_run.run_after.isoformat() }}",
            logical_date="{{ dag_run.run_after.isoformat() }}",
            conf={"since": ask()},
            skip_when_already_exists=True,
        )

    for source in load_sources().values():
        if not source.dropped:
            watch(source)


watch_revisions()
