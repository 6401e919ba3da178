"""What the tasks of the report DAGs do."""

from typing import Final

from city_indicators.analytics.ratings.read import load_methods
from city_indicators.catalog import load_catalogue
from city_indicators.orchestration import lineage
from city_indicators.orchestration.clock import now
from city_indicators.orchestration.connections import data_docs_root, warehouse_url
from city_indicators.reports.refresh import refresh
from city_indicators.reports.research import Research
from city_indicators.warehouse.database import engine, frame

LOADS_IN_DATA_DOCS: Final = 100
ROWS_A_LOAD: Final = 100


def refresh_reports(rebuild: bool) -> dict[str, int]:
    """Take the loads published since the last refresh into the report tables."""
    catalogue = load_catalogue()
    done = refresh(engine(warehouse_url()), load_methods(catalogue), Research.of(catalogue), now(), rebuild)
    if done.written:
        lineage.tell_of_refresh()
    return {"loads": done.loads, "rating_years": done.rating_years}


def build_data_docs() -> int:
    """Write the Data Docs of the latest loads; how many results they show."""
    from city_indicators.ingest.validation.data_docs import build
    from city_indicators.ingest.validation.data_docs_site import Site

    with engine(warehouse_url()).connect() as connection:
        validations = frame(connection, "docs/recent_validations", loads=LOADS_IN_DATA_DOCS)
        rejected = frame(connection, "docs/rejected_rows", loads=LOADS_IN_DATA_DOCS, rows=ROWS_A_LOAD)
    build(validations, rejected, Site(data_docs_root()))
    return len(validations)
