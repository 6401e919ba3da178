"""Compiles the sample of published tables: the rows and columns that the catalogue uses.

A table of the sample has the publisher's own column titles and cells, only for our places, preceded by two
columns of ours: `ref_area` and `citation`.
"""

import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import pandas as pd

from city_indicators.catalog import Catalogue, Source
from city_indicators.core.intervals import EVERY_YEAR
from city_indicators.core.snapshots import Snapshot
from city_indicators.sources import table
from city_indicators.sources.places import Places
from demo.paths import SAMPLE
from demo.sample.citations import Citation
from demo.sample.table import read_text_csv

OURS: Final = ["ref_area", "citation"]


def compile_table(source: Source, file: Path, citation: Citation, catalogue: Catalogue) -> pd.DataFrame:
    """The rows of our places in a publisher's file, as text; repeated rows stay repeated.

    Raises:
        SourceContractError: the file differs from the source's layout.
    """
    snapshot, content = snapshot_of(source, file)
    columns = used_columns(source, snapshot, content)
    rows: dict[str, dict[str, str]] = {}
    for place, pointer, published in _published(source, snapshot, content, catalogue):
        cells = {column: _text(published[column]) for column in columns}
        rows[pointer] = {"ref_area": place, "citation": citation.citation, **cells}
    return pd.DataFrame(rows.values(), columns=[*OURS, *columns])


def snapshot_of(source: Source, file: Path) -> tuple[Snapshot, bytes]:
    """A publisher's file as the input of its connector."""
    content = file.read_bytes()
    sha256 = hashlib.sha256(content).hexdigest()
    return Snapshot(source.id, file.name, sha256, len(content), "", datetime.now(UTC)), content


def used_columns(source: Source, snapshot: Snapshot, content: bytes) -> list[str]:
    """The titles of the columns that the layout and the series name, in the publisher's order."""
    layout = source.table_layout
    titles, _ = table.rows_of(layout, snapshot, content)
    columns = table.Columns(titles, snapshot)
    found = {columns.find(name) for name in _names(source)}
    return [title for title in titles if title in found]


def has_observations(source: Source) -> bool:
    """Whether the sample has the table of a source."""
    return _file(source).exists()


def _file(source: Source) -> Path:
    return SAMPLE / "tables" / f"{source.id}.csv"


def load_table(source: Source) -> pd.DataFrame:
    """The sample's table of a source, with the publisher's columns only; without rows if there is no sample.

    A table whose licence forbids redistribution has only its header, from the catalogue.
    """
    if has_observations(source):
        return read_text_csv(_file(source)).drop(columns=OURS)
    return pd.DataFrame(columns=_names(source))


def _names(source: Source) -> list[str]:
    """The columns that layout and series name, as the catalogue writes them."""
    layout = source.table_layout
    names = [layout.country, layout.place, layout.period, layout.unit, *layout.where]
    for series in source.series:
        names += [series.column, series.per, *series.where, *series.unless]
    return list(dict.fromkeys(name for name in names if isinstance(name, str)))


def _published(
    source: Source, snapshot: Snapshot, content: bytes, catalogue: Catalogue
) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Place, pointer and cells of each row, repeated for every series that reads it."""
    places = Places(source, catalogue)
    for record in table.read(source, iter([(snapshot, content)]), EVERY_YEAR):
        ref_area = places.find(record.country, record.area_code).ref_area
        if ref_area is not None and record.value is not None:
            raw = json.loads(record.raw)
            cells = record.pointer.split(" + ")
            for cell, row in zip(cells, raw if isinstance(raw, list) else [raw], strict=True):
                yield ref_area, cell.removesuffix(f"/{record.title}"), row


def _text(cell: Any) -> str:
    return "" if cell is None or cell != cell else str(cell)
