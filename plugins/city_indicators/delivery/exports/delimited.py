"""Rows as CSV for programs: UTF-8, lines ended by a line feed, written by the database itself."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, Select

from city_indicators.delivery.exports.files import BLOCK
from city_indicators.delivery.exports.kinds import as_text
from city_indicators.delivery.exports.tables import Part


def blocks(connection: Connection, part: Part) -> Iterator[bytes]:
    """The rows of a table with a header, in blocks of about 64 kB."""
    return copied(connection, part.rows(as_text(field).label(field.name) for field in part.fields))


def copied(connection: Connection, statement: Select[Any]) -> Iterator[bytes]:
    """The CSV that COPY writes for a statement: an absent value is empty, an empty text is two quotes."""
    compiled = statement.compile(dialect=connection.dialect)
    copy = f"copy ({compiled}) to stdout (format csv, header, encoding 'UTF8')"
    block = bytearray()
    driver: Any = connection.connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(copy, compiled.params) as rows:
        for row in rows:
            block += row
            if len(block) >= BLOCK:
                yield bytes(block)
                block.clear()
    yield bytes(block)
