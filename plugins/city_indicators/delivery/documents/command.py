"""`python -m city_indicators document`: a document of an edition as a file."""

import sys
from argparse import ArgumentParser, Namespace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from city_indicators.core.errors import DocumentError
from city_indicators.core.languages import DECLARED
from city_indicators.delivery.documents import FORMATS, file_name
from city_indicators.delivery.documents.declaration import documents, load_document

if TYPE_CHECKING:
    from sqlalchemy import URL, Engine

    from city_indicators.delivery.documents.build import Built


def configure(parser: ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("name", choices=documents(), metavar="DOCUMENT", help=", ".join(documents()))
    of = parser.add_mutually_exclusive_group(required=True)
    of.add_argument("--edition", help="of the document's rating, for example 2024.1")
    of.add_argument("--draft", metavar="YEAR", help="as it would be published now, with a watermark")
    parser.add_argument("--case", default="", metavar="ID", help="of a document that is of a best practice")
    parser.add_argument("--language", choices=list(DECLARED), default="en")
    parser.add_argument("--format", choices=FORMATS, default="pdf")
    parser.add_argument(
        "--out",
        type=Path,
        metavar="FILE",
        help="by default DOCUMENT[-CASE]-EDITION.LANGUAGE.FORMAT in this folder",
    )


def run(chosen: Namespace, warehouse: "URL") -> int:
    """Write the file, and list the numbers that authors typed by hand; returns 0.

    Raises:
        DocumentError: the document cannot be made, or the warehouse cannot be read.
    """
    from sqlalchemy.exc import SQLAlchemyError

    from city_indicators.delivery.documents.build import build
    from city_indicators.delivery.documents.edition import Computed
    from city_indicators.delivery.documents.formats import RENDERERS
    from city_indicators.delivery.exports.tables import reading
    from city_indicators.warehouse.database import engine

    try:
        if chosen.draft:
            edition, built = _draft(engine(warehouse), chosen)
        else:
            edition = chosen.edition
            with reading(engine(warehouse)) as connection:
                rating = load_document(chosen.name).rating
                computed = Computed.of(connection, rating, edition)
                built = build(computed, chosen.name, chosen.language, case=chosen.case)
    except SQLAlchemyError as error:
        fault = f"the warehouse says: {error}".splitlines()[0]
        raise DocumentError(chosen.name, fault, "see that it runs and that the role may read") from error
    out = chosen.out or Path(file_name(built.document.name, edition, chosen.language, chosen.format))
    out.write_bytes(RENDERERS[chosen.format](built.document))
    for each in built.unverified:
        print(f"unverified, typed by hand: {each}", file=sys.stderr)
    print(f"wrote {out}: {out.stat().st_size} bytes")
    return 0


def _draft(warehouse: "Engine", chosen: Namespace) -> tuple[str, "Built"]:
    """The number that the next edition of a year would have, and its document."""
    from city_indicators.delivery.documents.build import build
    from city_indicators.delivery.documents.edition import Computed
    from city_indicators.delivery.documents.preview import previewed
    from city_indicators.reports.editions.freeze import propose

    declared = load_document(chosen.name)
    with warehouse.begin() as connection:
        proposal = propose(
            connection, declared.rating, chosen.draft, declared.title.en, lambda: datetime.now(UTC)
        )
    with previewed(warehouse, proposal) as (connection, edition):
        computed = Computed.of(connection, declared.rating, edition)
        built = build(computed, chosen.name, chosen.language, case=chosen.case, is_draft=True)
        return f"{edition}-draft", built
