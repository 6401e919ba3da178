"""What the tasks of the report DAGs do."""

from city_indicators.airflow.connections import warehouse_url
from city_indicators.airflow.ingest_tasks import now
from city_indicators.catalog import load_catalogue
from city_indicators.reports.refresh import refresh
from city_indicators.warehouse.database import engine


def refresh_reports(rebuild: bool) -> dict[str, int]:
    """Take the loads published since the last refresh into the report tables."""
    done = refresh(engine(warehouse_url()), load_catalogue(), now(), rebuild)
    return {"loads": done.loads, "rating_years": done.rating_years}
