"""The form of a city as a file: its columns, and what is wrong with a row beside the row itself."""

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
NEXT_STEP: Final = "fill in a fresh form (docs/how-to/fill-in-a-city-form.md) and drop it under the same name"


@dataclass(frozen=True)
class Line:
    """One row of the form: its texts by COLUMNS, where it stands, and what is wrong with a cell."""

    pointer: str
    cells: dict[str, str]
    fault: Fault | None = None


def lines(snapshot: Snapshot, content: bytes) -> list[Line]:
    """The rows of a form that are not empty.

    Raises:
        SourceContractError: the file is no form as CSV (UTF-8) or XLSX, too large, or lacks a column.
    """

    def refuse(fault: str) -> SourceContractError:
        return SourceContractError(snapshot.source, snapshot.url, fault, NEXT_STEP)

    workbook = content.startswith(b"PK")
    form = forms.Form(SHEET, COLUMNS, refuse, _title, MAX_UNPACKED_BYTES)
    titles, rows = forms.read(content, form, workbook)
    if missing := [column for column in COLUMNS if titles.count(column) != 1]:
        raise refuse(f"the first row must name each column once; it does not do so for {missing}")
    # Beside the columns of a workbook people make notes of their own.
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
        f"the row has {width + excess} cells, the header {width}; put cells that hold a comma in double "
        "quotes and write decimals with a point"
    )
    return Line(row.pointer, cells, Fault("row_is_whole", reason))
