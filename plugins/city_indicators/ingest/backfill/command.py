"""`python -m city_indicators plan`: previews the cost and the changes of a backfill."""

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
    fetched = [source.id for source in catalogue.sources.values() if not source.is_submission]
    parser.add_argument("source", choices=sorted(fetched))
    parser.add_argument(
        "--from",
        dest="first",
        type=date.fromisoformat,
        metavar="DAY",
        help="first day of the backfill; default: the source's first period",
    )
    parser.add_argument(
        "--to",
        dest="last",
        type=date.fromisoformat,
        metavar="DAY",
        help="last day on which an interval may begin; default: the last interval that is over",
    )


def run(chosen: Namespace, catalogue: Catalogue, warehouse: "URL", archive: "Archive") -> int:
    """Print the plan as Markdown; returns the exit code 0.

    Raises:
        BackfillError: there is no interval to plan, or the warehouse does not answer.
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
        collected = collect(source, catalogue, planned, archive, engine(warehouse), now)
    except SQLAlchemyError as error:
        fault = f"the warehouse reports: {error}".splitlines()[0]
        # The dry run of a replay writes, and is rolled back.
        raise BackfillError(
            source.id, fault, "check that the warehouse runs and that the role may write"
        ) from error
    print(report.markdown(collected))
    return 0
