"""Reads the cells of a table column by column, some rows at a time, all series in one pass."""

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from itertools import groupby, islice
from typing import TYPE_CHECKING, Final

import numpy as np

from city_indicators.catalog.source import Layout, Series, Source
from city_indicators.core.snapshots import Snapshot
from city_indicators.sources import table_json
from city_indicators.sources.cells import Cells, Positions, RawRows, distinct
from city_indicators.sources.records import as_text, check_unit

if TYPE_CHECKING:
    from city_indicators.sources.table import Columns, Row

CELLS_AT_A_TIME: Final = 1 << 15


@dataclass(frozen=True)
class TableRows:
    """The rows of a table as published, read again where they are needed."""

    rows: Callable[[], Iterator["Row"]]

    def texts(self, rows: Collection[int]) -> Mapping[int, str]:
        """These rows as JSON, by number."""
        if not rows:
            return {}
        wanted = set(rows)
        read = islice(self.rows(), max(wanted) + 1)
        return {number: as_json(row) for number, row in enumerate(read) if number in wanted}


def as_json(row: "Row") -> str:
    """A row as it is kept if it is rejected."""
    return json.dumps(dict(row.cells), ensure_ascii=False, default=str)


@dataclass(frozen=True)
class Chunk:
    """Consecutive rows of one file; `first` is the number of the first, `keys` finds places and periods."""

    rows: list["Row"]
    first: int
    keys: "Keys"

    def texts(self, column: str) -> list[str]:
        """A column as texts."""
        return [row.text(column) for row in self.rows]

    @property
    def snapshot(self) -> Snapshot:
        """The file."""
        return self.rows[0].snapshot

    @cached_property
    def places(self) -> tuple[list[tuple[str | None, str]], Positions]:
        """The different places, and which of them each row has."""
        return distinct(self.keys.places(self))

    @cached_property
    def periods(self) -> tuple[list[str], Positions]:
        """The different periods of a column of periods, and which of them each row has."""
        return distinct(self.keys.periods(self))


class Keys:
    """The columns of place and period of a row."""

    def __init__(self, source: Source, columns: "Columns") -> None:
        self._source = source
        self._layout: Layout = source.table_layout
        layout = self._layout
        self._country = columns.find(layout.country) if layout.country else None
        self._place = columns.find(layout.place) if layout.place else None
        self.period = columns.find(layout.period) if isinstance(layout.period, str) else None

    def places(self, chunk: Chunk) -> Iterable[tuple[str | None, str]]:
        """Country and code of each row."""
        areas = chunk.texts(self._place) if self._place else [next(iter(self._source.areas or ()))]
        areas = areas if self._place else areas * len(chunk.rows)
        if self._country is None:
            return ((None, area) for area in areas)
        named = zip(chunk.texts(self._country), areas, strict=True)
        return ((self._layout.other_country.get(land, {}).get(area, land), area) for land, area in named)

    def periods(self, chunk: Chunk) -> Iterable[str]:
        """The period of each row, from its column."""
        return (_year(self._layout, text) for text in chunk.texts(self.period or ""))


def _year(layout: Layout, text: str) -> str:
    """The period of a row: as it stands, or the year of a date; a text that is no such date stays."""
    if layout.period_format is None:
        return text
    try:
        return str(datetime.strptime(text, layout.period_format).year)
    except ValueError:
        return text


def chunks(rows: Iterator["Row"], keys: Keys, columns: int) -> Iterator[Chunk]:
    """All rows, some of one file at a time."""
    size, first = max(1, CELLS_AT_A_TIME // max(1, columns)), 0
    for _, of_file in groupby(rows, key=lambda row: id(row.snapshot)):
        while some := list(islice(of_file, size)):
            yield Chunk(some, first, keys)
            first += len(some)


class SeriesReader:
    """Reads the cells of one series; `first` is the first place of the series in the order of all cells."""

    def __init__(self, series: Series, source: Source, columns: "Columns", raw: RawRows, first: int) -> None:
        self.series = series
        self.first = first
        self._raw = raw
        self._layout: Layout = source.table_layout
        layout = self._layout
        self._column = columns.find(series.column or "")
        self._status = columns.find(layout.obs_status) if layout.obs_status else None
        self._unit = columns.find(layout.unit) if layout.unit else None
        self._wanted = [
            (columns.find(column), set(texts))
            for column, texts in [*layout.where.items(), *series.where.items()]
        ]
        self._unwanted = [(columns.find(column), set(texts)) for column, texts in series.unless.items()]
        self._step = table_json.escaped(self._column) if layout.kind == "json" else self._column
        self._with_status: dict[str, Series] = {"": series}

    def cells(self, chunk: Chunk) -> Iterator[Cells]:
        """The cells of some rows: of those that the series takes, by status."""
        at = self._taken(chunk)
        if not len(at):
            return
        if self._unit:
            for position in at:
                row = chunk.rows[position]
                check_unit(row.snapshot, self.series, row.pointer, row.text(self._unit))
        if self._status is None:
            yield self._cells(self.series, chunk, at)
            return
        codes, code = distinct(chunk.rows[position].text(self._status) for position in at)
        for number, text in enumerate(codes):
            yield self._cells(self._of_status(text), chunk, at[code == number])

    def _taken(self, chunk: Chunk) -> Positions:
        taken = np.ones(len(chunk.rows), bool)
        for column, texts in self._wanted:
            taken &= np.array([text in texts for text in chunk.texts(column)], bool)
        if self._unwanted:
            left_out = np.ones(len(chunk.rows), bool)
            for column, texts in self._unwanted:
                left_out &= np.array([text in texts for text in chunk.texts(column)], bool)
            taken &= ~left_out
        return np.flatnonzero(taken)

    def _of_status(self, code: str) -> Series:
        """The series with the status of a row. An unknown code stays, so that the row rules reject it."""
        if code not in self._with_status:
            status = self._layout.statuses.get(code, code)
            self._with_status[code] = self.series.model_copy(update={"obs_status": status})
        return self._with_status[code]

    def _cells(self, series: Series, chunk: Chunk, at: Positions) -> Cells:
        places, place = chunk.places
        if chunk.keys.period is None:
            periods, period = [str(series.period or self._layout.period)], np.zeros(len(at), np.int64)
        else:
            periods, of_row = chunk.periods
            period = of_row[at]
        rows, empty, column, step = chunk.rows, self._layout.empty, self._column, self._step

        def value(cells: Positions) -> list[str | float | None]:
            values = [as_text(rows[number].cells.get(column)) for number in at[cells].tolist()]
            return [None if each in empty else each for each in values] if empty else values

        def pointer(cells: Positions) -> list[str]:
            return [f"{rows[number].pointer}/{step}" for number in at[cells].tolist()]

        return Cells(
            series=series,
            title=column,
            snapshot=chunk.snapshot,
            places=places,
            place=place[at],
            periods=periods,
            period=period,
            order=self.first + chunk.first + at,
            row=chunk.first + at,
            raw=self._raw,
            value=value,
            pointer=pointer,
        )
