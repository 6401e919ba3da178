"""Computes a checksum of each table, to compare the contents of two warehouses."""

from typing import NamedTuple

from psycopg import sql
from sqlalchemy import URL, Connection

from city_indicators.warehouse.database import engine, statement

QUERY = sql.SQL("""
select
    count(*),
    md5(coalesce(sum(('x' || left(md5(stored::text), 16))::bit(64)::bigint), 0)::text)
from {} as stored
""")
"""A sum over the rows does not depend on their order and needs constant memory."""


class Checksum(NamedTuple):
    """A table, its row count, and 32 hexadecimal digits that differ if any value differs."""

    table: str
    rows: int
    checksum: str


def tables(connection: Connection) -> list[tuple[str, str]]:
    """Schema and name of every table of the warehouse, sorted."""
    return [(row.schema_name, row.table_name) for row in connection.execute(statement("admin/tables"))]


def checksums(url: URL) -> list[Checksum]:
    """The checksums of all tables of the warehouse in one snapshot, sorted by name."""
    with engine(url).connect().execution_options(isolation_level="REPEATABLE READ") as connection:
        # The text of a row must not depend on settings of the server or the session.
        connection.exec_driver_sql("set timezone = 'UTC'; set datestyle = 'ISO'; set extra_float_digits = 1")
        return [_checksum(connection, schema, name) for schema, name in tables(connection)]


def _checksum(connection: Connection, schema: str, name: str) -> Checksum:
    query = QUERY.format(sql.Identifier(schema, name)).as_string()
    rows, checksum = connection.exec_driver_sql(query).one()
    return Checksum(f"{schema}.{name}", rows, checksum)
