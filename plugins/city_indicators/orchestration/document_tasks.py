"""The task that makes the documents of an edition."""

from airflow.sdk import task

from city_indicators.core.archive import Archive
from city_indicators.orchestration.clock import now
from city_indicators.orchestration.connections import archive_root, warehouse_url
from city_indicators.warehouse.database import engine


@task
def build_documents(rating: str, edition: str) -> list[str]:
    """Make the documents of an edition and keep them in the archive; returns the names of their files.

    Raises:
        DocumentError: a document could not be made; the others are kept.
    """
    from city_indicators.delivery.documents.keep import keep

    return keep(engine(warehouse_url()), Archive(archive_root()), rating, edition, now())
