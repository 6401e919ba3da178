"""Reads the file of a city submission: its columns, its rows, and faults of single rows."""

from dataclasses import dataclass
from typing import Final

from city_indicators.core.errors import SourceContractError
from city_indicators.core.snapshots import Snapshot
from city_indicators.sources import forms
from city_indicators.sources.records import Fault
from city_indicators.sources.workbooks import MAX_UNPACKED_BYTES

COLUMNS: Final = (
    "city",
    "indicator",
    "period",
    "value",
    "unit",
    "contact_role",
    "submitted_on",
    "evidence_url",
    "note",
)
SHEET: Final = "form"
NEXT_STEP: Final = (
    "fill in a new form (docs/how-to/fill-in-a-city-form.md) and put it into the inbox under the same name"
)


@dataclass(frozen=True)
class Line:
    """One row of the form: its texts by COLUMNS, its position in the file, and the fault of a cell."""

    pointer: str
    cells: dict[str, str]
    fault: Fault | None = None


def lines(snapshot: Snapshot, content: bytes) -> list[Line]:
    """The rows of a form that are not empty.

    Raises:
        SourceContractError: the file is not CSV (UTF-8) or XLSX, is too large, or a column is missing.
    """

    def refuse(fault: str) -> SourceContractError:
        return SourceContractError(snapshot.source, snapshot.url, fault, NEXT_STEP)

    workbook = content.startswith(b"PK")
    form = forms.Form(SHEET, COLUMNS, refuse, _title, MAX_UNPACKED_BYTES)
    titles, rows = forms.read(content, form, workbook)
    if missing := [column for column in COLUMNS if titles.count(column) != 1]:
        raise refuse(f"the first row must name each column once; missing or repeated: {missing}")
    # In workbooks people write notes beside the columns.
    found = [_line(row, 0 if workbook else row.excess, len(titles)) for row in rows]
    return [line for line in found if line.fault or any(line.cells.values())]


def _title(cell: str) -> str:
    return forms.plain(cell).casefold()


def _line(row: forms.FormRow, excess: int, width: int) -> Line:
    cells = {column: row.cells[column] for column in COLUMNS}
    if row.odd:
        return Line(row.pointer, cells, Fault("cell_holds_a_value", next(iter(row.odd.values()))))
    if not excess:
        return Line(row.pointer, cells)
    reason = (
        f"the row has {width + excess} cells, the header {width}; put cells that contain a comma in double "
        "quotes and write decimals with a point"
    )
    return Line(row.pointer, cells, Fault("row_fits_header", reason))
