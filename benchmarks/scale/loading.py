"""The stages of loading: validate, publish, yearly runs, the plan of a backfill; each beside its baseline."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq
from rich.table import Table
from sqlalchemy import URL

from benchmarks.scale.measure import Cost, add, measured
from benchmarks.scale.world import ADDRESS, FETCHED_AT, YEARS, World, world_of, years
from benchmarks.servers import TemporaryWarehouse, temporary_warehouse
from city_indicators.core.archive import Archive
from city_indicators.core.snapshots import Snapshot
from city_indicators.ingest import load as ingest
from city_indicators.ingest.backfill.collect import collect
from city_indicators.warehouse.catalog_sync import sync
from city_indicators.warehouse.database import engine
from city_indicators.warehouse.ledger import Run

AT: Final = datetime(2026, 1, 3, tzinfo=UTC)
KEYS: Final = ["Country", "City", "Year"]


def add_rows(table: Table, cities: int) -> None:
    """Measure all stages with this number of cities, on a new warehouse; add a row for each."""
    with warehouse(cities) as made:
        url, server, folder = made.url, made.server, made.folder
        read = measured(columnar, cities, folder)
        add(table, cities, "columnar read, unpivot, stage", read)
        complete = measured(validate, cities, url, folder, "all", YEARS[0], YEARS[-1], server=server)
        add(table, cities, "validate one file", complete, read)
        published = measured(publish, 1, url, folder, server=server)
        add(table, cities, "publish it", published)
        planned = measured(plan, cities, url, folder, server=server)
        add(table, cities, "plan a backfill of it, unchanged", planned, complete)
    with warehouse(cities) as made:
        url, server, folder = made.url, made.server, made.folder
        yearly = measured(every_year, cities, url, folder, server=server)
        add(table, cities, f"{len(YEARS)} yearly runs", yearly, sum_of(complete, published))


def sum_of(one: Cost, other: Cost) -> Cost:
    """The cost of two stages, one after the other."""
    wall, cpu, server = one.wall + other.wall, one.cpu + other.cpu, one.server + other.server
    return Cost(wall, cpu, server, max(one.peak, other.peak))


@contextmanager
def warehouse(cities: int) -> Iterator[TemporaryWarehouse]:
    """A warehouse of this world, with the file in an archive."""
    with temporary_warehouse() as made:
        world = world_of(cities)
        sync(made.url, world.catalogue)
        world.archive_file(Archive(made.folder / "archive"))
        yield made


def columnar(cities: int, folder: Path) -> None:
    """The baseline: read the file with pyarrow, one row per value, and write it as Parquet."""
    world = world_of(cities)
    content = _content(folder)
    texts = dict.fromkeys(KEYS, pa.string())
    options = pyarrow.csv.ConvertOptions(column_types=texts, strings_can_be_null=True)
    wide = pyarrow.csv.read_csv(io.BytesIO(content), convert_options=options)
    keys = wide.select(KEYS)
    parts = []
    for series in world.source.series:
        part = keys.append_column("value", wide[series.column or ""].cast(pa.float64()))
        part = part.append_column("indicator", pa.repeat(pa.scalar(series.indicator), len(part)))
        parts.append(part.filter(pc.is_valid(part["value"])))
    order = [(name, "ascending") for name in ("indicator", "Year", "Country", "City")]
    pq.write_table(pa.concat_tables(parts).sort_by(order), folder / "columnar.parquet")


def validate(cities: int, url: URL, folder: Path, run: str, first: int, last: int) -> None:
    """Validate the file for some years, as the task does."""
    _validate(world_of(cities), url, folder, run, first, last, AT)


def _validate(world: World, url: URL, folder: Path, run: str, first: int, last: int, at: datetime) -> int:
    archive = Archive(folder / "archive")
    (sha256,) = archive.objects()
    snapshot = Snapshot(world.source.id, ADDRESS, sha256, len(archive.read(sha256)), "text/csv", FETCHED_AT)
    return ingest.validate(
        world.source,
        world.catalogue,
        years(first, last),
        [snapshot],
        Run("scale", run),
        archive,
        folder / "staged",
        engine(url),
        at,
        "1",
    )


def publish(load_id: int, url: URL, folder: Path) -> None:
    """Publish a load, as the task does."""
    ingest.publish_load(load_id, folder / "staged", engine(url), lambda: AT)


def every_year(cities: int, url: URL, folder: Path) -> None:
    """Validate and publish one year after the other, as the runs of a backfill do."""
    world = world_of(cities)
    for number, year in enumerate(YEARS):
        at = AT + timedelta(minutes=number)
        load_id = _validate(world, url, folder, str(year), year, year, at)
        ingest.publish_load(load_id, folder / "staged", engine(url), lambda at=at: at)


def plan(cities: int, url: URL, folder: Path) -> None:
    """Plan a backfill of all years of a load that nothing has changed since."""
    world = world_of(cities)
    intervals = [years(year, year) for year in YEARS]
    collect(world.source, world.catalogue, intervals, Archive(folder / "archive"), engine(url), AT)


def _content(folder: Path) -> bytes:
    archive = Archive(folder / "archive")
    return archive.read(next(archive.objects()))
