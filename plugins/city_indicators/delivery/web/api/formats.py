"""Writes a page of rows as JSON, CSV or an Arrow stream."""

import json
from collections.abc import Callable
from typing import Final, Literal

import pyarrow as pa
from sqlalchemy import Connection, Text, cast, func, select

from city_indicators.delivery.exports.arrow import batch, schema
from city_indicators.delivery.exports.delimited import copied
from city_indicators.delivery.exports.kinds import as_text, as_value
from city_indicators.delivery.web.api.page import Page

Format = Literal["json", "csv", "arrow"]

MEDIA_TYPES: Final[dict[Format, str]] = {
    "json": "application/json",
    "csv": "text/csv",
    "arrow": "application/vnd.apache.arrow.stream",
}


def as_json(connection: Connection, page: Page, following: str | None) -> bytes:
    """An object with the rows as `data`, written by the database, and `next`, the query of the next page."""
    rows = page.select(lambda field: field.value).subquery()
    every = func.coalesce(func.json_agg(func.row_to_json(rows.table_valued())), func.json_build_array())
    data = str(connection.scalar(select(cast(every, Text))))
    return f'{{"data": {data}, "next": {json.dumps(following)}}}'.encode()


def as_csv(connection: Connection, page: Page, _following: str | None) -> bytes:
    """The CSV of an export."""
    return b"".join(copied(connection, page.select(as_text)))


def as_arrow(connection: Connection, page: Page, _following: str | None) -> bytes:
    """A stream with the types of an export as Parquet."""
    columns, sink = schema(page.fields), pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, columns) as writer:
        writer.write_batch(batch(connection.execute(page.select(as_value)).all(), columns))
    return bytes(sink.getvalue().to_pybytes())


WRITERS: Final[dict[Format, Callable[[Connection, Page, str | None], bytes]]] = {
    "json": as_json,
    "csv": as_csv,
    "arrow": as_arrow,
}
