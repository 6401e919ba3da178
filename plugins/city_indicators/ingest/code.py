"""The digest of the code that reads and validates loads."""

from functools import cache
from typing import Final

from city_indicators.core import digests
from city_indicators.core.digests import LIBRARY

PACKAGES: Final = ("core", "catalog", "sources", "ingest", "intake")
"""What decides which rows of a file are accepted; newer versions of libraries do not count."""


@cache
def code_digest() -> str:
    """Return the sha256 of all modules of PACKAGES."""
    files = (file for package in PACKAGES for file in (LIBRARY / package).rglob("*.py"))
    return digests.of_files(files, LIBRARY)
