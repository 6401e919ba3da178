"""A database like that of a demo that ran, with its cities copied: thousands of cities with real values.

A copy has the values, scores and trends of its original, and shares its country. Ranks are those of cities
with identical scores. Editions and best practices stay those of the demo.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from sqlalchemy import URL, Connection, create_engine

from standalone import databases
from standalone.postgres import Server

DATABASE: Final = "warehouse_of_copies"
TABLES: Final = (
    *("catalog.ref_area", "catalog.city", "core.observation_version", "core.observation_state"),
    *("report.city_peer", "report.city_profile", "report.trend", "report.rating"),
    *("report.rating_pillar", "report.rating_indicator", "report.rating_uncertainty", "report.drawn_ranks"),
    "report.city_coverage",
)
PLACES: Final = ("source_ref_area", "denominator_source_ref_area", "peer_ref_area")
"""Columns with the city itself, another city or a country."""
NAMES: Final = ("name_", "city_name_", "place_name_", "peer_name_")

COLUMNS: Final = """
select column_name from information_schema.columns
where table_schema = '{schema}' and table_name = '{table}' order by ordinal_position
"""
ORIGINALS: Final = """
create temporary table original as select ref_area from catalog.city;
analyze original;
update report.rating set
    rank = {times} * (rank - 1) + 1, n_ranked = {times} * n_ranked,
    rank_p05 = {times} * (rank_p05 - 1) + 1, rank_median = {times} * (rank_median - 1) + 1,
    rank_p95 = {times} * (rank_p95 - 1) + 1;
update report.rating_uncertainty set rank = {times} * (rank - 1) + 1;
update report.city_profile set rank = {times} * (rank - 1) + 1, n_ranked = {times} * n_ranked;
update report.data_coverage set
    cities = {times} * cities, cities_of_catalogue = {times} * cities_of_catalogue;
update report.indicator_coverage set
    cities_own = {times} * cities_own, cities_part = {times} * cities_part,
    cities_country = {times} * cities_country, cities_estimated = {times} * cities_estimated,
    cities_missing = {times} * cities_missing;
update report.source_use set observations = {times} * observations;
update core.observation_block set observations = observations + (
    select count(*) * ({times} - 1) from core.observation_state
    where observation_state.block_id = observation_block.block_id
    and observation_state.ref_area in (select ref_area from original)
);
"""
COPIES: Final = """
insert into {table} ({columns})
select {values} from {table} cross join generate_series(1, {times} - 1) as copy
where ref_area in (select ref_area from original)
order by {order}
"""
COPY_OF_PLACE: Final = (
    "case when {place} in (select ref_area from original) then {place} || '-' || copy else {place} end"
)


@contextmanager
def copied(server: Server, cities: int) -> Iterator[URL]:
    """The address of a database with this many cities, or the next multiple of those of the demo.

    It is removed after the block. Nobody may be connected to the demo's warehouse when it is made.
    """
    admin = create_engine(server.admin, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.exec_driver_sql(f"drop database if exists {DATABASE}")
        connection.exec_driver_sql(f"create database {DATABASE} template {databases.WAREHOUSE} owner etl")
        try:
            url = server.url(DATABASE, "etl")
            fill(url, cities)
            yield url
        finally:
            connection.exec_driver_sql(f"drop database {DATABASE} with (force)")


def fill(url: URL, cities: int) -> None:
    """Copy the cities of a warehouse until it has so many, and count its rows for the planner."""
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        known = int(connection.exec_driver_sql("select count(*) from catalog.city").scalar_one())
        times = -(-cities // known)
        connection.exec_driver_sql(ORIGINALS.format(times=times))
        for table in TABLES:
            connection.exec_driver_sql(_copies(connection, table, times))
        connection.exec_driver_sql("vacuum analyze")
    engine.dispose()


def _copies(connection: Connection, table: str, times: int) -> str:
    """The statement that copies the rows of a table."""
    schema, _, name = table.partition(".")
    columns = list(connection.exec_driver_sql(COLUMNS.format(schema=schema, table=name)).scalars())
    values = [_of_copy(column) for column in columns]
    order = [column for column in ("block_id", "rating", "indicator", "time_period") if column in columns]
    return COPIES.format(
        table=table,
        columns=", ".join(f'"{column}"' for column in columns),
        values=", ".join(values),
        times=times,
        order=", ".join([*order, f"{table}.ref_area || '-' || copy"]),
    )


def _of_copy(column: str) -> str:
    """The value of a column of a copy, in SQL."""
    if column == "ref_area":
        return "ref_area || '-' || copy"
    if column in PLACES:
        return COPY_OF_PLACE.format(place=column)
    return f"{column} || ' ' || copy" if column.startswith(NAMES) else f'"{column}"'
