"""Rows as Parquet, with the types of the database."""

import json
from typing import IO, Any, Final

import pyarrow as pa
import pyarrow.parquet as pq
from sqlalchemy import ARRAY, Connection, DateTime
from sqlalchemy.types import TypeEngine

from city_indicators.delivery.exports.facts import Facts
from city_indicators.delivery.exports.fields import Field
from city_indicators.delivery.exports.kinds import Kind, as_value, kind
from city_indicators.delivery.exports.tables import Part, batches
from city_indicators.delivery.exports.texts import LICENCES, description

TYPES: Final[dict[Kind, pa.DataType]] = {
    "boolean": pa.bool_(),
    "integer": pa.int64(),
    "number": pa.float64(),
    "date": pa.date32(),
    "json": pa.string(),
    "text": pa.string(),
}


def write(connection: Connection, part: Part, facts: Facts, file: IO[bytes]) -> None:
    """Write the rows of a table, one row group per batch."""
    schema = pa.schema([_field(field) for field in part.fields], _metadata(part, facts))
    statement = part.rows(map(as_value, part.fields))
    with pq.ParquetWriter(file, schema, compression="zstd") as writer:
        for rows in batches(connection, statement):
            cells = zip(*rows, strict=True)
            arrays = [pa.array(values, field.type) for values, field in zip(cells, schema, strict=True)]
            writer.write_batch(pa.RecordBatch.from_arrays(arrays, schema=schema))


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


def _metadata(part: Part, facts: Facts) -> dict[str, str]:
    return {
        "table": part.table.fullname,
        "description": description(part.table, "en").holds,
        "exported_at": facts.exported_at.isoformat(),
        "licence": LICENCES,
        "sources": json.dumps(facts.sources, ensure_ascii=False),
    }
