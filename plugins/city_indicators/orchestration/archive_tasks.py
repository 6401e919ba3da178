"""The task that verifies the archive."""

from airflow.sdk import task

from city_indicators.catalog import load_sources
from city_indicators.core.archive import Archive
from city_indicators.orchestration.clock import now
from city_indicators.orchestration.connections import archive_root, warehouse_url
from city_indicators.warehouse.database import engine


@task
def verify() -> str:
    """Verify the archive against the ledger and store the result; returns its summary.

    Raises:
        ArchiveVerificationError: a file of the ledger is missing or damaged; the result is stored.
    """
    from city_indicators.ingest.verify_archive import publishers, require_complete
    from city_indicators.ingest.verify_archive import verify as verify_archive

    archive = Archive(archive_root())
    with publishers(load_sources()) as fetch_again:
        result = verify_archive(engine(warehouse_url()), archive, fetch_again, now)
    require_complete(archive, result)
    return result.summary
