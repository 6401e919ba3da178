"""`python -m city_indicators site`: the site of an edition as a folder."""

from argparse import ArgumentParser, ArgumentTypeError, Namespace
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from city_indicators.core.errors import SiteError

if TYPE_CHECKING:
    from sqlalchemy import URL

    from city_indicators.core.archive import Archive


def configure(parser: ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("--rating", required=True, help="for example climate_world")
    parser.add_argument("--edition", required=True, help="of the rating, for example 2024.1")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="empty, or with such a site")
    parser.add_argument(
        "--address", type=_address, metavar="URL", help="where the site will be; adds sitemap.xml"
    )


def run(chosen: Namespace, warehouse: "URL", archive: "Archive") -> int:
    """Write the site and print what changed; returns 0. Makes nothing if all it is made from is the same.

    Raises:
        SiteError: the folder is not one of a site, or the warehouse cannot be read.
        DocumentError: there is no such edition, or a text of the site is wrong.
        ArchiveError: a document of the edition is no longer in the archive.
    """
    from sqlalchemy.exc import SQLAlchemyError

    from city_indicators.delivery.exports.tables import reading
    from city_indicators.delivery.site.build import build
    from city_indicators.delivery.site.folder import check, is_current, write
    from city_indicators.delivery.site.inputs import digest
    from city_indicators.warehouse.database import engine

    check(chosen.out)
    try:
        with reading(engine(warehouse)) as connection:
            made_from = digest(connection, chosen.rating, chosen.edition, chosen.address)
            if is_current(chosen.out, made_from):
                print(f"{chosen.out}: nothing to do; edition, names, documents and code are the same")
                return 0
            files = build(connection, archive, chosen.rating, chosen.edition, chosen.address)
    except SQLAlchemyError as error:
        fault = f"the warehouse says: {error}".splitlines()[0]
        raise SiteError(chosen.rating, fault, "see that it runs and that the role may read") from error
    done = write(chosen.out, files, made_from)
    print(
        f"{chosen.out}: {len(files)} files; {done.written} written, {done.removed} removed, others unchanged"
    )
    return 0


def _address(text: str) -> str:
    """The address of the folder of the site, with a slash at the end."""
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.netloc or parts.query or parts.fragment:
        raise ArgumentTypeError(f"{text!r} is not an address such as https://rating.example/2024/")
    return text.rstrip("/") + "/"
