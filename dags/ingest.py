"""Creates a DAG `ingest_<source>` for every fetched source in include/catalog/sources."""

from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING

import pendulum
from airflow.sdk import CronDataIntervalTimetable, Param, dag, get_parsing_context

from city_indicators.catalog.load import load_source
from city_indicators.catalog.source import ingest_dag
from city_indicators.core.paths import source_file, source_ids
from city_indicators.orchestration.assets import VALIDATIONS, observations
from city_indicators.orchestration.deadlines import ATTENDED_HOURS
from city_indicators.orchestration.defaults import defaults
from city_indicators.orchestration.docs import ingest_doc
from city_indicators.orchestration.gate import PublishOperator
from city_indicators.orchestration.ingest_tasks import fetch, validate
from city_indicators.orchestration.links import DataDocsLink

if TYPE_CHECKING:
    from city_indicators.catalog import Source


def form() -> dict[str, Param]:
    """The form of a manual run; one for each DAG, as Airflow stores the values of a run in its Params."""
    return {
        "reload": Param(
            False,
            type="boolean",
            title="Load even what has not changed",
            description="By default, a revision of the source that is already loaded is skipped.",
        ),
        "since": Param(
            None,
            type=["null", "integer"],
            title="From the year",
            description="Load all years from this one to the end of the run's data interval. "
            "Empty: only the years of the data interval.",
        ),
    }


def create_dag(source: "Source") -> None:
    """Create the DAG that ingests one source."""

    @dag(
        dag_id=source.dag_id,
        dag_display_name=f"{source.dag_id}: {source.name}",
        schedule=CronDataIntervalTimetable(source.schedule, timezone="UTC"),
        params=form(),
        tags=["ingest", f"licence:{source.licence}"],
        doc_md=ingest_doc(source),
        **defaults(
            "operators",
            source_id=source.id,
            deadline_hours=ATTENDED_HOURS,
            start_date=pendulum.datetime(source.first_run, 1, 1, tz="UTC"),
            max_active_runs=4,
            retries=3,
            retry_delay=timedelta(minutes=2),
            retry_exponential_backoff=True,
            max_retry_delay=timedelta(minutes=30),
        ),
    )
    def ingest() -> None:
        fetched = fetch.override(pool=source.pool)(source.id)
        load_id = validate.override(outlets=[VALIDATIONS])(source.id, fetched)
        load_id.operator.operator_extra_links = (DataDocsLink(),)
        PublishOperator(
            task_id="publish", source_id=source.id, load_id=load_id, outlets=[observations(source.id)]
        )

    ingest()


def requested_sources() -> Iterator["Source"]:
    """All sources; in a task only the source of its DAG, because the others cost time at its start."""
    requested = get_parsing_context().dag_id
    for source_id in source_ids():
        if requested in (None, ingest_dag(source_id)):
            yield load_source(source_file(source_id))


for declared in requested_sources():
    # Files that people submit are loaded by receive_submissions.
    if not declared.is_submission:
        create_dag(declared)
