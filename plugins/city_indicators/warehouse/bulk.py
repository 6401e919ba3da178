"""Bulk loading by COPY, in the connection's own transaction."""

import io
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import pyarrow as pa
from pyarrow import csv as pa_csv
from sqlalchemy import Connection

HEADLESS = pa_csv.WriteOptions(include_header=False)


def copy(connection: Connection, table: str, parts: Iterable[pa.Table | pa.RecordBatch]) -> None:
    """Bulk-load rows into a table of ours; no more than two parts are in memory at a time.

    All parts have the columns of the first, which are columns of the table.
    """
    cursor = connection.connection.driver_connection.cursor()  # type: ignore[union-attr]
    rest = iter(parts)
    first = next(rest, None)
    if first is None:
        return
    columns = ", ".join(first.schema.names)
    with (
        cursor.copy(f"copy {table} ({columns}) from stdin (format csv)") as stream,
        ThreadPoolExecutor(1) as ahead,
    ):
        # The next part is made while the server takes in this one.
        part: Future[memoryview | None] = ahead.submit(as_csv, first)
        while (prepared := part.result()) is not None:
            part = ahead.submit(_next_as_csv, rest)
            stream.write(prepared)


def _next_as_csv(parts: Iterator[pa.Table | pa.RecordBatch]) -> memoryview | None:
    part = next(parts, None)
    return None if part is None else as_csv(part)


def as_csv(rows: pa.Table | pa.RecordBatch) -> memoryview:
    """The rows as PostgreSQL and a digest read them: no header, a missing value is nothing between commas."""
    buffer = io.BytesIO()
    pa_csv.write_csv(rows, buffer, HEADLESS)
    return buffer.getbuffer()
