"""Measures loading beside COPY, dlt and dbt, and reading beside DuckDB: `make bench-peers`.

dlt and dbt are installed into build/peers. Without them the rest is measured.
"""

import io
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Final

import duckdb
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table
from sqlalchemy import URL

from benchmarks.scale import loading, reports
from benchmarks.scale.measure import Cost, measured, spent
from benchmarks.scale.world import ADDRESS, FETCHED_AT, YEARS, World, world_of
from benchmarks.servers import TemporaryWarehouse, temporary_warehouse
from city_indicators.catalog import load_catalogue
from city_indicators.core.archive import Archive
from city_indicators.core.paths import PROJECT
from city_indicators.core.snapshots import Answer
from city_indicators.reports.past import reference_as_of
from city_indicators.reports.ratings import observed
from city_indicators.reports.tables import Vintage
from city_indicators.warehouse.bulk import copy
from city_indicators.warehouse.catalog_sync import sync
from city_indicators.warehouse.database import engine
from city_indicators.warehouse.staged import BLOCK, CONTENT_COLUMNS

CITIES: Final = (480, 2_400)
COLUMNS: Final = ("cities", "load", "by", "wall, s", "CPU, s", "server, s", "peak, MB", "rows", "disk, MB")
HERE: Final = Path(__file__).parent
PYTHON: Final = PROJECT / "build/peers/bin/python"
TOOLS: Final = {"upsert": "dlt, upsert", "scd2": "dlt, scd2", "snapshot": "dbt, snapshot of that table"}

TABLE: Final = """
create table public.observation as select {columns} from core.observation_version where false;
alter table public.observation add primary key (indicator, time_period, ref_area);
"""
STATE: Final = """
select tup_inserted + tup_updated + tup_deleted, pg_database_size(datname)
from pg_stat_database where datname = current_database()
"""

INPUTS: Final = """
with of_year as (select *, cast(time_period as integer) as year from observation),
lasting as (
    select *, least(year + $max_age, $last, lead(year) over (
        partition by ref_area, indicator, unit_measure, geo_basis, source order by year
    ) - 1) as last_target
    from of_year
),
carried as (select *, unnest(range(greatest(year, $first), last_target + 1)) as target from lasting)
select place.city, carried.* from carried inner join place on carried.ref_area = place.ref_area
qualify row_number() over (
    partition by place.city, target, indicator, geo_basis = 'national'
    order by list_position($bases, geo_basis), list_position($sources, source), year desc
) = 1
"""


def installed() -> bool:
    """Whether dlt and dbt are in build/peers; installs them."""
    if not PYTHON.exists():
        subprocess.run([sys.executable, "-m", "venv", str(PYTHON.parents[1])], check=True)
    command = [str(PYTHON), "-m", "pip", "install", "-q", "-r", str(HERE / "peers-requirements.txt")]
    return subprocess.run(command, check=False).returncode == 0


def revise(frame: pd.DataFrame, rows: NDArray[np.bool_], world: World) -> None:
    """Change the values of some rows by up to a hundredth."""
    random = np.random.default_rng(0)
    for column in (series.column for series in world.source.series):
        given = rows & (frame[column] != "").to_numpy()
        values = frame.loc[given, column].astype(float) * random.uniform(0.99, 1.01, given.sum())
        frame.loc[given, column] = np.char.mod("%.6g", values)


def rows_of_load(folder: Path) -> Path:
    """The key and content of the rows that were validated, as a file for the others."""
    (staged,) = (folder / "staged").rglob("*.parquet")
    rows = folder / "rows.parquet"
    pq.write_table(pq.read_table(staged, columns=[*BLOCK, *CONTENT_COLUMNS]), rows)
    return rows


def copied(url: URL, rows: Path) -> None:
    """COPY all rows into the emptied table."""
    with engine(url).begin() as connection:
        connection.exec_driver_sql("truncate public.observation")
        copy(connection, "public.observation", pq.ParquetFile(rows).iter_batches())


def by_tool(tool: str, made: TemporaryWarehouse, rows: Path) -> Cost:
    """The cost of a load by dlt or dbt."""
    url, folder = made.url, made.folder / tool
    connection = [str(url.query["host"]), str(url.database), str(url.username)]
    before = spent(made.server)
    # Isolated, so that it takes no module of ours.
    command = [str(PYTHON), "-I", str(HERE / "peer_tools.py"), tool, *connection, str(rows), str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{tool} failed:\n{done.stdout}{done.stderr}")
    wall, cpu, peak = map(float, done.stdout.splitlines()[-1].split())
    return Cost(wall, cpu, spent(made.server) - before, peak)


def add_loads(table: Table, cities: int, tools: dict[str, str]) -> None:
    """Load the same observations four times, each time by all."""
    with temporary_warehouse() as made:
        world = world_of(cities)
        sync(made.url, world.catalogue)
        execute(made, TABLE.format(columns=", ".join([*BLOCK, *CONTENT_COLUMNS])))
        frame = pd.read_csv(io.BytesIO(world.file()), dtype=str, keep_default_na=False)
        revised = {
            "last year revised": (frame["Year"] == str(YEARS[-1])).to_numpy(),
            "as many revised of all years": np.random.default_rng(1).random(len(frame)) < 1 / len(YEARS),
        }
        for number, load in enumerate(("first", "again", *revised), start=1):
            folder = made.folder / str(number)
            if load in revised:
                revise(frame, revised[load], world)
            answer = Answer(ADDRESS, frame.to_csv(index=False).encode(), "text/csv", None, None)
            Archive(folder / "archive").store(world.source.id, answer, FETCHED_AT)
            for what, cost in costs(made, cities, number, folder, tools):
                add_load(table, made, [f"{cities:,}", load, what], cost)


def costs(
    made: TemporaryWarehouse, cities: int, number: int, folder: Path, tools: dict[str, str]
) -> Iterator[tuple[str, Callable[[], Cost]]]:
    """The loads of one file, in the order in which they run; the others load the rows that ours validated."""
    url, server = made.url, made.server
    given = (cities, url, folder, str(number), YEARS[0], YEARS[-1])
    yield "validate", lambda: measured(loading.validate, *given, server=server)
    yield "publish", lambda: measured(loading.publish, number, url, folder, server=server)
    rows = rows_of_load(folder)
    yield "COPY into an emptied table", lambda: measured(copied, url, rows, server=server)
    for tool, name in tools.items():
        yield name, partial(by_tool, tool, made, rows)


def add_load(table: Table, made: TemporaryWarehouse, names: list[str], cost: Callable[[], Cost]) -> None:
    """Run a load and add its row; what autovacuum would do is done after it, and is in no row."""
    rows, size = state(made)
    of = cost()
    written, grown = state(made)
    execute(made, "vacuum analyze")
    table.add_row(*names, *texts(of), f"{written - rows:,}", f"{(grown - size) / 1e6:.0f}")


def texts(of: Cost) -> list[str]:
    """The columns of a cost."""
    return [f"{of.wall:.1f}", f"{of.cpu:.1f}", f"{of.server:.1f}", f"{of.peak:.0f}"]


def state(made: TemporaryWarehouse) -> tuple[int, int]:
    """The rows that were ever written in the warehouse, and its size in bytes."""
    with engine(made.url).connect() as connection:
        written, size = connection.exec_driver_sql(STATE).one()
        return int(written), int(size)


def execute(made: TemporaryWarehouse, statements: str) -> None:
    """Execute statements outside a transaction."""
    with engine(made.url).connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql(statements)


def add_reads(table: Table, cities: int) -> None:
    """Read the inputs of a rating from the warehouse, and by DuckDB from a table of its own."""
    with temporary_warehouse() as made:
        reports.fill(made.url, cities)
        ours = measured(reports.inputs_of_rating, made.url, server=made.server)
        file = made.folder / "observations.duckdb"
        parameters, expected = fill_duckdb(made.url, file)
        theirs = measured(read_by_duckdb, file, parameters, expected)
        for what, of in (("ours", ours), ("DuckDB", theirs)):
            table.add_row(f"{cities:,}", "inputs of a rating, read", what, *texts(of), f"{expected:,}", "")


def fill_duckdb(url: URL, file: Path) -> tuple[dict[str, object], int]:
    """Write the observations of the rating for DuckDB; gives the parameters of INPUTS, our number of rows."""
    how, periods = reports.method(load_catalogue()), reports.PERIODS
    with engine(url).connect() as connection:
        reference = reference_as_of(connection).reference
        used = observed(connection, reference, how.used, periods, how.max_age_years, Vintage())
    pairs = [(place, city.ref_area) for city in reference.cities for place in (city.ref_area, city.country)]
    with duckdb.connect(str(file)) as connection:
        connection.from_df(pd.DataFrame(pairs, columns=["ref_area", "city"])).create("place")
        connection.from_arrow(used.rows).create("observation")
    order = {name: reference.parameters()[name] for name in ("bases", "sources")}
    parameters = {"first": YEARS[0], "last": YEARS[-1], "max_age": how.max_age_years, **order}
    return parameters, len(used.candidates(periods, how.max_age_years))


def read_by_duckdb(file: Path, parameters: dict[str, object], expected: int) -> None:
    """The same candidates as ours, by window functions; the world has one unit for each indicator."""
    with duckdb.connect(str(file), read_only=True) as connection:
        found = len(connection.execute(INPUTS, parameters).to_arrow_table())
    if found != expected:
        raise SystemExit(f"{found} rows, where ours are {expected}: the measurement is invalid")


def main() -> None:
    """Measure with each number of cities, and print the results."""
    tools = TOOLS if installed() else {}
    console = Console(width=160)
    if not tools:
        console.print("dlt and dbt could not be installed into build/peers: the rest is measured.")
    table = Table(*COLUMNS, title="20 indicators × 25 years")
    for cities in [int(each) for each in sys.argv[1:]] or CITIES:
        add_loads(table, cities, tools)
        add_reads(table, cities)
    console.print(table)


if __name__ == "__main__":
    main()
