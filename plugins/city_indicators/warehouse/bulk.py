"""Bulk loading by COPY, in the connection's own transaction."""

import io
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

import pyarrow as pa
from pyarrow import csv as pa_csv
from sqlalchemy import Connection

from city_indicators.warehouse.binary import SIGNATURE, as_binary

HEADLESS: Final = pa_csv.WriteOptions(include_header=False)


def as_csv(rows: pa.Table | pa.RecordBatch) -> memoryview:
    """The rows as PostgreSQL and a digest read them: no header, a missing value is nothing between commas."""
    buffer = io.BytesIO()
    pa_csv.write_csv(rows, buffer, HEADLESS)
    return buffer.getbuffer()


@dataclass(frozen=True)
class CopyFormat:
    """A format of COPY: its name, how rows are written in it, and what comes before them."""

    name: str
    write: Callable[[pa.Table | pa.RecordBatch], memoryview]
    head: bytes = b""


CSV: Final = CopyFormat("csv", as_csv)
BINARY: Final = CopyFormat("binary", as_binary, SIGNATURE)


def copy(
    connection: Connection, table: str, parts: Iterable[pa.Table | pa.RecordBatch], form: CopyFormat = CSV
) -> None:
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
        cursor.copy(f"copy {table} ({columns}) from stdin (format {form.name})") as stream,
        ThreadPoolExecutor(1) as ahead,
    ):
        stream.write(form.head)
        # The next part is made while the server takes in this one.
        part: Future[memoryview | None] = ahead.submit(form.write, first)
        while (prepared := part.result()) is not None:
            part = ahead.submit(_next, rest, form)
            stream.write(prepared)


def _next(parts: Iterator[pa.Table | pa.RecordBatch], form: CopyFormat) -> memoryview | None:
    part = next(parts, None)
    return None if part is None else form.write(part)
