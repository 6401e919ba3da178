"""The form of cases: where its rows stand and what to tell of a file that is no such form."""

from typing import Final

from city_indicators.core.errors import SourceContractError
from city_indicators.intake.best_practices.models import COLUMNS
from city_indicators.sources import forms
from city_indicators.sources.forms import FormRow

SHEET: Final = "best_practices"
NEXT_STEP: Final = "save the template as .xlsx, or as .csv in UTF-8, and send it again"
SOURCE: Final = "best_practice_cases"


def rows_of(content: bytes, name: str) -> tuple[tuple[str, ...], list[FormRow]]:
    """The titles and the rows that hold anything.

    Raises:
        SourceContractError: the file is too large, of another kind than its name says, or empty.
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
