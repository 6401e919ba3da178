"""Loads and reads rows in bulk by COPY, in the connection's transaction."""

import io
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final

import pyarrow as pa
from pyarrow import csv as pa_csv
from sqlalchemy import Connection

from city_indicators.warehouse.binary import SIGNATURE, as_binary
from city_indicators.warehouse.database import statement

HEADLESS: Final = pa_csv.WriteOptions(include_header=False)
TEXT: Final = pa.dictionary(pa.int32(), pa.string())
"""The type of texts that are read, of which most occur many times."""


def as_csv(rows: pa.Table | pa.RecordBatch) -> memoryview:
    """Encode rows as CSV for COPY and for digests: without a header; a missing value is an empty field."""
    buffer = io.BytesIO()
    pa_csv.write_csv(rows, buffer, HEADLESS)
    return buffer.getbuffer()


@dataclass(frozen=True)
class CopyFormat:
    """A format of COPY: its name, the function that encodes rows, and the header before them."""

    name: str
    write: Callable[[pa.Table | pa.RecordBatch], memoryview]
    head: bytes = b""


CSV: Final = CopyFormat("csv", as_csv)
BINARY: Final = CopyFormat("binary", as_binary, SIGNATURE)


def copy(
    connection: Connection, table: str, parts: Iterable[pa.Table | pa.RecordBatch], form: CopyFormat = CSV
) -> None:
    """Load rows into a table by COPY, with at most two parts in memory at a time.

    All parts have the same columns, which are columns of the table.
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
        # The next part is encoded while the server reads this one.
        part: Future[memoryview | None] = ahead.submit(form.write, first)
        while (prepared := part.result()) is not None:
            part = ahead.submit(_next, rest, form)
            stream.write(prepared)


def _next(parts: Iterator[pa.Table | pa.RecordBatch], form: CopyFormat) -> memoryview | None:
    part = next(parts, None)
    return None if part is None else form.write(part)


def read(connection: Connection, name: str, schema: pa.Schema, **parameters: Any) -> pa.Table:
    """The rows of the statement `include/sql/<name>.sql`, with the columns of a schema, which it has by name.

    A million rows need a tenth of the memory and processor time of as many Python objects.
    """
    compiled = statement(name).compile(dialect=connection.dialect)
    cursor = connection.connection.driver_connection.cursor()  # type: ignore[union-attr]
    # COPY takes no parameters: psycopg writes them into the statement.
    query = f"copy ({str(compiled).strip().removesuffix(';')}) to stdout (format csv, header)"
    convert = pa_csv.ConvertOptions(
        column_types=schema,
        include_columns=schema.names,
        null_values=[""],
        true_values=["t"],
        false_values=["f"],
        strings_can_be_null=True,
        quoted_strings_can_be_null=False,
    )
    parse = pa_csv.ParseOptions(newlines_in_values=True)
    with cursor.copy(query, parameters) as stream:
        return pa_csv.read_csv(pa.PythonFile(_Received(stream)), parse_options=parse, convert_options=convert)


class _Received(io.RawIOBase):
    """The rows that COPY sends, as a file."""

    def __init__(self, rows: Iterable[bytes]) -> None:
        self._rows = iter(rows)
        self._rest = bytearray()

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        while size < 0 or len(self._rest) < size:
            row = next(self._rows, None)
            if row is None:
                break
            self._rest += row
        end = len(self._rest) if size < 0 else size
        given = bytes(self._rest[:end])
        del self._rest[:end]
        return given
