"""Reads a form that people fill in, CSV or XLSX: its rows as texts, with their numbers.

The reader of each form checks which columns it must have and what is wrong with a row.
"""

import csv
import io
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import islice
from typing import Any, Final

from city_indicators.core.errors import SourceContractError
from city_indicators.sources import workbooks
from city_indicators.sources.places import INVISIBLE

MAX_BYTES: Final = 10 * 1024 * 1024
MAX_ROWS: Final = 20_000


def plain(title: str) -> str:
    """A title without invisible characters: non-breaking or doubled spaces, zero-width marks."""
    return " ".join(INVISIBLE.sub("", title).split())


@dataclass(frozen=True)
class Form:
    """What to read: the sheet (the first if none has that name) and the columns.

    `refuse` turns a fault into the error for a file that is not such a form; `title` turns the header of a
    column into its name.
    """

    sheet: str
    columns: Collection[str]
    refuse: Callable[[str], SourceContractError]
    title: Callable[[str], str] = plain
    max_unpacked_bytes: int = workbooks.MAX_UNPACKED_BYTES


@dataclass(frozen=True)
class FormRow:
    """One row: its number (the header is row 1), its pointer, and its texts by title.

    `excess` counts the cells beyond the header, negative if there are fewer; in a workbook, the filled cells
    without a title. `odd` describes, by title, cells of the form's columns whose value differs from what
    they show.
    """

    number: int
    pointer: str
    cells: Mapping[str, str]
    excess: int
    odd: Mapping[str, str] = field(default_factory=dict)


def read(content: bytes, form: Form, workbook: bool) -> tuple[tuple[str, ...], list[FormRow]]:
    """The titles (none if the file is empty) and the rows that are not empty.

    Raises:
        SourceContractError: the file is too large, or not of the given kind.
    """
    if len(content) > MAX_BYTES:
        raise form.refuse(f"the file has {len(content)} bytes, more than the {MAX_BYTES} of the largest form")
    titles, rows = _workbook(content, form) if workbook else _csv(content, form)
    found = list(islice(rows, MAX_ROWS + 1))
    if len(found) > MAX_ROWS:
        raise form.refuse(f"the file has more than {MAX_ROWS} rows")
    return titles, found


def _csv(content: bytes, form: Form) -> tuple[tuple[str, ...], Iterator[FormRow]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise form.refuse(f"neither a workbook nor text in UTF-8: {error}") from error
    header = text.partition("\n")[0]
    # Where the comma is the decimal separator, spreadsheet programs write a semicolon between cells.
    delimiter = ";" if header.count(";") > header.count(",") else ","
    lines = _lines(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True), form)
    _, header_cells = next(lines, (1, []))
    titles = tuple(map(form.title, _without_tail(header_cells)))
    return titles, (
        FormRow(number, f"line {number}", _by_title(titles, cells), len(cells) - len(header_cells))
        for number, cells in lines
        if any(cells)
    )


def _lines(reader: Any, form: Form) -> Iterator[tuple[int, list[str]]]:
    """Each row with the number of its first line, because a quoted cell may span several."""
    first = 1
    try:
        for cells in reader:
            yield first, [cell.strip() for cell in cells]
            first = reader.line_num + 1
    except csv.Error as error:
        raise form.refuse(f"the row on line {first} is not CSV: {error}") from error


def _workbook(content: bytes, form: Form) -> tuple[tuple[str, ...], Iterator[FormRow]]:
    import openpyxl

    if not content.startswith(workbooks.ZIP):
        raise form.refuse(f"is not a workbook: the bytes begin with {content[:20]!r}")
    if fault := workbooks.danger(content, form.max_unpacked_bytes) or workbooks.too_wide(content, every=True):
        raise form.refuse(fault)
    try:
        # Reads the formulas themselves, not the values that some program computed last.
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=False)
        sheet = book[form.sheet] if form.sheet in book.sheetnames else book.worksheets[0]
        # Programs may write a wrong extent of the sheet.
        sheet.reset_dimensions()
        lines = list(islice(sheet.iter_rows(), MAX_ROWS + 2))
    # openpyxl passes on whatever its parsers raise for a broken workbook.
    except Exception as error:
        raise form.refuse(f"the workbook cannot be read ({type(error).__name__}: {error})") from error
    titles = tuple(map(form.title, _without_tail([_text(cell) for cell in lines[0]] if lines else [])))
    return titles, _rows(titles, lines[1:], sheet.title, form)


def _rows(titles: tuple[str, ...], lines: list[Any], sheet: str, form: Form) -> Iterator[FormRow]:
    for number, line in enumerate(lines, 2):
        cells = _without_tail([_text(cell) for cell in line])
        if cells:
            shown = zip(titles, line, strict=False)
            odd = {
                title: fault for title, cell in shown if title in form.columns and (fault := _oddity(cell))
            }
            excess = max(0, len(cells) - len(titles))
            yield FormRow(number, f"{sheet}!{number}", _by_title(titles, cells), excess, odd)


def _by_title(titles: tuple[str, ...], cells: list[str]) -> dict[str, str]:
    padded = cells + [""] * (len(titles) - len(cells))
    return dict(zip(titles, padded, strict=False))


def _without_tail(cells: list[str]) -> list[str]:
    """A row without the empty cells that spreadsheet programs leave at its end."""
    return cells[: max((n for n, cell in enumerate(cells, 1) if cell), default=0)]


def _oddity(cell: Any) -> str | None:
    if cell.value is not None and cell.data_type == "f":
        return f"cell {cell.coordinate} holds the formula {_text(cell)}; write the value itself"
    # A cell that shows 35.4 % holds 0.354.
    if isinstance(cell.value, int | float) and "%" in str(cell.number_format):
        return (
            f"cell {cell.coordinate} is formatted as a percentage and holds {cell.value:g}; format it as "
            "a number and write the percentage itself, with % in the column unit"
        )
    return None


def _text(cell: Any) -> str:
    """A cell in the notation of the form: integers without a point, dates in ISO format."""
    value = cell.value
    if value is None:
        return ""
    if cell.data_type == "f":
        return value if isinstance(value, str) else "=(array formula)"
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == datetime.min.time() else value.isoformat(" ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()
