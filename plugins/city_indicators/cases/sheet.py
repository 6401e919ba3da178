"""The rows of a form, CSV or XLSX, as text: what a person typed, with the row's own number."""

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from typing import Any, Final

from city_indicators.errors import SourceContractError

MAX_BYTES: Final = 10 * 1024 * 1024
MAX_UNPACKED_BYTES: Final = 10 * MAX_BYTES
MAX_ROWS: Final = 20_000
SHEET: Final = "cases"
NEXT_STEP: Final = "save the template as .xlsx, or as .csv in UTF-8, and send it again"
SOURCE: Final = "best_practice_cases"


@dataclass(frozen=True)
class Row:
    """One row: its number (the header is row 1), its cells by title, how many cells have no title."""

    number: int
    cells: dict[str, str]
    surplus: int


def rows_of(content: bytes, name: str) -> tuple[tuple[str, ...], list[Row]]:
    """The titles and the rows that hold anything.

    Raises:
        SourceContractError: the file is too large, of another kind than its name says, or empty.
    """
    if len(content) > MAX_BYTES:
        raise _error(name, f"has {len(content):,} bytes, more than {MAX_BYTES:,}")
    kind = name.lower().rpartition(".")[2]
    if kind == "csv":
        lines = _csv_lines(content, name)
    elif kind == "xlsx":
        lines = _xlsx_lines(content, name)
    else:
        raise _error(name, "is neither .csv nor .xlsx")
    try:
        _, header = next(lines)
        titles = _without_tail(header)
        rows = list(_rows(titles, islice(lines, MAX_ROWS)))
        if next(lines, None) is not None:
            raise _error(name, f"has more than {MAX_ROWS:,} rows")
        return tuple(titles), rows
    except StopIteration:
        raise _error(name, "is empty") from None
    except csv.Error as error:
        raise _error(name, f"is not a CSV: {error}") from error


def _rows(titles: list[str], lines: Iterable[tuple[int, list[str]]]) -> Iterator[Row]:
    for number, line in lines:
        cells = _without_tail(line)
        if any(cells):
            padded = cells + [""] * (len(titles) - len(cells))
            yield Row(number, dict(zip(titles, padded, strict=False)), max(0, len(cells) - len(titles)))


def _without_tail(line: list[str]) -> list[str]:
    """A line without the empty cells at its end, which spreadsheet programs leave behind."""
    return line[: max((n for n, cell in enumerate(line, 1) if cell), default=0)]


def _csv_lines(content: bytes, name: str) -> Iterator[tuple[int, list[str]]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _error(name, f"is not in UTF-8 (byte {error.start})") from error
    header = text.partition("\n")[0]
    # Where the comma is the decimal sign, spreadsheet programs write a semicolon between cells.
    delimiter = ";" if header.count(";") > header.count(",") else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    first = 1
    for line in reader:
        yield first, [cell.strip() for cell in line]
        # A quoted cell may run over several lines.
        first = reader.line_num + 1


def _xlsx_lines(content: bytes, name: str) -> Iterator[tuple[int, list[str]]]:
    import openpyxl

    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            unpacked = sum(part.file_size for part in archive.infolist())
        if unpacked > MAX_UNPACKED_BYTES:
            raise _error(name, f"unpacks to {unpacked:,} bytes, more than {MAX_UNPACKED_BYTES:,}")
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=False)
        sheet = book[SHEET] if SHEET in book.sheetnames else book.worksheets[0]
        # Programs may write a wrong extent of the sheet.
        sheet.reset_dimensions()
        lines = [[_text(cell) for cell in line] for line in islice(sheet.iter_rows(), MAX_ROWS + 2)]
    except SourceContractError:
        raise
    # openpyxl raises whatever the broken part of a workbook makes its parsers raise.
    except Exception as error:
        raise _error(name, f"is not a workbook: {error!r}") from error
    yield from enumerate(lines, 1)


def _text(cell: Any) -> str:
    """A cell as the text that the template asks for: whole numbers without a point, dates in ISO form."""
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


def _error(name: str, fault: str) -> SourceContractError:
    return SourceContractError(SOURCE, name, fault, NEXT_STEP)
