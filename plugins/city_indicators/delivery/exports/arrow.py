"""Columns and rows in the types of Arrow."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

import pyarrow as pa
from sqlalchemy import ARRAY, DateTime
from sqlalchemy.types import TypeEngine

from city_indicators.delivery.exports.fields import Field
from city_indicators.delivery.exports.kinds import Kind, kind

TYPES: Final[dict[Kind, pa.DataType]] = {
    "boolean": pa.bool_(),
    "integer": pa.int64(),
    "number": pa.float64(),
    "date": pa.date32(),
    "json": pa.string(),
    "text": pa.string(),
}


def schema(fields: Iterable[Field], metadata: dict[str, str] | None = None) -> pa.Schema:
    """The columns with the types of the database."""
    return pa.schema([_field(field) for field in fields], metadata)


def batch(rows: Sequence[Sequence[Any]], schema: pa.Schema) -> pa.RecordBatch:
    """Rows of `as_value` cells, in the order of the columns."""
    cells = zip(*rows, strict=True) if rows else ((),) * len(schema)
    arrays = [pa.array(values, field.type) for values, field in zip(cells, schema, strict=True)]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def _field(field: Field) -> pa.Field:
    # Marks the text as JSON for programs.
    metadata = {"format": "json"} if kind(field.type) == "json" else None
    return pa.field(field.name, _type(field.type), field.nullable, metadata)


def _type(type_: TypeEngine[Any]) -> pa.DataType:
    if isinstance(type_, ARRAY):
        return pa.list_(_type(type_.item_type))
    if isinstance(type_, DateTime):
        return pa.timestamp("us", tz="UTC" if type_.timezone else None)
    return TYPES[kind(type_)]
