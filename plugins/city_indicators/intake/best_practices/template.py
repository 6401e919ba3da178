"""Writes the empty form for best practices: the columns, and in a workbook the terms with their meaning."""

from pathlib import Path
from typing import TYPE_CHECKING, Final

from city_indicators.catalog.vocabularies import VOCABULARIES, Vocabularies, load_vocabularies
from city_indicators.core.errors import PermanentError
from city_indicators.core.languages import languages
from city_indicators.intake.best_practices.models import COLUMNS, REQUIRED, VOCABULARY_OF
from city_indicators.intake.best_practices.sheet import SHEET

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

ROWS_WITH_LISTS: Final = 1000
COLUMN_WIDTH: Final = 22
LISTED: Final = {"sdgs", "criteria"}
"""Columns whose cells may hold several terms, which a drop-down list does not allow."""


class TemplateError(PermanentError):
    """The template cannot be written in this format."""


def write(file: Path) -> None:
    """Write the empty template as .csv or .xlsx, by the file name.

    Raises:
        TemplateError: the name ends in neither.
        OSError: the file cannot be written.
    """
    suffix = file.suffix.lower()
    if suffix == ".csv":
        # The byte order mark lets spreadsheet programs recognise UTF-8.
        file.write_text(",".join(COLUMNS) + "\n", encoding="utf-8-sig")
    elif suffix == ".xlsx":
        _write_workbook(file, load_vocabularies())
    else:
        raise TemplateError(f"{file}: is neither .csv nor .xlsx. Next step: name the file template.xlsx")


def _write_workbook(file: Path, vocabularies: Vocabularies) -> None:
    import openpyxl

    book = openpyxl.Workbook()
    form: Worksheet = book.active  # type: ignore[assignment]
    form.title = SHEET
    form.append(list(COLUMNS))
    _style(form)
    _offer_terms(form, vocabularies)
    notes = book.create_sheet("notes")
    notes.append(["column", *languages().values()])
    for column in COLUMNS:
        text = vocabularies.columns[column]
        notes.append([column, *map(text.in_language, languages())])
    _style(notes)
    terms = book.create_sheet("terms")
    terms.append(["vocabulary", "term", *languages().values()])
    for vocabulary in VOCABULARIES:
        for term in getattr(vocabularies, vocabulary):
            terms.append([vocabulary, term.id, *map(term.name.in_language, languages())])
    _style(terms)
    book.save(file)


def _style(sheet: "Worksheet") -> None:
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    for number, cell in enumerate(sheet[1], 1):
        cell.font = Font(bold=True, underline="single" if cell.value in REQUIRED else None)
        sheet.column_dimensions[get_column_letter(number)].width = COLUMN_WIDTH
    sheet.freeze_panes = "A2"


def _offer_terms(form: "Worksheet", vocabularies: Vocabularies) -> None:
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    for column, vocabulary in VOCABULARY_OF.items():
        if column not in LISTED:
            letter = get_column_letter(COLUMNS.index(column) + 1)
            offered = DataValidation("list", formula1=f'"{",".join(vocabularies.terms(vocabulary))}"')
            offered.add(f"{letter}2:{letter}{ROWS_WITH_LISTS}")
            form.add_data_validation(offered)
