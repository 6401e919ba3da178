"""`python -m city_indicators plan`: what a backfill would cost and change."""

from argparse import ArgumentParser, Namespace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from city_indicators.catalog.models import Catalogue
from city_indicators.core.errors import BackfillError

if TYPE_CHECKING:
    from sqlalchemy import URL

    from city_indicators.core.archive import Archive


def configure(parser: ArgumentParser, catalogue: Catalogue) -> None:
    """Declare the arguments."""
    asked = [source.id for source in catalogue.sources.values() if not source.is_submission]
    parser.add_argument("source", choices=sorted(asked))
    parser.add_argument(
        "--from", dest="first", type=date.fromisoformat, metavar="DAY", help="by default the first period"
    )
    parser.add_argument(
        "--to", dest="last", type=date.fromisoformat, metavar="DAY", help="by default the last that is over"
    )


def run(chosen: Namespace, catalogue: Catalogue, warehouse: "URL", archive: "Archive") -> int:
    """Print the plan as Markdown; 0.

    Raises:
        BackfillError: there is nothing to plan, or the warehouse does not answer.
    """
    from sqlalchemy.exc import SQLAlchemyError

    from city_indicators.ingest.backfill import report
    from city_indicators.ingest.backfill.collect import collect
    from city_indicators.ingest.backfill.plan import intervals
    from city_indicators.warehouse.database import engine

    now = datetime.now(UTC)
    source = catalogue.sources[chosen.source]
    planned = intervals(source, chosen.first, chosen.last, now)
    try:
        told = collect(source, catalogue, planned, archive, engine(warehouse), now)
    except SQLAlchemyError as error:
        fault = f"the warehouse says: {error}".splitlines()[0]
        # The dry run of a replay writes, and is rolled back.
        raise BackfillError(source.id, fault, "see that it runs and that the role may write") from error
    print(report.markdown(told))
    return 0
