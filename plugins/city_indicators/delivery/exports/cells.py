"""Writes cells of a workbook so that a spreadsheet never computes a text as a formula."""

import math
import re
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any, Final

MAX_TEXT: Final = 32_767
"""Characters of a cell."""

DANGEROUS: Final = tuple("=+-@\t\r\n＝＋－＠")
"""The characters that begin a formula in a spreadsheet, with their East Asian wide forms."""

ILLEGAL: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
"""Characters that are illegal in XML."""

FIRST_YEAR: Final = 1901
"""Spreadsheets disagree on the serial numbers of earlier days."""


def styled(sheet: Any, number_format: str) -> Any:
    """A reusable cell of a write-only sheet: fill it and append it for each row."""
    from openpyxl.cell import WriteOnlyCell

    cell = WriteOnlyCell(sheet)
    cell.number_format = number_format
    return cell


def fill(cell: Any, value: Any, cut: str = "…") -> None:
    """Set a cell; `cut` ends a text that is longer than a cell."""
    cell.value = shown(value, cut)
    if isinstance(cell.value, str):
        # Otherwise "#N/A" would become an error instead of a text.
        cell.data_type = "s"


def line(sheet: Any, values: Sequence[Any], *, head: bool = False) -> None:
    """Append a row of cells; a heading row is bold on a coloured background."""
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
    """Convert a value for a cell: numbers, days and UTC times stay, everything else becomes text."""
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
    """A text that no spreadsheet computes. The apostrophe protects it even after saving as CSV."""
    legal = ILLEGAL.sub("\N{REPLACEMENT CHARACTER}", value)
    safe = f"'{legal}" if legal.startswith(DANGEROUS) else legal
    # Otherwise the installed XML library would decide whether carriage returns stay.
    safe = safe.replace("\r\n", "\n").replace("\r", "\n")
    return safe if len(safe) <= MAX_TEXT else safe[: MAX_TEXT - len(cut)] + cut
