"""Seconds to load, load again, revise and read back, each beside a plain COPY or read in the same run.

Everything runs on an embedded PostgreSQL of its own. The figures are invented: their number counts here.
Run it with `make bench-warehouse`.
"""

import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
from sqlalchemy import Engine, text

from city_indicators.ingest import publish_load
from city_indicators.warehouse import staged
from city_indicators.warehouse.bulk import as_csv
from city_indicators.warehouse.database import statement
from city_indicators.warehouse.publish import Outcome

START = datetime(2026, 1, 1, tzinfo=UTC)
SOURCE = "bench"
ROUNDS = 3
CATALOGUE = (
    "insert into catalog.unit values ('KT', 'kt', 'kt', 'kt')",
    """
    insert into catalog.indicator
    select 'INDICATOR_' || lpad(n::text, 2, '0'), 'i', 'i', 'i', 'i', 'KT', 'lower', 'p', 'A', 0, 1e9
    from generate_series(0, 39) as n
    """,
    f"insert into catalog.source values ('{SOURCE}', 'b', 'b', 'https://bench.invalid', 'none', 'none', 'none')",
    """
    insert into catalog.ref_area
    select 'place-' || lpad(n::text, 5, '0'), 'city', 'p', 'p', 'p' from generate_series(0, 11999) as n
    """,
    "insert into archive.snapshot values (repeat('0', 64), 0, 'text/csv')",
)
FIRST = {"source": SOURCE, "version": 1, "withdrawn": False, "load_id": 1, "known_from": START.isoformat()}
BASELINE = """
create table if not exists public.baseline (
    like core.observation_version, primary key (indicator, time_period, ref_area, source, version)
)
"""


class Bench:
    """A warehouse for invented figures, and the loads of one source."""

    def __init__(self, warehouse: Engine, folder: Path) -> None:
        self.warehouse = warehouse
        self.folder = folder
        self._loads = 0
        with warehouse.begin() as connection:
            for statements in CATALOGUE:
                connection.execute(text(statements))

    def load(self, rows: pa.Table, years: range) -> tuple[float, Outcome]:
        """Seconds from the staged rows to the commit of versions, current figures and ledger."""
        load_id, path, fetch_id = self._enter(rows, years)
        rows = rows.set_column(8, "fetch_id", pa.repeat(pa.scalar(fetch_id), len(rows)))
        with (self.folder / path).open("wb") as stream:
            staged.write(rows, stream)
        begun = time.perf_counter()
        at = START + timedelta(days=self._loads)
        outcome = publish_load(load_id, self.folder, self.warehouse, lambda: at)
        return time.perf_counter() - begun, outcome

    def copy(self, rows: pa.Table) -> float:
        """Seconds to COPY the same versions, prepared as bytes, into one table with the same key."""
        table = rows
        for column, value in FIRST.items():
            table = table.append_column(column, pa.repeat(pa.scalar(value), len(rows)))
        prepared = [as_csv(table.slice(at, 50_000)) for at in range(0, len(table), 50_000)]
        with self.warehouse.begin() as connection:
            connection.execute(text("drop table if exists public.baseline"))
            connection.execute(text(BASELINE))
        begun = time.perf_counter()
        with self.warehouse.begin() as connection:
            cursor = connection.connection.driver_connection.cursor()  # type: ignore[union-attr]
            names = ", ".join(table.column_names)
            with cursor.copy(f"copy public.baseline ({names}) from stdin (format csv)") as stream:
                for part in prepared:
                    stream.write(part)
        return time.perf_counter() - begun

    def _enter(self, rows: pa.Table, years: range) -> tuple[int, str, int]:
        self._loads += 1
        at = START + timedelta(days=self._loads)
        load = {
            "source": SOURCE,
            "dag_id": "bench",
            "run_id": f"run {self._loads}",
            "interval_start": date(years[0], 1, 1),
            "interval_end": date(years[-1] + 1, 1, 1),
            "indicators": rows["indicator"].unique().to_pylist(),
            "partial": False,
            "state": "validated",
            "refusals": [],
            "read_rows": len(rows),
            "accepted_rows": len(rows),
            "rejected_rows": 0,
            "empty_cells": 0,
            "out_of_scope_rows": 0,
            "validated_at": at,
            "staged_path": f"{self._loads}.parquet",
            "revision": None,
            "declaration": None,
        }
        fetch = {
            "sha256": "0" * 64,
            "source": SOURCE,
            "url": f"https://bench.invalid/{self._loads}",
            "fetched_at": at,
            "etag": None,
            "last_modified": None,
        }
        with self.warehouse.begin() as connection:
            load_id = connection.execute(statement("ledger/insert_load"), load).scalar_one()
            connection.execute(statement("ledger/insert_fetch"), fetch)
            fetch_id = connection.execute(statement("ledger/fetch_id"), fetch).scalar_one()
            connection.execute(
                statement("ledger/insert_load_fetch"), {"load_id": load_id, "fetch_id": fetch_id}
            )
        return load_id, load["staged_path"], fetch_id


def figures(places: int, indicators: range, years: range, factor: float = 1.0) -> pa.Table:
    """Rows of STAGED_SCHEMA: a figure of every place, indicator and year."""
    i, y, p = (each.ravel() for each in np.meshgrid(indicators, years, np.arange(places), indexing="ij"))
    number = len(p)
    value = np.round(factor * (1000 + p + 0.01 * i + (y - years[0])), 4)

    def constant(text_: str) -> pa.Array:
        return pa.repeat(pa.scalar(text_), number)

    return pa.table(
        {
            "ref_area": pa.array([f"place-{n:05d}" for n in range(places)]).take(pa.array(p)),
            "indicator": pa.array([f"INDICATOR_{n:02d}" for n in range(indicators.stop)]).take(pa.array(i)),
            "time_period": pa.array([str(year) for year in years]).take(pa.array(y - years[0])),
            "freq": constant("A"),
            "obs_value": value,
            "unit_measure": constant("KT"),
            "obs_status": constant("A"),
            "geo_basis": constant("city"),
            "fetch_id": pa.repeat(pa.scalar(0, pa.int64()), number),
            "pointer": pa.array(np.arange(number)).cast(pa.string()),
            "value_as_published": pa.array(value).cast(pa.string()),
            "unit_as_published": constant("kt"),
        },
        staged.STAGED_SCHEMA,
    )
