"""`python -m city_indicators export`: an export as a file."""

from argparse import ArgumentParser, Namespace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from city_indicators.core.errors import ExportError
from city_indicators.core.languages import languages
from city_indicators.delivery.exports import FORMATS

if TYPE_CHECKING:
    from sqlalchemy import URL


def configure(parser: ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "name", metavar="TABLE", help="a table of schema report; ratings, edition or observations"
    )
    parser.add_argument("--format", choices=FORMATS, default="csv")
    parser.add_argument(
        "--where", action="append", default=[], metavar="COLUMN=VALUE", help="only such rows; may be repeated"
    )
    parser.add_argument(
        "--language", choices=list(languages()), default="en", help="of the names in a workbook"
    )
    parser.add_argument("--out", type=Path, required=True, metavar="FILE")


def run(chosen: Namespace, warehouse: "URL") -> int:
    """Write the file; returns 0. An existing file stays until the new one is complete.

    Raises:
        ExportError: the warehouse cannot be read or lacks the table.
    """
    from sqlalchemy.exc import SQLAlchemyError

    from city_indicators.delivery.exports.formats import write
    from city_indicators.delivery.exports.tables import choose, reading
    from city_indicators.warehouse.database import engine

    partial = chosen.out.with_name(f"{chosen.out.name}.part")
    try:
        with reading(engine(warehouse)) as connection, partial.open("w+b") as file:
            export = choose(connection, chosen.name, chosen.where)
            write(connection, export, chosen.format, chosen.language, datetime.now(UTC), file)
        partial.replace(chosen.out)
    except SQLAlchemyError as error:
        fault = f"the warehouse says: {error}".splitlines()[0]
        raise ExportError(chosen.name, fault, "see that it runs and that the role may read") from error
    finally:
        partial.unlink(missing_ok=True)
    print(f"wrote {chosen.out}: {chosen.out.stat().st_size} bytes")
    return 0
