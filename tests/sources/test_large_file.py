"""The memory that reading large files needs; time is not measured."""

import os
import resource
import subprocess
import sys
import tracemalloc
from pathlib import Path

import pytest

from city_indicators.catalog import Catalogue
from city_indicators.core.intervals import EVERY_YEAR
from city_indicators.sources import table
from tests.conftest import PROJECT
from tests.publishers import as_snapshot

REAL = "data/unsdg_pt_access/pt-access.csv"
SOURCE = "un_sdg_transport"
# Countries without a city in the catalogue.
FOREIGN = (b"PL,", b"IT,", b"CZ,", b"AT,", b"SE,")


def write_large(target: Path, real: bytes, size: int) -> int:
    """The real file, and rows of other countries repeated after it until it is large; the rows added."""
    foreign = [line for line in real.splitlines(keepends=True) if line.startswith(FOREIGN)]
    block = b"".join(foreign)
    times = -(-(size - len(real)) // len(block))
    with target.open("wb") as stream:
        stream.write(real)
        for _ in range(times):
            stream.write(block)
    return times * len(foreign)


def test_rows_of_a_table_are_read_some_at_a_time(shared: Path, catalogue: Catalogue, tmp_path: Path) -> None:
    file = tmp_path / "pt-access.csv"
    added = write_large(file, (shared / REAL).read_bytes(), 12_000_000)
    archived = as_snapshot(file.read_bytes())
    tracemalloc.start()
    try:
        cells = table.read_cells(catalogue.sources[SOURCE], iter([archived]), EVERY_YEAR)
        records = sum(len(some.order) for some in cells)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    # The real file has 2030 rows.
    assert records == 2030 + added
    assert peak < 12_000_000


@pytest.mark.skipif("CITY_INDICATORS_LARGE" not in os.environ, reason="minutes: CITY_INDICATORS_LARGE=1")
def test_a_file_of_300_megabytes_is_read_within_one_gigabyte(shared: Path, tmp_path: Path) -> None:
    file = tmp_path / "pt-access.csv"
    added = write_large(file, (shared / REAL).read_bytes(), 300_000_000)
    assert file.stat().st_size >= 300_000_000
    done = subprocess.run(
        [sys.executable, "-m", "city_indicators", "parse", SOURCE, str(file)],
        env={**os.environ, "PYTHONPATH": str(PROJECT / "plugins")},
        check=True,
        capture_output=True,
        text=True,
    )
    # The account of the real file alone: read 43, 42 accepted, 1987 out of scope.
    assert "read 43 = accepted 42 + rejected 1" in done.stderr
    assert f"out of scope {1987 + added}" in done.stderr
    unit = 1 if sys.platform == "darwin" else 1024
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * unit < 10**9
