"""Computes the ratings of a planned refresh in parts, and keeps their tables as files until all are there.

A file is complete or absent, and what is there is not computed again: a task that died, or a run that is
cleared, goes on where it stopped.
"""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq
from sqlalchemy import Engine

from city_indicators.analytics.ratings.method import Method
from city_indicators.core.errors import OutdatedPlanError
from city_indicators.core.progress import followed
from city_indicators.core.storage import forget_listing, remove_folder, write_atomically
from city_indicators.reports.past import reference_of
from city_indicators.reports.plan import Plan, Work
from city_indicators.reports.ratings import in_batches, rating_tables
from city_indicators.reports.tables import Vintage
from city_indicators.reports.write import as_arrow

FOLDER: Final = "ratings"
LAST: Final = "rating"
"""The table that is stored after the others: with it, the years are complete."""
NAMES: Final = b"tables"
"""The key under which each file names all tables of its years."""
ROWS_AT_A_TIME: Final = 20_000


@dataclass(frozen=True)
class Rated:
    """What a task rated: years computed, years that were there before, rows, and seconds of the parts."""

    years: int
    found: int
    cities: int
    rows: int
    seconds_computed: float
    seconds_stored: float


class RatedTables:
    """The tables of the ratings of a plan, by rating and batch of years, in a folder beside staged loads."""

    def __init__(self, staging: Path, plan: Plan) -> None:
        self._all = staging / FOLDER
        forget_listing(staging)
        self._own = self._all / plan.key

    def has(self, rating: str, years: list[str]) -> bool:
        """Whether the tables of a batch are complete."""
        return self._file(rating, years, LAST).exists()

    def store(self, rating: str, years: list[str], tables: Mapping[str, pa.Table]) -> None:
        """Store the tables of a batch.

        Raises:
            StorageError: the disk is full, read-only or closed to us.
        """
        every = {NAMES: ",".join(tables)}
        for name in sorted(tables, key=lambda name: name == LAST):
            stream, rows = BytesIO(), tables[name].replace_schema_metadata(every)
            pq.write_table(rows, stream, ROWS_AT_A_TIME, compression="zstd")
            write_atomically(self._file(rating, years, name), stream.getvalue())

    def read(self, rating: str, years: list[str]) -> dict[str, Iterator[pa.RecordBatch]]:
        """The tables of a batch by name, each part by part.

        Raises:
            OutdatedPlanError: they are not complete.
        """
        if not self.has(rating, years):
            raise OutdatedPlanError(f"the tables of {rating}, {years[0]} to {years[-1]}, were removed")
        with self._file(rating, years, LAST).open("rb") as stream:
            names = pq.read_schema(stream).metadata[NAMES].decode().split(",")
        return {name: _parts(self._file(rating, years, name)) for name in names}

    def remove(self) -> None:
        """Delete the tables of this plan and of all others, which are outdated."""
        remove_folder(self._all)

    def _file(self, rating: str, years: list[str], table: str) -> Path:
        return self._own / rating / f"{years[0]}-{years[-1]}" / f"{table}.parquet"


def _parts(file: Path) -> Iterator[pa.RecordBatch]:
    with file.open("rb") as stream:
        yield from pq.ParquetFile(stream).iter_batches(ROWS_AT_A_TIME)


def rate_and_store(
    warehouse: Engine, methods: Mapping[str, Method], plan: Plan, work: Work, stored: RatedTables
) -> Rated:
    """Compute the years of a task, from what is known at the moment of the plan, unless they are stored.

    Raises:
        OutdatedPlanError: this process has other code than the one that planned.
        StorageError: the disk is full, read-only or closed to us.
    """
    plan.check_code()
    own = [years for years in plan.batches(work.rating) if years[0] in work.years]
    missing = [years for years in own if not stored.has(work.rating, years)]
    rows, writing, begun = 0, 0.0, time.monotonic()
    with warehouse.connect() as connection:
        reference = reference_of(connection, plan.reference_id)
        if missing:
            vintage = Vintage(plan.known_at)
            found = in_batches(connection, methods[work.rating], reference, missing, vintage)
            for years, rating in zip(followed(missing, "batches of years"), found, strict=True):
                tables = {
                    name: as_arrow(name, frame) for name, frame in rating_tables(rating, reference).items()
                }
                rows += sum(len(table) for table in tables.values())
                computed = time.monotonic()
                stored.store(work.rating, years, tables)
                writing += time.monotonic() - computed
    return Rated(
        years=sum(map(len, missing)),
        found=len(work.years) - sum(map(len, missing)),
        cities=plan.cities,
        rows=rows,
        seconds_computed=time.monotonic() - begun - writing,
        seconds_stored=writing,
    )
