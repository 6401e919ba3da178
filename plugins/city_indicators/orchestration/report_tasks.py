"""Tasks that refresh the report tables and build the Data Docs."""

from collections.abc import Iterator
from typing import Any, Final

from airflow.sdk import Metadata, task

from city_indicators.catalog import load_catalogue
from city_indicators.orchestration import lineage, task_log
from city_indicators.orchestration.assets import REPORTS
from city_indicators.orchestration.clock import now
from city_indicators.orchestration.connections import data_docs_root, warehouse_url
from city_indicators.warehouse.database import engine, frame

LOADS_IN_DATA_DOCS: Final = 100
ROWS_A_LOAD: Final = 100


@task
def refresh(params: dict[str, Any]) -> Iterator[Metadata]:
    """Refresh the report tables with the loads published since the last refresh."""
    from city_indicators.analytics.ratings.read import load_methods
    from city_indicators.reports.refresh import refresh as refresh_tables
    from city_indicators.reports.research import Research

    catalogue = load_catalogue()
    methods, research = load_methods(catalogue), Research.of(catalogue)
    done = refresh_tables(engine(warehouse_url()), methods, research, now(), params["rebuild"])
    task_log.refreshed(done)
    if done.written:
        lineage.record_refresh()
    yield Metadata(REPORTS, extra={"loads": done.loads, "rating_years": done.rating_years})


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
