"""Cells of a workbook that hold what they were given, and nothing that a spreadsheet would compute."""

import math
import re
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any, Final

MAX_TEXT: Final = 32_767
"""Characters of a cell."""

DANGEROUS: Final = tuple("=+-@\t\r\n＝＋－＠")
"""With what a spreadsheet lets a formula begin; the wide forms are those of East Asia."""

ILLEGAL: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
"""What XML cannot hold."""

FIRST_YEAR: Final = 1901
"""Spreadsheets do not agree on the numbers of earlier days."""


def styled(sheet: Any, number_format: str) -> Any:
    """A cell to be filled and appended again and again, as a sheet that is only written allows."""
    from openpyxl.cell import WriteOnlyCell

    cell = WriteOnlyCell(sheet)
    cell.number_format = number_format
    return cell


def fill(cell: Any, value: Any, cut: str = "…") -> None:
    """Set a cell; `cut` ends a text that is longer than a cell."""
    cell.value = shown(value, cut)
    if isinstance(cell.value, str):
        # Else "#N/A" would be an error and not a text.
        cell.data_type = "s"


def line(sheet: Any, values: Sequence[Any], *, head: bool = False) -> None:
    """Append a row of cells, those of a heading in bold on a ground."""
    from openpyxl.styles import Alignment, Font, PatternFill

    cells = [styled(sheet, "General") for _ in values]
    for cell, value in zip(cells, values, strict=True):
        fill(cell, value)
        if head:
            cell.font = Font(bold=True, color="FFFFFF")
            cell.fill = PatternFill("solid", fgColor="1B6CA8")
            cell.alignment = Alignment(vertical="center", wrap_text=True)
    sheet.append(cells)


def shown(value: Any, cut: str) -> Any:
    """What a cell can hold of a value: numbers, days and times in UTC as such, else text."""
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "∞" if value > 0 else "−∞"
    if isinstance(value, datetime) and value.tzinfo:
        value = value.astimezone(UTC).replace(tzinfo=None)
    if isinstance(value, date) and value.year < FIRST_YEAR:
        return value.isoformat()
    if isinstance(value, list):
        value = ", ".join(map(str, value))
    return text(value, cut) if isinstance(value, str) else value


def text(value: str, cut: str) -> str:
    """A text that no spreadsheet computes, even when it was saved as CSV in between: hence the apostrophe."""
    legal = ILLEGAL.sub("\N{REPLACEMENT CHARACTER}", value)
    safe = f"'{legal}" if legal.startswith(DANGEROUS) else legal
    # Which of the libraries that write XML is installed would decide whether carriage returns stay.
    safe = safe.replace("\r\n", "\n").replace("\r", "\n")
    return safe if len(safe) <= MAX_TEXT else safe[: MAX_TEXT - len(cut)] + cut
