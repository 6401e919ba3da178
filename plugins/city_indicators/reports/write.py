"""Writes frames into report tables with the declared types, and deletes rows."""

from collections.abc import Iterable, Iterator
from typing import Any, Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy
from sqlalchemy import Connection

from city_indicators.warehouse.bulk import copy
from city_indicators.warehouse.report_tables import Column, report_tables

NUMBERS: Final[dict[str, tuple[Any, pa.DataType]]] = {
    "number": ("Float64", pa.float64()),
    "integer": ("Int64", pa.int64()),
    "bigint": ("Int64", pa.int64()),
    "boolean": ("boolean", pa.bool_()),
}
ELEMENTS: Final = {"text[]": pa.string(), "integer[]": pa.int32(), "number[]": pa.float64()}


def write(connection: Connection, table: str, rows: pd.DataFrame) -> None:
    """Append a frame to a table of schema report; the frame must have exactly the declared columns.

    Raises:
        CatalogueError: a column is missing in the frame or in the declaration.
    """
    append(connection, table, [as_arrow(table, rows)])


def append(connection: Connection, table: str, parts: Iterable[pa.Table | pa.RecordBatch]) -> None:
    """Append rows as of `as_arrow`, part by part, to a table of schema report.

    Raises:
        CatalogueError: a declared column is missing in a part.
    """
    declared = report_tables()[table]

    def complete() -> Iterator[pa.Table | pa.RecordBatch]:
        for part in parts:
            if absent := [name for name in declared.columns if name not in part.schema.names]:
                fault = (
                    "is declared, but not written. Next step: compute it, or remove it from the declaration"
                )
                raise declared.fault(f"columns.{absent[0]}", fault)
            yield part

    copy(connection, f"report.{table}", complete())


def delete(connection: Connection, table: str, **where: str | list[str]) -> None:
    """Delete the rows of a table of schema report that have these values, or one of a list, in columns."""
    target = sqlalchemy.table(table, *map(sqlalchemy.column, where), schema="report")
    conditions = [
        target.c[name].in_(value) if isinstance(value, list) else target.c[name] == value
        for name, value in where.items()
    ]
    connection.execute(sqlalchemy.delete(target).where(*conditions))


def replace(connection: Connection, table: str, rows: pd.DataFrame) -> None:
    """Replace all rows of a table by those of a frame."""
    delete(connection, table)
    write(connection, table, rows)


def as_arrow(table: str, rows: pd.DataFrame) -> pa.Table:
    """The rows with the types of a table of schema report, columns in the order of the frame.

    Raises:
        CatalogueError: a column is not declared.
    """
    declared = report_tables()[table]
    if unknown := [name for name in rows.columns if name not in declared.columns]:
        raise declared.fault(f"columns.{unknown[0]}", "is written, but not declared. Next step: declare it")
    return pa.table({name: _array(declared.columns[name], rows[name]) for name in rows.columns})


def _array(column: Column, values: "pd.Series[Any]") -> pa.Array:
    """The values of a column as COPY expects them; lists in the array format of PostgreSQL."""
    if column.type in NUMBERS:
        of_pandas, of_arrow = NUMBERS[column.type]
        return pa.array(values.astype(of_pandas), of_arrow, from_pandas=True)
    if column.type == "timestamptz":
        return pa.array(values, pa.timestamp("us", "UTC"), from_pandas=True)
    if column.type.endswith("[]"):
        return _literals(pa.array(values, pa.list_(ELEMENTS[column.type]), from_pandas=True))
    return pa.array(values.astype(object), pa.string(), from_pandas=True)


def _literals(lists: pa.ListArray) -> pa.StringArray:
    """The lists in the array format of PostgreSQL, without a Python object for each entry."""
    words = pc.fill_null(lists.flatten().cast(pa.string()), "NULL")
    sizes = pc.fill_null(pc.list_value_length(lists), 0).to_numpy()
    offsets = pa.array(np.concatenate([[0], np.cumsum(sizes)]), pa.int32())
    joined = pc.binary_join(pa.ListArray.from_arrays(offsets, words, mask=lists.is_null()), ",")
    return pc.binary_join_element_wise("{", joined, "}", "")
