"""The form as a file: rows of texts, with what is wrong with a cell beside the row it stands in."""

import csv
import io
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from city_indicators.archive import Snapshot
from city_indicators.errors import SourceContractError
from city_indicators.sources.records import Fault

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
MAX_BYTES: Final = 10 * 1024 * 1024
# A workbook is a compressed archive: ten megabytes of it can become gigabytes.
MAX_UNPACKED_BYTES: Final = 200 * 1024 * 1024
MAX_ROWS: Final = 20_000
NEXT_STEP: Final = "fill in a fresh form (docs/submissions.md) and drop it under the same name"


@dataclass(frozen=True)
class Line:
    """One row of the form: its texts by COLUMNS, where it stands, and what is wrong with a cell."""

    pointer: str
    cells: Mapping[str, str]
    fault: Fault | None = None


def lines(snapshot: Snapshot, content: bytes) -> list[Line]:
    """The rows of a form that are not empty.

    Raises:
        SourceContractError: the file is no form as CSV (UTF-8) or XLSX, too large, or lacks a column.
    """
    if len(content) > MAX_BYTES:
        raise breach(snapshot, f"{len(content)} bytes, more than the {MAX_BYTES} of the largest form")
    found = _workbook(snapshot, content) if content.startswith(b"PK") else _csv(snapshot, content)
    return [line for line in found if line.fault or any(line.cells.values())]


def breach(snapshot: Snapshot, fault: str) -> SourceContractError:
    """The error of a file that is not the form."""
    return SourceContractError(snapshot.source, snapshot.url, fault, NEXT_STEP)


def _csv(snapshot: Snapshot, content: bytes) -> Iterator[Line]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise breach(snapshot, f"neither a workbook nor text in UTF-8: {error}") from error
    # Where the comma is the decimal point, office programs separate by semicolons.
    delimiter = ";" if ";" in text.partition("\n")[0] else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        rows = [(reader.line_num, cells) for cells in reader if any(cell.strip() for cell in cells)]
    except csv.Error as error:
        raise breach(snapshot, f"line {reader.line_num} is not CSV: {error}") from error
    if len(rows) > MAX_ROWS:
        raise breach(snapshot, f"{len(rows)} rows, more than {MAX_ROWS}")
    titles = _titles(snapshot, rows[0][1] if rows else [])
    for number, cells in rows[1:]:
        texts = dict(zip(titles, (cell.strip() for cell in cells), strict=False))
        yield Line(f"line {number}", _chosen(texts), _row_is_whole(len(cells), len(titles)))


def _row_is_whole(found: int, expected: int) -> Fault | None:
    if found == expected:
        return None
    return Fault(
        "row_is_whole",
        f"the row has {found} cells, the header {expected}; put cells that hold a comma in double quotes and "
        "write decimals with a point",
    )


def _workbook(snapshot: Snapshot, content: bytes) -> Iterator[Line]:
    import openpyxl

    _check_unpacked(snapshot, content)
    try:
        # Formulas as they stand, not the value that some program computed last.
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=False)
        sheet = book[SHEET] if SHEET in book.sheetnames else book.worksheets[0]
        # Programs may write a wrong extent of the sheet.
        sheet.reset_dimensions()
        rows = [row for _, row in zip(range(MAX_ROWS + 1), sheet.iter_rows(), strict=False)]
    # The reader of workbooks raises whatever fails inside it.
    except Exception as error:
        raise breach(snapshot, f"the workbook cannot be read ({type(error).__name__}: {error})") from error
    if len(rows) > MAX_ROWS:
        raise breach(snapshot, f"more than {MAX_ROWS} rows")
    titles = _titles(snapshot, [_text(cell.value) for cell in rows[0]] if rows else [])
    for number, row in enumerate(rows[1:], 2):
        texts = dict(zip(titles, (_text(cell.value) for cell in row), strict=False))
        chosen = [cell for title, cell in zip(titles, row, strict=False) if title in COLUMNS]
        yield Line(f"{sheet.title}!{number}", _chosen(texts), _cells_hold_values(chosen))


def _check_unpacked(snapshot: Snapshot, content: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            unpacked = sum(part.file_size for part in archive.infolist())
    except zipfile.BadZipFile as error:
        raise breach(snapshot, f"the workbook cannot be read ({error})") from error
    if unpacked > MAX_UNPACKED_BYTES:
        raise breach(snapshot, f"the workbook unpacks to {unpacked} bytes, more than {MAX_UNPACKED_BYTES}")


def _cells_hold_values(cells: list[Any]) -> Fault | None:
    for cell in cells:
        if getattr(cell, "data_type", None) == "f":
            return Fault(
                "cell_holds_a_value",
                f"cell {cell.coordinate} holds the formula {_text(cell.value)}; write the value itself",
            )
        # A cell that shows 35.4 % holds 0.354.
        if isinstance(cell.value, int | float) and "%" in str(cell.number_format):
            return Fault(
                "cell_holds_a_value",
                f"cell {cell.coordinate} is formatted as a percentage and holds {cell.value:g}; format it as "
                "a number and write the percentage itself, with % in the column unit",
            )
    return None


def _titles(snapshot: Snapshot, cells: list[str]) -> list[str]:
    titles = [cell.strip().casefold() for cell in cells]
    if missing := [column for column in COLUMNS if titles.count(column) != 1]:
        raise breach(snapshot, f"the first row must name each column once; it does not do so for {missing}")
    return titles


def _chosen(texts: Mapping[str, str]) -> dict[str, str]:
    return {column: texts.get(column, "") for column in COLUMNS}


def _text(value: Any) -> str:
    if isinstance(value, datetime | date):
        return (value.date() if isinstance(value, datetime) else value).isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else str(value).strip()
