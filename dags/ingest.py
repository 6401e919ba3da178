"""Makes a DAG `ingest_<source>` of every source in include/catalog/sources that is fetched."""

from datetime import timedelta
from typing import TYPE_CHECKING

import pendulum
from airflow.sdk import CronDataIntervalTimetable, Param, dag, task

from city_indicators.catalog import load_sources
from city_indicators.orchestration.assets import VALIDATIONS, observations
from city_indicators.orchestration.deadlines import WITH_AN_ANSWER, ended_within
from city_indicators.orchestration.docs import ingest_doc
from city_indicators.orchestration.failure_callbacks import failure_callbacks
from city_indicators.orchestration.gate import PublishOperator
from city_indicators.orchestration.links import DataDocsLink
from city_indicators.orchestration.retries import RETRY_TRANSIENT

if TYPE_CHECKING:
    from city_indicators.catalog import Source


def form() -> dict[str, Param]:
    """What a run by hand may be asked for; each DAG has its own, for a run leaves its values in them."""
    return {
        "reload": Param(
            False,
            type="boolean",
            title="Load even what has not changed",
            description="Without it a revision of the source that is loaded already is not loaded again.",
        ),
        "since": Param(
            None,
            type=["null", "integer"],
            title="From the year",
            description="Load all years from this one to the end of the run's own; empty: its own alone.",
        ),
    }


def ingest_dag(source: "Source") -> None:
    """Make the DAG that ingests one source."""
    asset = observations(source.id)

    @dag(
        dag_id=source.dag_id,
        dag_display_name=f"{source.dag_id}: {source.name}",
        schedule=CronDataIntervalTimetable(source.schedule, timezone="UTC"),
        start_date=pendulum.datetime(source.first_run, 1, 1, tz="UTC"),
        catchup=False,
        max_active_runs=4,
        deadline=ended_within(WITH_AN_ANSWER),
        default_args={
            "owner": "operators",
            "retries": 3,
            "retry_delay": timedelta(minutes=2),
            "retry_exponential_backoff": True,
            "max_retry_delay": timedelta(minutes=30),
            "retry_policy": RETRY_TRANSIENT,
            "execution_timeout": timedelta(minutes=30),
            "on_failure_callback": failure_callbacks(source.id),
        },
        params=form(),
        tags=["ingest", f"licence:{source.licence}"],
        doc_md=ingest_doc(source),
    )
    def ingest() -> None:
        @task(pool=source.pool)
        def fetch() -> dict:
            from city_indicators.orchestration import ingest_tasks

            return ingest_tasks.fetch(source.id)

        @task(outlets=[VALIDATIONS])
        def validate(fetched: dict) -> int:
            from city_indicators.orchestration import ingest_tasks

            return ingest_tasks.validate(source.id, fetched)

        judged = validate(fetch())
        judged.operator.operator_extra_links = (DataDocsLink(),)
        PublishOperator(task_id="publish", source_id=source.id, load_id=judged, outlets=[asset])

    ingest()


for declared in load_sources().values():
    # What people send is taken in by receive_submissions.
    if not declared.dropped:
        ingest_dag(declared)
