"""Reads tables in files or pages, CSV, workbook or JSON, by the `layout` that the source declares."""

import io
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from difflib import get_close_matches
from itertools import takewhile
from operator import itemgetter
from typing import Final

import pandas as pd

from city_indicators.catalog.models import Catalogue
from city_indicators.catalog.source import YEAR_IN_TITLE, Layout, Series, Source
from city_indicators.core.intervals import Interval
from city_indicators.core.snapshots import Snapshot
from city_indicators.sources import table_json, workbooks
from city_indicators.sources.bounds import (
    MAX_CELLS,
    MAX_ROWS,
    TooMuchError,
    at_most,
)
from city_indicators.sources.cells import SERIES_STEP, Cells, Texts, cells_of
from city_indicators.sources.combined import combined
from city_indicators.sources.csv_table import CsvTable
from city_indicators.sources.records import (
    Archived,
    Fetch,
    Record,
    breach,
    changed,
)
from city_indicators.sources.rows import Row, title_of
from city_indicators.sources.table_cells import (
    Chunk,
    Kept,
    Keys,
    SeriesReader,
    TableRows,
    as_json,
    chunks,
    chunks_of,
)

SELF_STATEMENTS: Final = {
    "title": "the complete titles of the columns, with their units, which the catalogue declares",
    "unit": "the unit of each row, where the layout names its column",
    "fields": "the number of fields of the header, which is that of every line of CSV",
    "pages": "the number of each page in its address: all are there, and only the last is not full",
}
"""What a table says about itself: it is refused if its rows, its pages or the catalogue differ."""

Rows = Callable[[], Iterator[Row]]
"""Starts a new iteration over the rows of a table."""


def fetch(source: Source, catalogue: Catalogue, interval: Interval, fetch: Fetch) -> list[Snapshot]:  # noqa: ARG001
    """Fetch the complete file, because the publisher offers no smaller part; or all pages.

    Raises:
        SourceContractError: the pages differ from the layout's `paging`.
    """
    layout = source.table_layout
    if layout.paging is not None:
        return list(table_json.pages(source.path or "", layout, layout.paging, fetch))
    return [fetch(source.path or "", layout.query)[0]]


def empty_page(source: Source) -> bytes | None:
    """A page without rows; None if the source has no pages."""
    layout = source.table_layout
    return table_json.empty_page(layout) if layout.paging else None


def read(source: Source, archived: Archived, interval: Interval) -> Iterator[Record]:  # noqa: ARG001
    """One record per series and row, series by series; rows that `combine` joins are one record.

    Every series iterates over the rows again, because all rows of a large file do not fit into memory.
    """
    for columns, rows in _tables(source.table_layout, archived):
        for reader in _readers(source, columns, rows):
            yield from _records(reader, source, columns, rows)


def read_cells(source: Source, archived: Archived, interval: Interval) -> Iterator[Cells]:
    """The same in one pass over the rows; only for rows that `combine` joins a series iterates again."""
    first = 0
    for columns, rows in _tables(source.table_layout, archived):
        readers = _readers(source, columns, rows, first)
        plain = [reader for reader in readers if not reader.series.combine]
        if plain:
            keys = Keys(source, columns)
            # Where a series looks at other columns of a row, it needs all rows.
            years = None if any(reader.chooses_rows for reader in plain) else interval
            for chunk in chunks_of(rows, keys, columns.number, years):
                for reader in plain:
                    yield from reader.cells(chunk)
        for reader in readers:
            if reader.series.combine:
                yield from cells_of(_records(reader, source, columns, rows), reader.first)
        first += SERIES_STEP * len(readers)


def _tables(layout: Layout, archived: Archived) -> Iterator[tuple["Columns", "Rows"]]:
    """One table per file, or one for all JSON pages; skips JSON without rows, which has no columns."""
    if layout.kind == "json":
        pages = list(archived)
        titles, found = _json(layout, pages)
        if found:
            yield Columns(titles, pages[0][0]), found.__iter__
        return
    for snapshot, content in archived:
        titles, rows = table_of(layout, snapshot, content)
        yield Columns(titles, snapshot), rows


def _readers(source: Source, columns: "Columns", rows: "Rows", first: int = 0) -> list[SeriesReader]:
    raw = TableRows(rows)
    return [
        SeriesReader(series, source, columns, raw, first + SERIES_STEP * number)
        for number, series in enumerate(columns.by_year(source.series))
    ]


def _records(reader: SeriesReader, source: Source, columns: "Columns", rows: "Rows") -> Iterator[Record]:
    series, parts = reader.series, _parts(reader, chunks(rows(), Keys(source, columns), columns.number))
    if series.combine:
        complete = {columns.find(column): set(texts) for column, texts in series.complete.items()}
        return combined(parts, series.combine, complete)
    return (record for _, record in parts)


def _parts(reader: SeriesReader, table: Iterable[Chunk[Kept]]) -> Iterator[tuple[Row, Record]]:
    """The records of a series with their rows, in the order of the rows."""
    for chunk in table:
        found: list[tuple[int, Record]] = []
        for cells in reader.cells(chunk):
            numbers = [int(number) - chunk.first for number in cells.row]
            of_rows = Texts({number + chunk.first: as_json(chunk.rows.rows[number]) for number in numbers})
            found += zip(numbers, replace(cells, raw=of_rows).records(), strict=True)
        for number, record in sorted(found, key=itemgetter(0)):
            yield chunk.rows.rows[number], record


class Columns:
    """Finds columns of a table by their complete titles."""

    def __init__(self, titles: list[str], snapshot: Snapshot) -> None:
        self._titles = titles
        self._snapshot = snapshot

    @property
    def number(self) -> int:
        """How many columns there are."""
        return len(self._titles)

    def find(self, title: str) -> str:
        """The declared title.

        Raises:
            SourceContractError: no column has it, or several have.
        """
        if self._titles.count(title) != 1:
            raise changed(self._snapshot, "a column", title, similar(title, self._titles))
        return title

    def by_year(self, declared: Iterable[Series]) -> Iterator[Series]:
        """The series, one of several years once for each year that has a column.

        Raises:
            SourceContractError: one of the declared years has no column, or several.
        """
        for series in declared:
            if not series.years:
                yield series
                continue
            before, after = map(re.escape, (series.column or "").split(YEAR_IN_TITLE))
            title = re.compile(f"{before}([12][0-9]{{3}}){after}")
            found = {int(match[1]) for match in map(title.fullmatch, self._titles) if match}
            for year in sorted({*found, *series.years}):
                of_year = self.find(series.column_of(year))
                yield series.model_copy(update={"column": of_year, "period": year, "years": ()})


def similar(title: str, titles: list[str]) -> list[str]:
    """The titles to show for one that is missing: its probable new name first."""
    return get_close_matches(title, titles, n=3, cutoff=0.4) or titles[:20]


def rows_of(layout: Layout, snapshot: Snapshot, content: bytes) -> tuple[list[str], list[Row]]:
    """Titles and rows of a table, without footnotes and without invisible characters in titles.

    Raises:
        SourceContractError: the bytes are not such a table.
    """
    if layout.kind == "json":
        return _json(layout, [(snapshot, content)])
    titles, rows = table_of(layout, snapshot, content)
    return titles, kept(rows(), titles, snapshot)


def kept(rows: Iterable[Row], titles: list[str], snapshot: Snapshot) -> list[Row]:
    """All rows of a table, in memory.

    Raises:
        SourceContractError: there are too many.
    """
    try:
        return list(at_most(min(MAX_ROWS, MAX_CELLS // max(1, len(titles))), rows, "rows"))
    except TooMuchError as error:
        raise breach(snapshot, f"{error} of {len(titles)} columns") from error


def table_of(layout: Layout, snapshot: Snapshot, content: bytes) -> tuple[list[str], Rows]:
    """Titles and an iteration over the rows; a fault in a row is raised when it is reached."""
    titles, rows = (_workbook if layout.kind == "workbook" else _csv)(layout, snapshot, content)
    notes = layout.footnotes_from
    return titles, (lambda: takewhile(lambda row: row.text(titles[0]) != notes, rows())) if notes else rows


def _json(layout: Layout, pages: list[tuple[Snapshot, bytes]]) -> tuple[list[str], list[Row]]:
    """All pages as one table; a missing key is an empty cell, because services omit nulls."""
    found = [(snapshot, table_json.objects(layout, snapshot, content)) for snapshot, content in pages]
    if layout.paging:
        table_json.check_pages(layout.paging, [(snapshot, len(rows)) for snapshot, rows in found])
    rows = [Row(snapshot, pointer, cells) for snapshot, objects in found for pointer, cells in objects]
    if len(rows) > MAX_ROWS:
        raise breach(pages[-1][0], f"more than {MAX_ROWS} rows")
    return list(dict.fromkeys(title for row in rows for title in row.cells)), rows


def _csv(layout: Layout, snapshot: Snapshot, content: bytes) -> tuple[list[str], Rows]:
    table = CsvTable(layout, snapshot, content)
    return table.titles, table


def _workbook(layout: Layout, snapshot: Snapshot, content: bytes) -> tuple[list[str], Rows]:
    if not content.startswith(workbooks.BEGINNINGS):
        raise breach(snapshot, f"not a workbook: the bytes begin with {content[:40]!r}")
    workbooks.check(snapshot, content, layout.sheet)
    try:
        table = pd.read_excel(
            io.BytesIO(content),
            engine="calamine",
            sheet_name=layout.sheet or 0,
            header=None,
            skiprows=layout.header_row - 1,
            dtype=object,
            # Keep the text "NA" as text, and empty cells empty: JSON has no NaN.
            na_filter=False,
        )
    # The workbook reader raises its own exceptions for any failure inside it.
    except Exception as error:
        raise breach(snapshot, f"the workbook cannot be read: {error}") from error
    if table.empty:
        raise breach(snapshot, f"no header on row {layout.header_row} of sheet {layout.sheet or 1}")
    titles = [title_of(cell) for cell in table.iloc[0]]
    sheet = layout.sheet or "1"
    return titles, [
        Row(snapshot, f"{sheet}!{number}", dict(zip(titles, cells, strict=True)))
        for number, cells in enumerate(table.iloc[1:].itertuples(index=False), layout.header_row + 1)
    ].__iter__
