"""Rows as Parquet, with the types of the database."""

import json
from typing import IO

import pyarrow.parquet as pq
from sqlalchemy import Connection

from city_indicators.delivery.exports.arrow import batch, schema
from city_indicators.delivery.exports.facts import Facts
from city_indicators.delivery.exports.kinds import as_value
from city_indicators.delivery.exports.tables import Part, batches
from city_indicators.delivery.exports.texts import LICENCES, description


def write(connection: Connection, part: Part, facts: Facts, file: IO[bytes]) -> None:
    """Write the rows of a table, one row group per batch."""
    columns = schema(part.fields, _metadata(part, facts))
    statement = part.rows(map(as_value, part.fields))
    with pq.ParquetWriter(file, columns, compression="zstd") as writer:
        for rows in batches(connection, statement):
            writer.write_batch(batch(rows, columns))


def _metadata(part: Part, facts: Facts) -> dict[str, str]:
    return {
        "table": part.table.fullname,
        "description": description(part.table, "en").holds,
        "exported_at": facts.exported_at.isoformat(),
        "licence": LICENCES,
        "sources": json.dumps(facts.sources, ensure_ascii=False),
    }
