"""Measures loading, reloading, revising and reading, compared with a plain COPY or read in the same run.

Everything runs on a separate embedded PostgreSQL, with invented observations. Run it with `make
bench-warehouse`; it takes about fifteen minutes and 12 GB of disk.
"""

import hashlib
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
from rich.console import Console
from rich.table import Table
from sqlalchemy import Engine, create_engine, text

from benchmarks.servers import temporary_warehouse
from city_indicators.analytics.ratings.candidates import OBSERVATIONS
from city_indicators.ingest.load import publish_load
from city_indicators.warehouse import ledger, staged
from city_indicators.warehouse.bulk import as_csv, read
from city_indicators.warehouse.database import statement
from city_indicators.warehouse.moment import NOW, Moment
from city_indicators.warehouse.publish import Outcome

START = datetime(2026, 1, 1, tzinfo=UTC)
ROUNDS = 3
PLACES = 12_000
FEW_PLACES = 1_000
INDICATORS = range(20)
CATALOGUE = (
    "insert into catalog.unit values ('KT', 'kt', 'kt', 'kt')",
    "insert into catalog.geo_basis values ('city', 1, true, 'city', 'city', 'city')",
    """
    insert into catalog.indicator (
        indicator, name_en, name_ru, name_zh, definition_en, definition_ru, definition_zh,
        unit_measure, direction, pillar, freq, range_min, range_max
    )
    select
        'INDICATOR_' || lpad(n::text, 2, '0'), 'i', 'i', 'i', 'i', 'i', 'i', 'KT', 'lower', 'p', 'A', 0, 1e9
    from generate_series(0, 39) as n
    """,
    """
    insert into catalog.source
    select 'bench_' || n, 'b', 'b', 'https://bench.invalid', 'none', 'none', 'none'
    from generate_series(0, 9) as n
    """,
    """
    insert into catalog.ref_area
    select 'place-' || lpad(n::text, 5, '0'), 'city', 'p', 'p', 'p' from generate_series(0, 11999) as n
    """,
    "insert into archive.snapshot values (repeat('0', 64), 0, 'text/csv')",
)
FIRST = {"version": 1, "withdrawn": False, "load_id": 1, "known_from": START.isoformat()}
BASELINE = """
create table public.baseline (
    like core.observation_version, primary key (indicator, time_period, source, ref_area, version)
)
"""
SIZES = """
select
    pg_relation_size('core.observation_state') as heap,
    pg_indexes_size('core.observation_state') as indexes
"""


class Bench:
    """A warehouse for invented observations, and loads of them."""

    def __init__(self, warehouse: Engine, folder: Path) -> None:
        self.warehouse = warehouse
        self.folder = folder
        self.loads = 0
        with warehouse.begin() as connection:
            for each in CATALOGUE:
                connection.execute(text(each))

    def load(self, rows: pa.Table, source: str = "bench_0") -> tuple[float, Outcome]:
        """Seconds to publish staged rows: versions, current observations and ledger."""
        load_id = self.enter(rows, source)
        begun = time.perf_counter()
        outcome = publish_load(load_id, self.folder, self.warehouse, lambda: self.moment)
        return time.perf_counter() - begun, outcome

    @property
    def moment(self) -> datetime:
        """The time of the latest load: a day after the previous one."""
        return START + timedelta(days=self.loads)

    def copy(self, rows: pa.Table) -> float:
        """Seconds to COPY the same versions, prepared as bytes, into a single table with the same key."""
        table = rows
        for column, value in {"source": "bench_0", **FIRST}.items():
            table = table.append_column(column, pa.repeat(pa.scalar(value), len(rows)))
        prepared = [as_csv(table.slice(at, 50_000)) for at in range(0, len(table), 50_000)]
        with self.warehouse.begin() as connection:
            connection.execute(text("drop table if exists public.baseline"))
            connection.execute(text(BASELINE))
        begun = time.perf_counter()
        with self.warehouse.begin() as connection:
            cursor = connection.connection.driver_connection.cursor()
            names = ", ".join(table.column_names)
            with cursor.copy(f"copy public.baseline ({names}) from stdin (format csv)") as stream:
                for part in prepared:
                    stream.write(part)
        return time.perf_counter() - begun

    def read(self, known_at: Moment) -> tuple[float, int]:
        """Seconds to read the inputs of a rating of all places as of a point in time, and their number."""
        parameters = {
            "indicators": [f"INDICATOR_{n:02d}" for n in INDICATORS[:15]],
            "first_period": "2019",
            "last_period": "2022",
            "known_at": known_at,
            "keys_known_at": NOW,
        }
        with self.warehouse.connect() as connection:
            begun = time.perf_counter()
            rows = read(connection, "reports/rating/inputs", OBSERVATIONS, **parameters)
            return time.perf_counter() - begun, len(rows)

    def sizes(self) -> tuple[int, int]:
        """The sizes in bytes of the current observations and of their index."""
        with self.warehouse.connect() as connection:
            heap, indexes = connection.execute(text(SIZES)).one()
            return int(heap), int(indexes)

    def vacuum(self) -> None:
        """Run what autovacuum would do, at a defined time."""
        with self.warehouse.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("vacuum analyze core.observation_state, core.observation_version"))

    def enter(self, rows: pa.Table, source: str) -> int:
        """Stage rows and record their load, as `validate` does."""
        self.loads += 1
        years = [int(year) for year in rows["time_period"].unique().to_pylist()]
        load = {
            "source": source,
            "dag_id": "bench",
            "run_id": f"run {self.loads}",
            "interval_start": date(min(years), 1, 1),
            "interval_end": date(max(years) + 1, 1, 1),
            "indicators": rows["indicator"].unique().to_pylist(),
            "partial": False,
            "state": "validated",
            "refusals": [],
            "warnings": [],
            "read_rows": len(rows),
            "accepted_rows": len(rows),
            "rejected_rows": 0,
            "empty_cells": 0,
            "out_of_scope_rows": 0,
            "validated_at": self.moment,
            "staged_path": f"{self.loads}.parquet",
            "revision": None,
            "declaration": None,
            "code": None,
        }
        fetch = {
            "sha256": "0" * 64,
            "source": source,
            "url": f"https://bench.invalid/{self.loads}",
            "fetched_at": self.moment,
            "etag": None,
            "last_modified": None,
        }
        with self.warehouse.begin() as connection:
            connection.execute(statement("ledger/insert_fetch"), fetch)
            fetch_id = connection.execute(statement("ledger/fetch_id"), fetch).scalar_one()
            at = rows.schema.get_field_index("fetch_id")
            rows = rows.set_column(at, "fetch_id", pa.repeat(pa.scalar(fetch_id), len(rows)))
            target = self.folder / str(load["staged_path"])
            with target.open("wb") as stream:
                staged.write(rows, stream)
            digest = hashlib.sha256(target.read_bytes()).hexdigest()
            return ledger.record_load(connection, load | {"staged_sha256": digest}, [fetch_id])


def observations(places: int, indicators: range, years: range, factor: float = 1.0) -> pa.Table:
    """Rows of STAGED_SCHEMA: an observation of every place, indicator and year."""
    i, y, p = (each.ravel() for each in np.meshgrid(indicators, years, np.arange(places), indexing="ij"))
    number = len(p)
    value = np.round(factor * (1000 + p + 0.01 * i + (y - 1900)), 4)

    def constant(word: str) -> pa.Array:
        return pa.repeat(pa.scalar(word), number)

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


@contextmanager
def bench() -> Iterator[Bench]:
    """A warehouse on a temporary server."""
    with temporary_warehouse() as made:
        folder = made.folder / "staged"
        folder.mkdir()
        yield Bench(create_engine(made.url), folder)


def first_and_again(table: Table) -> None:
    """Load a million observations, load them again, and load a million of other years."""
    firsts, repeats, besides = [], [], []
    for _ in range(ROUNDS):
        with bench() as of:
            rows = observations(FEW_PLACES, range(40), range(1950, 1975))
            copied = of.copy(rows)
            firsts.append((copied, of.load(rows)[0]))
            repeats.append((copied, of.load(rows)[0]))
            beside = observations(FEW_PLACES, range(40), range(1975, 2000))
            besides.append((copied, of.load(beside)[0]))
    add(table, "first load of 1 M", firsts, 2.0)
    add(table, "the same 1 M again, unchanged", repeats, 0.4)
    add(table, "1 M of other years", besides)


def growth(of: Bench, table: Table) -> None:
    """Revise one year of 8 indicators at growing table sizes, then ten times more to measure bloat."""
    stored, factor = range(2024, 2024), 1.0
    for label, first in (("1 M", 2020), ("5 M", 2003), ("10 M", 1982), ("20 M", 1941)):
        for year in range(first, stored.start, 4):
            of.load(observations(PLACES, INDICATORS, range(year, min(year + 4, stored.start))))
        stored = range(first, 2024)
        of.vacuum()
        pairs = []
        for number in range(ROUNDS):
            year, factor = 2020 + number, factor + 0.01
            rows = observations(PLACES, range(8), range(year, year + 1), factor)
            pairs.append((of.copy(rows), of.load(rows)[0]))
        add(table, f"revise 96 000 of {label}", pairs, 5.0)
    before = of.sizes()
    for number in range(10):
        of.load(observations(PLACES, range(8), range(2020, 2021), 2 + 0.01 * number))
        of.vacuum()
    after = of.sizes()
    grown = [f"{b / 1e6:.0f} → {a / 1e6:.0f} MB" for b, a in zip(before, after, strict=True)]
    table.add_row(
        "96 000 of 20 M revised ten times", f"table {grown[0]}", f"index {grown[1]}", "", "no bloat"
    )


def as_of(of: Bench, table: Table) -> None:
    """Read the inputs of a rating of 12 000 places, now and as of a date before all were revised."""
    then = of.moment
    for year in range(1982, 2024, 4):
        of.load(observations(PLACES, INDICATORS, range(year, min(year + 4, 2024)), 3.0))
    of.vacuum()
    with of.warehouse.connect() as connection:
        versions = connection.execute(text("select count(*) from core.observation_version")).scalar_one()
    pairs = []
    for _ in range(ROUNDS):
        now, found_now = of.read(NOW)
        past, found_past = of.read(then)
        if found_now != found_past or not found_now:
            raise SystemExit("the two reads differ: the measurement is invalid")
        pairs.append((now, past))
    add(table, f"as-of read among {versions / 1e6:.1f} M versions, all revised since", pairs, 2.0)


def memory(table: Table) -> None:
    """Measure the peak memory of a process that publishes five million rows."""
    command = [sys.executable, "-W", "ignore", __file__, "memory"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    megabytes, seconds = done.stdout.split()
    table.add_row("memory of a 5 M-row load", "", f"{seconds} s", f"{megabytes} MB", "1 000 MB")


PUBLISH = """
import sys, time
from datetime import UTC, datetime
from pathlib import Path
from sqlalchemy import create_engine, make_url
from city_indicators.ingest.load import publish_load
url, folder, load_id = sys.argv[1:]
begun = time.perf_counter()
at = datetime(2026, 6, 1, tzinfo=UTC)
publish_load(int(load_id), Path(folder), create_engine(make_url(url)), lambda: at)
# The peak of getrusage includes that of the parent process.
peak = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
print(int(peak.split()[1]) // 1024, round(time.perf_counter() - begun))
"""


def publish_five_million() -> None:
    """Print megabytes and seconds of a process that publishes five million rows."""
    with bench() as of:
        load_id = of.enter(observations(PLACES, INDICATORS, range(2000, 2021)), "bench_0")
        url = of.warehouse.url.render_as_string(hide_password=False)
        command = [sys.executable, "-c", PUBLISH, url, str(of.folder), str(load_id)]
        print(subprocess.run(command, capture_output=True, text=True, check=True).stdout, end="")


def add(table: Table, what: str, pairs: list[tuple[float, float]], target: float | None = None) -> None:
    """Add a row: the best times of baseline and ours, and the median of their ratios."""
    ratio = statistics.median(ours / baseline for baseline, ours in pairs)
    best = [f"{min(each):.2f}" for each in zip(*pairs, strict=True)]
    table.add_row(what, *best, f"{ratio:.2f}", f"at most {target:g}" if target else "")


def main() -> None:
    """Measure everything and print the results."""
    if sys.argv[1:] == ["memory"]:
        publish_five_million()
        return
    table = Table(
        "what",
        "baseline, s",
        "ours, s",
        "ratio",
        "target",
        title="The warehouse, compared with COPY and reads",
    )
    first_and_again(table)
    with bench() as of:
        growth(of, table)
        as_of(of, table)
    memory(table)
    Console(width=120).print(table)


if __name__ == "__main__":
    main()
