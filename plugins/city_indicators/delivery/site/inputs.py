"""What the files of a site are made from, as one digest: while it is the same, so is every byte of them."""

import hashlib
import sys
from collections.abc import Iterator
from importlib.metadata import distributions

from sqlalchemy import Connection

from city_indicators.core import digests
from city_indicators.warehouse.database import rows


def digest(connection: Connection, rating: str, edition: str, address: str | None) -> str:
    """SHA-256 of the code, the declarations, the packages and what the warehouse holds for an edition.

    Observations are those known to the edition, and never change; names and sources are the current ones.
    """
    key = {"rating": rating, "edition": edition}
    held = {
        "address": address,
        "editions": [rows(connection, f"documents/{name}", **key) for name in ("edition", "previous")],
        "documents": rows(connection, "documents/of_edition", **key),
        "names": rows(connection, "export/code_names"),
        "terms": rows(connection, "documents/terms"),
        "places": rows(connection, "documents/places"),
        "sources": rows(connection, "export/sources", sources=None),
    }
    made = hashlib.sha256(repr(held).encode())
    for part in (digests.of_project().encode(), *_packages()):
        made.update(part)
    return made.hexdigest()


def _packages() -> Iterator[bytes]:
    """The version of Python, and those of all packages."""
    yield sys.version.encode()
    yield from sorted(f"{each.name} {each.version}".encode() for each in distributions())
