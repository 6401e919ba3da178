"""C40 greenhouse gas inventories: one workbook, one row per city and inventory year.

Format: sheet "GHG Dashboard Data - Inventory" of the dashboard's download. Cells hold tonnes CO2e or
a notation key of the Global Protocol (GPC): NO not occurring, NE not estimated, IE included
elsewhere, C confidential.
"""

import json
import math
import re
from collections.abc import Iterator
from typing import Final

from city_indicators.catalog.source import Source
from city_indicators.core.intervals import Interval
from city_indicators.sources import table
from city_indicators.sources.records import Archived, Record, as_number, as_text
from city_indicators.sources.rows import Row

fetch = table.fetch
SELF_STATEMENTS: Final = {"title": "the complete titles of the columns, which the catalogue declares"}
"""What the workbook says about itself. It names no unit; that it is tonnes stands in no file."""

_KEY: Final = r"(?:NO|NE|IE|C)(?:\s*\([^)]*\))?"
NOTATION: Final = re.compile(rf"{_KEY}(?:\s*;\s*{_KEY})*", re.IGNORECASE)


def read(source: Source, archived: Archived, interval: Interval) -> Iterator[Record]:  # noqa: ARG001
    """One record per series and inventory; empty rows of the template are skipped."""
    layout = source.table_layout
    for snapshot, content in archived:
        titles, rows = table.rows_of(layout, snapshot, content)
        columns = table.Columns(titles, snapshot)
        place, country = columns.find(layout.place), columns.find(layout.country or "")
        period = columns.find(str(layout.period))
        wanted = [
            (series, columns.find(series.column or ""), columns.find(series.per) if series.per else None)
            for series in source.series
        ]
        for row in rows:
            if not row.text(place):
                continue
            raw = json.dumps({title: as_text(cell) for title, cell in row.cells.items()}, ensure_ascii=False)
            for series, column, per in wanted:
                yield Record(
                    series=series,
                    area_code=row.text(place),
                    country=row.text(country),
                    time_period=row.text(period),
                    value=_value(row, column, per),
                    title=column,
                    snapshot=snapshot,
                    pointer=f"{row.pointer}/{column}" + (f" : {per}" if per else ""),
                    raw=raw,
                )


def _value(row: Row, column: str, per: str | None) -> str | float | None:
    """The cell, divided by the one in `per`. None if either is unknown; a cell that is no number as it is."""
    total = _cell(row, column)
    if per is None or total is None:
        return total
    divisor = _cell(row, per)
    if divisor is None:
        return None
    odd = [cell for cell in (total, divisor) if math.isnan(as_number(cell))]
    if odd or not as_number(divisor):
        return odd[0] if odd else None
    return as_number(total) / as_number(divisor)


def _cell(row: Row, column: str) -> str | float | None:
    cell = as_text(row.cells[column])
    return None if isinstance(cell, str) and NOTATION.fullmatch(cell) else cell
