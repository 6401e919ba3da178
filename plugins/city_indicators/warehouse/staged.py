"""Reads and writes the staged rows of a load, and computes the digests of its blocks.

A block is all observations of a source for one indicator and period. Its digest is the sha256 of their
contents (CONTENT_COLUMNS) in order: with an equal digest, nothing in the block has changed.
"""

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from city_indicators.warehouse.bulk import as_csv

BLOCK: Final = ["indicator", "time_period"]
CONTENT_COLUMNS: Final = ["ref_area", "obs_value", "unit_measure", "obs_status", "geo_basis"]
STAGED_COLUMNS: Final = [
    *("ref_area", "indicator", "time_period", "freq", "obs_value", "unit_measure", "obs_status", "geo_basis"),
    *("fetch_id", "pointer", "value_as_published", "unit_as_published"),
]
STATE_COLUMNS: Final = [*BLOCK, *CONTENT_COLUMNS, "fetch_id"]
STAGED_SCHEMA: Final = pa.schema(
    [
        (column, {"obs_value": pa.float64(), "fetch_id": pa.int64()}.get(column, pa.string()))
        for column in STAGED_COLUMNS
    ]
)
ORDER: Final = [*BLOCK, "ref_area"]
"""The order of staged rows: that of the keys in the warehouse."""
ROWS_AT_A_TIME: Final = 65_536


@dataclass(frozen=True)
class Contents:
    """A load's contents: `blocks` (indicator, time_period, observations, digest) and `places` (ref_areas)."""

    blocks: pa.Table
    places: frozenset[str]


def write(rows: pa.Table, stream: Any) -> None:
    """Write rows of STAGED_SCHEMA as Parquet, in ORDER."""
    write_ordered([rows.sort_by([(column, "ascending") for column in ORDER])], stream)


def write_ordered(parts: Iterable[pa.Table], stream: Any) -> None:
    """Write parts of the rows of STAGED_SCHEMA as Parquet; together they are in ORDER."""
    with pq.ParquetWriter(stream, STAGED_SCHEMA) as writer:
        for part in parts:
            writer.write_table(part, ROWS_AT_A_TIME)


def contents(staged: pq.ParquetFile) -> Contents:
    """Read all rows once and collect their blocks and places."""
    observations: dict[tuple[str, str], int] = {}
    digests: dict[tuple[str, str], Any] = {}
    places: set[str] = set()
    for batch in staged.iter_batches(ROWS_AT_A_TIME, columns=[*BLOCK, *CONTENT_COLUMNS]):
        places.update(pc.unique(batch["ref_area"]).to_pylist())
        for block, begin, end in _runs(batch):
            observations[block] = observations.get(block, 0) + end - begin
            digest = digests.setdefault(block, hashlib.sha256())
            digest.update(as_csv(batch.slice(begin, end - begin).select(CONTENT_COLUMNS)))
    blocks = {
        "indicator": [indicator for indicator, _ in observations],
        "time_period": [period for _, period in observations],
        "observations": list(observations.values()),
        "digest": [digests[block].hexdigest() for block in observations],
    }
    types = [("indicator", pa.string()), ("time_period", pa.string()), ("observations", pa.int64())]
    return Contents(pa.table(blocks, pa.schema([*types, ("digest", pa.string())])), frozenset(places))


def rows_of_blocks(
    staged: pq.ParquetFile, blocks: Collection[tuple[str, str]], columns: list[str]
) -> Iterator[pa.RecordBatch]:
    """Read `columns`, which include BLOCK, of the rows of some blocks, part by part."""
    if not blocks:
        return
    for batch in staged.iter_batches(ROWS_AT_A_TIME, columns=columns):
        runs = [(begin, end) for block, begin, end in _runs(batch) if block in blocks]
        if sum(end - begin for begin, end in runs) == batch.num_rows:
            yield batch
        elif runs:
            wanted = np.concatenate([np.arange(begin, end) for begin, end in runs])
            yield batch.take(pa.array(wanted))


def with_constants(rows: pa.Table | pa.RecordBatch, constants: Mapping[str, pa.Scalar]) -> pa.Table:
    """Add columns with constant values."""
    table = pa.table(rows)
    for name, value in constants.items():
        table = table.append_column(name, pa.repeat(value, rows.num_rows))
    return table


def with_block_ids(rows: pa.RecordBatch, block_ids: Mapping[tuple[str, str], int]) -> pa.Table:
    """Replace indicator and time_period by block_id."""
    runs = list(_runs(rows))
    ids = np.repeat([block_ids[block] for block, _, _ in runs], [end - begin for _, begin, end in runs])
    return pa.table(rows).drop_columns(BLOCK).append_column("block_id", pa.array(ids, pa.int32()))


def _runs(batch: pa.RecordBatch) -> Iterator[tuple[tuple[str, str], int, int]]:
    """The runs of consecutive rows of one block: the block, the first position and the one after the last."""
    if not batch.num_rows:
        return
    codes = [batch[column].dictionary_encode().indices.to_numpy() for column in BLOCK]
    changes = np.flatnonzero((np.diff(codes[0]) != 0) | (np.diff(codes[1]) != 0)) + 1
    begins = [0, *changes.tolist()]
    for begin, end in zip(begins, [*begins[1:], batch.num_rows], strict=True):
        yield (batch["indicator"][begin].as_py(), batch["time_period"][begin].as_py()), begin, end
