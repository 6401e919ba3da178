"""Observations as SDMX-CSV 2.0, and what their dataflow is made of."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Select, Table, and_, literal

from city_indicators.delivery.exports.delimited import copied
from city_indicators.delivery.exports.fields import Field
from city_indicators.delivery.exports.kinds import as_text
from city_indicators.delivery.exports.tables import Export, Part, report_tables

AGENCY: Final = "CITY_INDICATORS"
FLOW: Final = "OBSERVATIONS"
VERSION: Final = "1.0.0"
DATAFLOW: Final = f"{AGENCY}:{FLOW}({VERSION})"
"""The dataflow of this project; it is in no registry."""

SERIES: Final = ("freq", "ref_area", "indicator", "source")
TIME: Final = "time_period"
DIMENSIONS: Final = (*SERIES, TIME)
MEASURE: Final = "obs_value"
CODED: Final = ("unit_measure", "obs_status", "geo_basis")
COMMENT: Final = "comment_obs"
ATTRIBUTES: Final = (*CODED, COMMENT)
"""Those with codes, and the declared correction of the observation."""

CUSTOM: Final = ("version", "known_from")
"""Columns beyond the dataflow: the version of the observation and when it became known."""


def blocks(connection: Connection, export: Export) -> Iterator[bytes]:
    """The observations, one a row, for information (action I)."""
    (part,) = export.parts
    fixed = [
        literal("dataflow").label("STRUCTURE"),
        literal(DATAFLOW).label("STRUCTURE_ID"),
        literal("I").label("ACTION"),
    ]
    return copied(connection, select(connection, part, fixed, CUSTOM))


def select(
    connection: Connection,
    part: Part,
    before: Sequence[ColumnElement[Any]] = (),
    after: Sequence[str] = (),
) -> Select[Any]:
    """The statement of the observations as texts: dimensions, measure and attributes by their SDMX names."""
    columns = part.table.columns
    corrections = report_tables(connection)["corrections"]
    comment = corrections.columns["correction"].label(COMMENT.upper())
    named = [_named(part.table, name) for name in (*DIMENSIONS, MEASURE, *CODED)]
    keys = ("ref_area", "indicator", "time_period", "source", "version")
    same = and_(*(columns[key] == corrections.columns[key] for key in keys))
    further = [_named(part.table, name) for name in after]
    statement = part.rows([*before, *named, comment, *further])
    return statement.outerjoin_from(part.table, corrections, same)


def _named(table: Table, name: str) -> ColumnElement[Any]:
    return as_text(Field.of(table.columns[name])).label(name.upper())
