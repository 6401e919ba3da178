"""Reads the cells of a table column by column, some rows at a time, all series in one pass."""

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache, cached_property
from itertools import compress, groupby, islice
from typing import TYPE_CHECKING, Final, Generic, Protocol, TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from city_indicators.catalog.source import Layout, Series, Source
from city_indicators.core.intervals import Interval
from city_indicators.core.snapshots import Snapshot
from city_indicators.sources import table_json
from city_indicators.sources.cells import Cells, Positions, RawRows, Value, distinct
from city_indicators.sources.csv_table import Block, CsvTable
from city_indicators.sources.records import check_unit
from city_indicators.sources.rows import Row, texts

if TYPE_CHECKING:
    from city_indicators.sources.table import Columns

CELLS_AT_A_TIME: Final = 1 << 15
KEYS_AT_A_TIME: Final = 1 << 17
"""Of rows of other years; each takes some bytes."""


@dataclass(frozen=True)
class TableRows:
    """The rows of a table as published, read again where they are needed."""

    rows: Callable[[], Iterator[Row]]

    def texts(self, rows: Collection[int]) -> Mapping[int, str]:
        """These rows as JSON, by number."""
        if not rows:
            return {}
        wanted = set(rows)
        read = islice(self.rows(), max(wanted) + 1)
        return {number: as_json(row) for number, row in enumerate(read) if number in wanted}


def as_json(row: Row) -> str:
    """A row as it is kept if it is rejected."""
    return json.dumps(dict(row.cells), ensure_ascii=False, default=str)


class ByColumn(Protocol):
    """Rows that are read column by column, by their positions."""

    def column(self, title: str, at: Positions) -> list[Value]:
        """The cells of a column at some positions as published, None where empty."""

    def texts(self, title: str, at: Positions) -> list[str]:
        """The cells of a column at some positions as texts; integers without a decimal point."""

    def pointers(self, at: Positions) -> list[str]:
        """The positions in the file of some rows."""


@dataclass(frozen=True)
class Kept:
    """Single rows, by their position; of others than those of the years that are read there is none."""

    rows: Mapping[int, Row]

    def column(self, title: str, at: Positions) -> list[Value]:
        """See `ByColumn`."""
        rows = self._at(at)
        return type(rows[0]).column(rows, title) if rows else []

    def texts(self, title: str, at: Positions) -> list[str]:
        """See `ByColumn`."""
        return texts(self._at(at), title)

    def pointers(self, at: Positions) -> list[str]:
        """See `ByColumn`."""
        return [row.pointer for row in self._at(at)]

    def _at(self, at: Positions) -> list[Row]:
        return [self.rows[position] for position in at.tolist()]


RowsT = TypeVar("RowsT", bound=ByColumn, covariant=True)


@dataclass(frozen=True)
class Chunk(Generic[RowsT]):
    """Consecutive rows of one file; `first` is the number of the first.

    `rows` has those of the years that are read; of the others only places and periods are known. `places` are
    the different places and `place` which of them each row has; likewise for periods.
    """

    snapshot: Snapshot
    first: int
    rows: RowsT
    places: Sequence[tuple[str | None, str]]
    place: Positions
    periods: Sequence[str]
    period: Positions

    @cached_property
    def every(self) -> Positions:
        """The positions of all rows."""
        return np.arange(len(self.place))


class Keys:
    """The columns of place and period of a row."""

    def __init__(self, source: Source, columns: "Columns") -> None:
        self._source = source
        self._layout: Layout = source.table_layout
        layout = self._layout
        self._country = columns.find(layout.country) if layout.country else None
        self._place = columns.find(layout.place) if layout.place else None
        self.period = columns.find(layout.period) if isinstance(layout.period, str) else None

    def places(self, rows: Sequence[Row]) -> Iterable[tuple[str | None, str]]:
        """Country and code of each row."""
        areas = texts(rows, self._place) if self._place else [self._of_source] * len(rows)
        if self._country is None:
            return ((None, area) for area in areas)
        named = zip(texts(rows, self._country), areas, strict=True)
        return (self._named(*each) for each in named) if self._layout.other_country else named

    def periods(self, rows: Sequence[Row]) -> list[str]:
        """The period of each row, from its column; of a table without one, an empty text."""
        if self.period is None:
            return [""] * len(rows)
        return [_year(self._layout, text) for text in texts(rows, self.period)]

    def places_of(self, block: Block) -> tuple[list[tuple[str | None, str]], Positions]:
        """The different places of some lines, and which of them each line has."""
        areas, area = block.coded(self._place) if self._place else ([self._of_source], block.zeros)
        if self._country is None:
            return [(None, area) for area in areas], area
        lands, land = block.coded(self._country)
        place, numbers = pd.factorize(land * len(areas) + area)
        named = (divmod(number, len(areas)) for number in numbers.tolist())
        return [self._named(lands[one], areas[other]) for one, other in named], place

    def periods_of(self, block: Block) -> tuple[list[str], Positions]:
        """The different periods of some lines, and which of them each line has."""
        if self.period is None:
            return [""], block.zeros
        found, period = block.coded(self.period)
        return [_year(self._layout, text) for text in found], period

    @property
    def _of_source(self) -> str:
        """The place of a table of one place."""
        return next(iter(self._source.areas or ()))

    def _named(self, country: str, area: str) -> tuple[str, str]:
        return self._layout.other_country.get(country, {}).get(area, country), area


def _year(layout: Layout, text: str) -> str:
    """The period of a row: as it stands, or the year of a date; a text that is no such date stays."""
    if layout.period_format is None:
        return text
    try:
        return str(datetime.strptime(text, layout.period_format).year)
    except ValueError:
        return text


def chunks_of(
    table: Callable[[], Iterator[Row]], keys: Keys, columns: int, years: Interval | None
) -> Iterator[Chunk[ByColumn]]:
    """All rows of a table, some at a time; see `chunks`. Of CSV, as far as possible, column by column."""
    first, rows = 0, None
    if isinstance(table, CsvTable):
        for block in table.blocks():
            yield Chunk(table.snapshot, first, block, *keys.places_of(block), *keys.periods_of(block))
            first += block.cells.num_rows
            rows = table.after(block)
    yield from chunks(rows if rows is not None else table(), keys, columns, years, first)


def chunks(
    rows: Iterator[Row], keys: Keys, columns: int, years: Interval | None = None, first: int = 0
) -> Iterator[Chunk[Kept]]:
    """All rows, some of one file at a time; of other years than some, if given, only the keys are kept.

    `first` is the number of the first row.
    """
    size = max(1, CELLS_AT_A_TIME // max(1, columns))
    wanted = cache(years.has_period) if years and keys.period else None
    for _, of_file in groupby(rows, key=lambda row: id(row.snapshot)):
        for snapshot, kept, place, period in _filled(of_file, keys, size, wanted):
            yield Chunk(snapshot, first, Kept(kept), *distinct(place), *distinct(period))
            first += len(period)


def _filled(
    rows: Iterator[Row], keys: Keys, size: int, wanted: Callable[[str], bool] | None
) -> Iterator[tuple[Snapshot, dict[int, Row], list[tuple[str | None, str]], list[str]]]:
    """The rows of a file with the places and periods of all, `size` wanted ones or more at a time."""
    kept: dict[int, Row] = {}
    place: list[tuple[str | None, str]] = []
    period: list[str] = []
    while some := list(islice(rows, size)):
        snapshot, begin = some[0].snapshot, len(period)
        place += keys.places(some)
        period += keys.periods(some)
        numbered = enumerate(some, begin)
        kept.update(compress(numbered, map(wanted, period[begin:])) if wanted else numbered)
        if len(kept) >= size or len(period) >= KEYS_AT_A_TIME:
            yield snapshot, kept, place, period
            kept, place, period = {}, [], []
    if period:
        yield snapshot, kept, place, period


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

    @property
    def chooses_rows(self) -> bool:
        """Whether other columns than place and period say what is read of a row."""
        return bool(self._wanted or self._unwanted or self._status or self._unit)

    def cells(self, chunk: Chunk[ByColumn]) -> Iterator[Cells]:
        """The cells of some rows: of those that the series takes, by status."""
        at = self._taken(chunk)
        if not len(at):
            return
        if self._unit:
            sent = zip(chunk.rows.pointers(at), chunk.rows.texts(self._unit, at), strict=True)
            for pointer, unit in sent:
                check_unit(chunk.snapshot, self.series, pointer, unit)
        if self._status is None:
            yield self._cells(self.series, chunk, at)
            return
        codes, code = distinct(chunk.rows.texts(self._status, at))
        for number, text in enumerate(codes):
            yield self._cells(self._of_status(text), chunk, at[code == number])

    def _taken(self, chunk: Chunk[ByColumn]) -> Positions:
        if not self._wanted and not self._unwanted:
            return chunk.every
        taken = np.ones(len(chunk.every), bool)
        for column, accepted in self._wanted:
            taken &= _is_among(chunk, column, accepted)
        if self._unwanted:
            taken &= ~np.logical_and.reduce([_is_among(chunk, *refused) for refused in self._unwanted])
        return np.flatnonzero(taken)

    def _of_status(self, code: str) -> Series:
        """The series with the status of a row. An unknown code stays, so that the row rules reject it."""
        if code not in self._with_status:
            status = self._layout.statuses.get(code, code)
            self._with_status[code] = self.series.model_copy(update={"obs_status": status})
        return self._with_status[code]

    def _cells(self, series: Series, chunk: Chunk[ByColumn], at: Positions) -> Cells:
        # All series that read every row have the same arrays.
        place, period = (
            of_row if at is chunk.every else of_row[at] for of_row in (chunk.place, chunk.period)
        )
        periods = chunk.periods
        if not isinstance(self._layout.period, str):
            periods = [str(series.period or self._layout.period)]
        rows, empty, column, step = chunk.rows, self._layout.empty, self._column, self._step

        def value(cells: Positions) -> list[str | float | None]:
            values = rows.column(column, at[cells])
            return [None if each in empty else each for each in values] if empty else values

        def pointer(cells: Positions) -> list[str]:
            return [f"{pointer}/{step}" for pointer in rows.pointers(at[cells])]

        return Cells(
            series=series,
            title=column,
            snapshot=chunk.snapshot,
            places=chunk.places,
            place=place,
            periods=periods,
            period=period,
            order=self.first + chunk.first + at,
            row=chunk.first + at,
            raw=self._raw,
            value=value,
            pointer=pointer,
        )


def _is_among(chunk: Chunk[ByColumn], column: str, listed: Collection[str]) -> NDArray[np.bool_]:
    """Of each row whether a column has one of some texts."""
    return np.array([text in listed for text in chunk.rows.texts(column, chunk.every)], bool)
