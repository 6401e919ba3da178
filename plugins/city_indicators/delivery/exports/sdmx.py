"""Observations as SDMX-CSV 2.0."""

from collections.abc import Iterator
from typing import Final

from sqlalchemy import ColumnElement, Connection, Table, and_, literal

from city_indicators.delivery.exports.delimited import copied
from city_indicators.delivery.exports.fields import Field
from city_indicators.delivery.exports.kinds import as_text
from city_indicators.delivery.exports.tables import Export, report_tables

DATAFLOW: Final = "CITY_INDICATORS:OBSERVATIONS(1.0.0)"
"""The dataflow of this project; it is in no registry."""

DIMENSIONS: Final = ("freq", "ref_area", "indicator", "source", "time_period")
MEASURE: Final = "obs_value"
ATTRIBUTES: Final = ("unit_measure", "obs_status", "geo_basis")
CUSTOM: Final = ("version", "known_from")
"""Columns beyond the dataflow: the version of the observation and when it became known."""


def blocks(connection: Connection, export: Export) -> Iterator[bytes]:
    """The observations, one a row, for information (action I)."""
    (part,) = export.parts
    columns = part.table.columns
    fixed = [
        literal("dataflow").label("STRUCTURE"),
        literal(DATAFLOW).label("STRUCTURE_ID"),
        literal("I").label("ACTION"),
    ]
    corrections = report_tables(connection)["corrections"]
    comment = corrections.columns["correction"].label("COMMENT_OBS")
    before = [_named(part.table, name) for name in (*DIMENSIONS, MEASURE, *ATTRIBUTES)]
    after = [_named(part.table, name) for name in CUSTOM]
    keys = ("ref_area", "indicator", "time_period", "source", "version")
    same = and_(*(columns[key] == corrections.columns[key] for key in keys))
    statement = part.rows([*fixed, *before, comment, *after])
    return copied(connection, statement.outerjoin_from(part.table, corrections, same))


def _named(table: Table, name: str) -> ColumnElement[object]:
    return as_text(Field.of(table.columns[name])).label(name.upper())
