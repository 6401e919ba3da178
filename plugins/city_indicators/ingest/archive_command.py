"""`python -m city_indicators archive verify`: compares the archive with the ledger."""

from argparse import ArgumentParser
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from city_indicators.catalog.models import Catalogue

if TYPE_CHECKING:
    from sqlalchemy import URL

    from city_indicators.core.archive import Archive


def configure(parser: ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("action", choices=["verify"], help="read every object and compare it with the ledger")


def run(catalogue: Catalogue, warehouse: "URL", archive: "Archive") -> int:
    """Verify the archive, store and print the result; returns the exit code 0.

    Raises:
        ArchiveVerificationError: a file of the ledger is missing or damaged.
    """
    from city_indicators.ingest.verify_archive import publishers, require_complete, verify
    from city_indicators.warehouse.database import engine

    with publishers(catalogue.sources) as fetch_again:
        result = verify(engine(warehouse), archive, fetch_again, lambda: datetime.now(UTC))
    for found in result.findings:
        healed = f", healed from {found.healed_from}" if found.healed_from else ""
        print(f"{found.finding} {found.object}{healed}")
    print(result.summary)
    require_complete(archive, result)
    return 0
