"""Cells of a publication, column by column: what normalising reads in place of single records."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby, islice
from typing import Any, Final, Protocol, TypeVar, runtime_checkable

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from city_indicators.catalog.source import Series, Source
from city_indicators.core.intervals import Interval
from city_indicators.core.snapshots import Snapshot
from city_indicators.sources.records import Archived, Connector, Fault, Record, as_number

Positions = npt.NDArray[np.int64]
RECORDS_AT_A_TIME: Final = 1_000
Value = str | float | None
SERIES_STEP: Final = 1 << 32
"""The distance in the order between two series of a table; a table has fewer rows."""
MOST_DIGITS: Final = 20
"""Up to so many characters a text has no more digits than are read exactly."""
Item = TypeVar("Item")


class RawRows(Protocol):
    """The rows of a file as published, by number."""

    def texts(self, rows: Collection[int]) -> Mapping[int, str]:
        """The complete rows as JSON texts, by number."""


@dataclass(frozen=True)
class Texts:
    """Rows that are in memory as texts."""

    by_row: Mapping[int, str]

    def texts(self, rows: Collection[int]) -> Mapping[int, str]:
        """The texts of these rows."""
        return {row: self.by_row[row] for row in rows}


@dataclass(frozen=True)
class Cells:
    """Cells of one series in one file; see `records.Record` for the meaning of each.

    `places` are the different places (country and code of the area) and `place` which of them each cell has;
    likewise `periods` and `period`. `order` sorts the cells of all series as they were published. `row` is
    the number of each cell's row in `raw`. `value` and `pointer` give those of the cells at some positions,
    so that nothing is made of cells that nobody wants. `fault` is that of all cells.
    """

    series: Series
    title: str
    snapshot: Snapshot
    places: Sequence[tuple[str | None, str]]
    place: Positions
    periods: Sequence[str]
    period: Positions
    order: Positions
    row: Positions
    raw: RawRows
    value: Callable[[Positions], Sequence[Value]]
    pointer: Callable[[Positions], Sequence[str]]
    unit: str | None = None
    fault: Fault | None = None

    def records(self) -> Iterator[Record]:
        """One record per cell."""
        every = np.arange(len(self.order))
        texts = self.raw.texts({int(row) for row in self.row})
        cells = zip(self.place, self.period, self.row, self.value(every), self.pointer(every), strict=True)
        for place, period, row, value, pointer in cells:
            country, area = self.places[place]
            yield Record(
                series=self.series,
                area_code=area,
                time_period=self.periods[period],
                value=value,
                title=self.title,
                snapshot=self.snapshot,
                pointer=pointer,
                raw=texts[int(row)],
                country=country,
                unit=self.unit,
                fault=self.fault,
            )


@runtime_checkable
class Columnar(Connector, Protocol):
    """A wire format that is read column by column."""

    def read_cells(self, source: Source, archived: Archived, interval: Interval) -> Iterator[Cells]:
        """The same as `read`, in any order: each cell has its place in the order of the records."""


def read_cells(
    connector: Connector, source: Source, archived: Archived, interval: Interval
) -> Iterator[Cells]:
    """The cells of the answers, by column if the format can; see `Connector.read`."""
    if isinstance(connector, Columnar):
        return connector.read_cells(source, archived, interval)
    return cells_of(connector.read(source, archived, interval))


def cells_of(records: Iterable[Record], first: int = 0) -> Iterator[Cells]:
    """Records as cells, some at a time; `first` is the first place in the order."""
    remaining = iter(records)
    while some := list(islice(remaining, RECORDS_AT_A_TIME)):
        numbered = sorted(enumerate(some, first), key=lambda pair: _file(pair[1]))
        for _, group in groupby(numbered, key=lambda pair: _file(pair[1])):
            numbers, alike = zip(*group, strict=True)
            yield _column(alike, np.array(numbers))
        first += len(some)


def _file(record: Record) -> tuple[Any, ...]:
    """What all cells of a column have in common."""
    fault = record.fault
    return (
        id(record.series),
        id(record.snapshot),
        record.title,
        record.unit or "",
        (fault.rule, fault.reason) if fault else ("", ""),
    )


def _column(records: Sequence[Record], order: Positions) -> Cells:
    places, place = distinct((record.country, record.area_code) for record in records)
    periods, period = distinct(record.time_period for record in records)
    first = records[0]
    return Cells(
        series=first.series,
        title=first.title,
        snapshot=first.snapshot,
        places=places,
        place=place,
        periods=periods,
        period=period,
        order=order,
        row=np.arange(len(records)),
        raw=Texts({row: record.raw for row, record in enumerate(records)}),
        value=lambda at: [records[position].value for position in at],
        pointer=lambda at: [records[position].pointer for position in at],
        unit=first.unit,
        fault=first.fault,
    )


def distinct(items: Iterable[Item]) -> tuple[list[Item], Positions]:
    """The different items in the order of their first appearance, and which of them each item is."""
    codes: dict[Item, int] = {}
    found = np.array([codes.setdefault(item, len(codes)) for item in items], np.int64)
    return list(codes), found


def as_numbers(values: Sequence[str | float], factor: Decimal, decimal: str) -> npt.NDArray[np.float64]:
    """The numbers of values, as `records.as_number` reads each; NaN for those that are none."""
    if factor == 1 and decimal == ".":
        texts = [str(value) for value in values]
        if max(map(len, texts), default=0) <= MOST_DIGITS:
            with suppress(pa.ArrowInvalid):
                found = pa.array(texts, pa.string()).cast(pa.float64())
                numbers: npt.NDArray[np.float64] = found.to_numpy().copy()
                numbers[~np.isfinite(numbers)] = np.nan
                return numbers
    return np.array([as_number(value, factor, decimal) for value in values], float)
