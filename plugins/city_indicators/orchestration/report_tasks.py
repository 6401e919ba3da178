"""Tasks that refresh the report tables and build the Data Docs."""

from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING, Any, Final

from airflow.sdk import Metadata, get_current_context, task

from city_indicators.catalog import load_catalogue
from city_indicators.orchestration import lineage, task_log
from city_indicators.orchestration.assets import REFRESHED, REPORTS
from city_indicators.orchestration.clock import now
from city_indicators.orchestration.connections import data_docs_root, staging_root, warehouse_url
from city_indicators.warehouse.database import engine, frame

if TYPE_CHECKING:
    from city_indicators.analytics.ratings.method import Method
    from city_indicators.reports.refresh import Refresh
    from city_indicators.reports.research import Research

LOADS_IN_DATA_DOCS: Final = 100
ROWS_A_LOAD: Final = 100


@task(show_return_value_in_logs=False)
def refresh(params: dict[str, Any]) -> Generator[Metadata, None, list[dict[str, Any]]]:
    """Refresh the report tables with the loads published since the last refresh.

    If many years of many cities have to be rated, nothing is refreshed yet: the plan is in the XCom `plan`,
    and the shares of the tasks that compute the ratings are returned.
    """
    from city_indicators.reports.plan import Plan
    from city_indicators.reports.refresh import refresh_or_plan

    methods, research = _declared()
    done = refresh_or_plan(engine(warehouse_url()), methods, research, now(), params["rebuild"])
    if isinstance(done, Plan):
        work = [share._asdict() for share in done.work()]
        task_log.planned(done, len(work))
        get_current_context()["ti"].xcom_push(key="plan", value=done.model_dump(mode="json"))
        return work
    yield Metadata(REPORTS, extra=_refreshed(done), alias=REFRESHED)
    return []


@task(multiple_outputs=False, show_return_value_in_logs=False, map_index_template=task_log.TEMPLATE)
def rate(work: dict[str, Any], plan: dict[str, Any]) -> None:
    """Compute some years of a rating for a planned refresh, and store them beside the staged loads."""
    from city_indicators.reports.plan import Plan, Work
    from city_indicators.reports.rated import RatedTables, rate_and_store

    planned, share = Plan.model_validate(plan), Work(**work)
    task_log.label(f"{share.rating}, {share.years[0]} to {share.years[-1]}")
    methods, _ = _declared()
    stored = RatedTables(staging_root(), planned)
    task_log.rated(share, rate_and_store(engine(warehouse_url()), methods, planned, share, stored))


@task
def replace(plan: dict[str, Any]) -> Iterator[Metadata]:
    """Replace the report tables by what was planned and rated, in one transaction."""
    from city_indicators.reports.plan import Plan
    from city_indicators.reports.rated import RatedTables
    from city_indicators.reports.refresh import refresh_as_planned

    planned = Plan.model_validate(plan)
    methods, research = _declared()
    stored = RatedTables(staging_root(), planned)
    done = refresh_as_planned(engine(warehouse_url()), methods, research, now(), planned, stored)
    yield Metadata(REPORTS, extra=_refreshed(done))


def _declared() -> tuple[dict[str, "Method"], "Research"]:
    """The declared methods of ratings and the declarations of the research products."""
    from city_indicators.analytics.ratings.read import load_methods
    from city_indicators.reports.research import Research

    catalogue = load_catalogue()
    return load_methods(catalogue), Research.of(catalogue)


def _refreshed(done: "Refresh") -> dict[str, Any]:
    """Log a refresh and record its lineage; returns the counts for the event of the asset."""
    task_log.refreshed(done)
    if done.written:
        lineage.record_refresh()
    return {"loads": done.loads, "rating_years": done.rating_years}


@task
def build() -> int:
    """Build the Data Docs of the latest loads; returns the number of validation results shown."""
    from city_indicators.ingest.validation import data_docs
    from city_indicators.ingest.validation.data_docs_site import Site

    with engine(warehouse_url()).connect() as connection:
        validations = frame(connection, "docs/recent_validations", loads=LOADS_IN_DATA_DOCS)
        rejected = frame(connection, "docs/rejected_rows", loads=LOADS_IN_DATA_DOCS, rows=ROWS_A_LOAD)
    data_docs.build(validations, rejected, Site(data_docs_root()))
    return len(validations)
