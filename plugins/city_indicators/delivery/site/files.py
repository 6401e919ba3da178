"""The files of a site that are no pages: scripts, styles, the data package, documents."""

import zipfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Final

from sqlalchemy import Connection

from city_indicators.core.archive import Archive
from city_indicators.delivery.documents import file_name
from city_indicators.delivery.documents.edition import Frozen, Row
from city_indicators.delivery.exports.formats import write
from city_indicators.delivery.exports.tables import choose
from city_indicators.delivery.web.static import SCRIPT, content
from city_indicators.warehouse.database import rows

STATIC: Final = Path(__file__).with_name("static")
DATA: Final = "data"
"""The folder of the data package."""


def static() -> dict[str, bytes]:
    """Styles and scripts: those of the explorer's pages, and those of the site alone."""
    scripts = {name: content(name) for name in (SCRIPT, "pages.js")}
    scripts["site.js"] = STATIC.joinpath("site.js").read_bytes()
    styles = content("pages.css") + STATIC.joinpath("site.css").read_bytes()
    return {"static/site.css": styles} | {
        f"static/{name}": classic(script) for name, script in scripts.items()
    }


def classic(module: bytes) -> bytes:
    """A module without imports as a script with its own names: a browser loads no module from a folder."""
    return b'(() => {\n"use strict";\n' + module + b"\n})();\n"


def data_package(connection: Connection, frozen: Frozen) -> dict[str, bytes]:
    """The tables of the edition as a Data Package: as a zip, and its files."""
    row = frozen.row
    export = choose(connection, "edition", [f"rating={row['rating']}", f"edition={row['edition']}"])
    file = BytesIO()
    write(connection, export, "package", "en", row["published_at"], file)
    with zipfile.ZipFile(file) as bundle:
        parts = {f"{DATA}/{name}": bundle.read(name) for name in bundle.namelist()}
    return {f"{DATA}/{row['rating']}-{row['edition']}.zip": file.getvalue(), **parts}


def kept_documents(connection: Connection, frozen: Frozen) -> list[Row]:
    """The documents of the edition that the archive keeps, each with the `path` of its file."""
    row = frozen.row
    kept = rows(connection, "documents/of_edition", rating=row["rating"], edition=row["edition"])
    return [{**each, "path": f"documents/{_name(each, row['edition'])}"} for each in kept]


def document_files(archive: Archive, kept: list[Row]) -> Iterator[tuple[str, bytes]]:
    """The files of documents by their paths.

    Raises:
        ArchiveError: one is no longer in the archive.
    """
    for each in kept:
        yield each["path"], archive.read(each["sha256"])


def _name(kept: Row, edition: str) -> str:
    return file_name(kept["document"], edition, kept["language"], kept["document_format"])
