"""Reads the rows of a file of cases, and reports files that are not in the template's format."""

from typing import Final

from city_indicators.core.errors import SourceContractError
from city_indicators.intake.best_practices.models import COLUMNS
from city_indicators.sources import forms
from city_indicators.sources.forms import FormRow

SHEET: Final = "best_practices"
NEXT_STEP: Final = "save the template as .xlsx, or as .csv in UTF-8, and send it again"
SOURCE: Final = "best_practice_cases"


def rows_of(content: bytes, name: str) -> tuple[tuple[str, ...], list[FormRow]]:
    """The column titles and the rows that are not empty.

    Raises:
        SourceContractError: the file is too large, empty, or not of the format of its suffix.
    """

    def refuse(fault: str) -> SourceContractError:
        return SourceContractError(SOURCE, name, fault, NEXT_STEP)

    kind = name.lower().rpartition(".")[2]
    if kind not in ("csv", "xlsx"):
        raise refuse("is neither .csv nor .xlsx")
    titles, rows = forms.read(content, forms.Form(SHEET, COLUMNS, refuse), workbook=kind == "xlsx")
    if not titles:
        raise refuse("is empty")
    return titles, rows
