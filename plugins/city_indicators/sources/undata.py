"""UNdata: a CSV export, the only file of a zip, with footnotes below the table.

A place and year can have several records that differ in how people were counted. The first declared series
that has a value is used.
"""

import re
from collections.abc import Iterator
from typing import Final

from city_indicators.catalog.source import Source
from city_indicators.core.intervals import Interval
from city_indicators.core.snapshots import Snapshot
from city_indicators.sources import table, workbooks, zips
from city_indicators.sources.records import Archived, Record, breach, preferred
from city_indicators.sources.table import fetch as fetch

FOOTNOTES: Final = b'"footnoteSeqID"'
# The last cell of a row that cites notes by their numbers: "12,34".
CITATION: Final = re.compile(rb',"\d+(?:,\d+)*"\r?\n')
SELF_STATEMENTS: Final = {
    "title": "the complete titles of the columns, which the catalogue declares",
    "fields": "the number of fields of the header, which is that of every line",
    "footnotes": "the notes that rows cite, which follow the table",
}
"""What an export says about itself: it is refused if its rows or the catalogue differ."""


def read(source: Source, archived: Archived, interval: Interval) -> Iterator[Record]:
    """The records of the preferred series of each place and year; the others are left out.

    Raises:
        SourceContractError: the bytes are not such an export.
    """
    tables = ((snapshot, table_only(snapshot, content)) for snapshot, content in archived)
    yield from preferred(table.read(source, tables, interval))


def table_only(snapshot: Snapshot, content: bytes) -> bytes:
    """The CSV without its footnotes, whose quotation marks break the reading of CSV.

    Raises:
        SourceContractError: the zip is broken or holds more than one file.
    """
    if content.startswith(workbooks.ZIP):
        _, content = zips.only_file(snapshot, content)
    rows, notes, _ = content.partition(b"\n" + FOOTNOTES)
    if not notes and CITATION.search(rows):
        raise breach(snapshot, "rows cite footnotes, but none follow the table: its end is missing")
    return rows
