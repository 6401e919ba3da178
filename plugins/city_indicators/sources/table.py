"""Tables as files: CSV or workbook, one row a place, columns as the source's `layout` says."""

import csv
import io
import json
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import pandas as pd

from city_indicators.archive import Snapshot
from city_indicators.catalog.models import Catalogue, Layout, Series, Source
from city_indicators.errors import SourceContractError
from city_indicators.sources.places import INVISIBLE
from city_indicators.sources.records import Archived, Fetch, Interval, Record, as_number, as_text

WORKBOOK_BEGINNINGS: Final = (b"PK", b"\xd0\xcf\x11\xe0")


@dataclass(frozen=True)
class Row:
    """One row of a table: where it stands and its cells by column title."""

    pointer: str
    cells: Mapping[str, Any]

    def text(self, column: str) -> str:
        """A cell as text; whole numbers without a decimal point."""
        value = as_text(self.cells[column])
        if isinstance(value, float) and value.is_integer():
            return str(int(value))
        return "" if value is None else str(value)


def fetch(source: Source, catalogue: Catalogue, interval: Interval, fetch: Fetch) -> list[Snapshot]:  # noqa: ARG001
    """The whole file: the publisher offers no smaller piece."""
    snapshot, _ = fetch(source.path or "", {})
    return [snapshot]


def read(source: Source, archived: Archived, interval: Interval) -> Iterator[Record]:  # noqa: ARG001
    """One record a series and row; rows that `combine` joins are one record."""
    layout = source.table_layout
    for snapshot, content in archived:
        titles, rows = rows_of(layout, snapshot, content)
        layout_columns = Columns(titles, snapshot)
        wanted = list(filtered(rows, layout_columns, layout.where))
        for series in source.series:
            records = _records(series, layout, snapshot, layout_columns, wanted)
            yield from summed(records) if series.combine == "sum" else records


def _records(
    series: Series, layout: Layout, snapshot: Snapshot, columns: "Columns", rows: list[Row]
) -> Iterator[Record]:
    column = columns.find(series.column or "")
    country = columns.find(layout.country) if layout.country else None
    place = columns.find(layout.place)
    period = columns.find(layout.period) if isinstance(layout.period, str) else None
    for row in without(filtered(rows, columns, series.where), columns, series.unless):
        yield Record(
            series=series,
            area_code=row.text(place),
            country=_country(layout, row.text(country), row.text(place)) if country else None,
            time_period=row.text(period) if period else str(series.period or layout.period),
            value=as_text(row.cells[column]),
            title=column,
            snapshot=snapshot,
            pointer=f"{row.pointer}/{column}",
            raw=json.dumps(dict(row.cells), ensure_ascii=False, default=str),
        )


def _country(layout: Layout, country: str, place: str) -> str:
    return layout.other_country.get(country, {}).get(place, country)


def summed(records: Iterable[Record]) -> Iterator[Record]:
    """One record a place and period with the sum; a part that is no number stays visible as the value.

    The sum is an empty cell where a part is empty: what is unknown cannot be added.
    """
    groups: dict[tuple[str | None, str, str], list[Record]] = {}
    for record in records:
        groups.setdefault((record.country, record.area_code, record.time_period), []).append(record)
    for parts in groups.values():
        yield replace(
            parts[0],
            value=_sum([part.value for part in parts]),
            pointer=" + ".join(part.pointer for part in parts),
            raw="[" + ", ".join(part.raw for part in parts) + "]",
        )


def _sum(values: list[str | float | None]) -> str | float | None:
    if None in values:
        return None
    numbers = [as_number(value) for value in values]
    odd = [value for value, number in zip(values, numbers, strict=True) if math.isnan(number)]
    return odd[0] if odd else math.fsum(numbers)


class Columns:
    """The column titles of a table, found by the whole title or its beginning."""

    def __init__(self, titles: list[str], snapshot: Snapshot) -> None:
        self._titles = titles
        self._snapshot = snapshot

    def find(self, beginning: str) -> str:
        """The one title that is `beginning`, else the one that begins so.

        Raises:
            SourceContractError: none or several do.
        """
        if self._titles.count(beginning) == 1:
            return beginning
        matches = [title for title in self._titles if title.startswith(beginning)]
        if len(matches) != 1:
            raise breach(
                self._snapshot,
                f"{len(matches)} columns begin with {beginning!r}, expected one of {self._titles}",
            )
        return matches[0]


def filtered(rows: Iterable[Row], columns: Columns, where: Mapping[str, list[str]]) -> Iterator[Row]:
    """The rows that hold one of the wanted texts in every column of `where`."""
    conditions = [(columns.find(column), set(texts)) for column, texts in where.items()]
    return (row for row in rows if all(row.text(column) in texts for column, texts in conditions))


def without(rows: Iterable[Row], columns: Columns, unless: Mapping[str, list[str]]) -> Iterator[Row]:
    """The rows but those that hold one of the texts in every column of `unless`."""
    conditions = [(columns.find(column), set(texts)) for column, texts in unless.items()]
    return (
        row
        for row in rows
        if not conditions or not all(row.text(column) in texts for column, texts in conditions)
    )


def rows_of(layout: Layout, snapshot: Snapshot, content: bytes) -> tuple[list[str], list[Row]]:
    """Titles and rows of the table, footnotes left out; invisible characters taken out of titles.

    Raises:
        SourceContractError: the bytes are not such a table.
    """
    if layout.kind == "workbook":
        titles, rows = _workbook(layout, snapshot, content)
    else:
        titles, rows = _csv(layout, snapshot, content)
    notes = next(
        (
            n
            for n, row in enumerate(rows)
            if layout.footnotes_from and row.text(titles[0]) == layout.footnotes_from
        ),
        len(rows),
    )
    return titles, rows[:notes]


def _title(cell: Any) -> str:
    return " ".join(INVISIBLE.sub("", str(as_text(cell) or "")).split())


def _csv(layout: Layout, snapshot: Snapshot, content: bytes) -> tuple[list[str], list[Row]]:
    try:
        text = content.decode(layout.encoding)
    except UnicodeDecodeError as error:
        raise breach(snapshot, f"the bytes are not {layout.encoding}: {error}") from error
    if text.lstrip().startswith("<"):
        raise breach(snapshot, f"a page of HTML instead of CSV: {text[:120]!r}")
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        lines = [(reader.line_num, cells) for cells in reader if cells]
    except csv.Error as error:
        raise breach(snapshot, f"line {reader.line_num} is not CSV: {error}") from error
    if len(lines) < layout.header_row:
        raise breach(snapshot, f"no header on line {layout.header_row}")
    titles = [_title(cell) for cell in lines[layout.header_row - 1][1]]
    rows = []
    for number, cells in lines[layout.header_row :]:
        if layout.footnotes_from and cells[0] == layout.footnotes_from:
            break
        if len(cells) != len(titles):
            raise breach(snapshot, f"line {number} has {len(cells)} fields, the header {len(titles)}")
        rows.append(Row(f"line {number}", dict(zip(titles, cells, strict=True))))
    return titles, rows


def _workbook(layout: Layout, snapshot: Snapshot, content: bytes) -> tuple[list[str], list[Row]]:
    if not content.startswith(WORKBOOK_BEGINNINGS):
        raise breach(snapshot, f"not a workbook: the bytes begin with {content[:40]!r}")
    try:
        table = pd.read_excel(
            io.BytesIO(content),
            engine="calamine",
            sheet_name=layout.sheet or 0,
            header=None,
            skiprows=layout.header_row - 1,
            dtype=object,
            # The text "NA" is a cell's text, and an empty cell is no NaN, which JSON does not know.
            na_filter=False,
        )
    # The reader of workbooks wraps whatever fails inside it in exceptions of its own.
    except Exception as error:
        raise breach(snapshot, f"the workbook cannot be read: {error}") from error
    if table.empty:
        raise breach(snapshot, f"no header on row {layout.header_row} of sheet {layout.sheet or 1}")
    titles = [_title(cell) for cell in table.iloc[0]]
    sheet = layout.sheet or "1"
    return titles, [
        Row(f"{sheet}!{number}", dict(zip(titles, cells, strict=True)))
        for number, cells in enumerate(table.iloc[1:].itertuples(index=False), layout.header_row + 1)
    ]


def breach(snapshot: Snapshot, fault: str) -> SourceContractError:
    """The error of a file that is not the table its source promises."""
    return SourceContractError(
        snapshot.source,
        snapshot.url,
        fault,
        f"compare the archived bytes {snapshot.sha256} with the layout in the source's catalogue file",
    )
