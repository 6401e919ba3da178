"""Cells that are read by column give the same observations as single records."""

from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

from city_indicators.catalog import Catalogue
from city_indicators.core.intervals import EVERY_YEAR
from city_indicators.ingest.normalise import Normalised, normalise, normalise_cells
from city_indicators.sources import table, table_cells
from city_indicators.sources.cells import as_numbers
from city_indicators.sources.records import as_number
from tests.inventory.inventory import FILES
from tests.publishers import as_snapshot

TABLES = ("un_sdg_transport", "who_air_quality", "metro_systems", "co2_japan_long")
NUMBERS = [
    "1",
    "-0",
    "0.1",
    "12409.738",
    "1e3",
    "1e400",
    "NaN",
    "inf",
    "1_000",
    "+5",
    "٣",
    "",
    "9" * 30,
    "0x1",
]


def contents(normalised: Normalised) -> tuple[object, ...]:
    counts = normalised.empty_cells, normalised.out_of_scope, list(normalised.unmatched.items())
    rows = normalised.with_raw_rows(normalised.observations)
    return *counts, rows.astype(object).where(rows.notna(), None).to_dict("list")


@pytest.mark.parametrize("name", TABLES)
def test_a_table_gives_the_same_by_column_in_small_parts(
    name: str, shared: Path, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = catalogue.sources[name]
    answer = as_snapshot((shared / "data" / FILES[name][0]).read_bytes())
    records = list(table.read(source, iter([answer]), EVERY_YEAR))
    monkeypatch.setattr(table_cells, "CELLS_AT_A_TIME", 100)
    cells = list(table.read_cells(source, iter([answer]), EVERY_YEAR))
    by_record = normalise(records, source, catalogue, EVERY_YEAR)
    assert len(by_record.observations) > 0
    by_column = normalise_cells(cells, source, catalogue, EVERY_YEAR)
    assert contents(by_column) == contents(by_record)


@pytest.mark.parametrize("odd", NUMBERS)
def test_numbers_are_read_together_as_each_alone(odd: str) -> None:
    texts = ["74.433", odd, "0.30000000000000004"]
    expected = [as_number(text) for text in texts]
    np.testing.assert_array_equal(as_numbers(texts, Decimal(1), "."), expected)
    assert as_numbers(["12409.738"], Decimal(1000), ".").tolist() == [12409738.0]
    assert as_numbers(["1.234,5", "1,5"], Decimal(1), ",").tolist() == [1234.5, 1.5]
