"""Writes the empty form that a city fills in: CSV, or XLSX with notes in all languages."""

import csv
from collections.abc import Iterator
from pathlib import Path
from string import ascii_uppercase
from typing import Any, Final

from city_indicators.catalog.models import Catalogue
from city_indicators.core.errors import CatalogueError
from city_indicators.core.languages import languages, message, name_in, words
from city_indicators.intake.submissions.file import COLUMNS, SHEET

SOURCE: Final = "city_submission"
MAX_ROWS: Final = 1000
"""Rows of a workbook that offer the choice of indicators."""

HELP: Final = (
    message(
        "One value a row; leave the value empty where there is none. Values only: no formulas, no percentage "
        "format."
    ),
    message("contact_role: the office that answers questions; no names, addresses or telephone numbers."),
    message("submitted_on: the day of submission, such as 2025-03-31; the reported year must be over."),
    message("evidence_url: the https address of the public document that contains the value."),
    message("Electricity mix: shares of the electricity that the city uses; together at most 100."),
    message("Population within the administrative boundary, not rounded, such as 1000205."),
    message("Heat may be given in Gcal: 1000 Gcal = 1.163 GWh."),
)


def write(file: Path, catalogue: Catalogue, city: str = "", period: str = "") -> None:
    """Write the form for a city and year; the city fills in what is not given.

    Raises:
        CatalogueError: there is no such city, or the file is neither .csv nor .xlsx.
    """
    if city and city not in catalogue.cities:
        raise CatalogueError("include/catalog/cities.csv", city, "is no ref_area of a city")
    writers = {".csv": _csv, ".xlsx": _workbook}
    if file.suffix.lower() not in writers:
        raise CatalogueError(file, "(file)", "a form is written as .csv or .xlsx")
    writers[file.suffix.lower()](file, catalogue, list(rows(catalogue, city, period)))


def rows(catalogue: Catalogue, city: str, period: str) -> Iterator[list[str]]:
    """The rows of the empty form in the order of COLUMNS: every indicator with its unit, without a value."""
    for series in catalogue.sources[SOURCE].series:
        unit = catalogue.units[catalogue.indicators[series.indicator].unit].name.en
        known = {"city": city, "indicator": series.indicator, "period": period, "unit": unit}
        yield [known.get(column, "") for column in COLUMNS]


def _csv(file: Path, catalogue: Catalogue, body: list[list[str]]) -> None:  # noqa: ARG001
    # The byte order mark lets office programs recognise UTF-8.
    with file.open("w", encoding="utf-8-sig", newline="") as stream:
        csv.writer(stream).writerows([COLUMNS, *body])


def _workbook(file: Path, catalogue: Catalogue, body: list[list[str]]) -> None:
    import openpyxl
    from openpyxl.worksheet.datavalidation import DataValidation

    book = openpyxl.Workbook()
    form: Any = book.active
    form.title = SHEET
    for row in ([*COLUMNS], *body):
        form.append(row)
    form.freeze_panes = "A2"
    notes = book.create_sheet("notes")
    first, last = _write_notes(notes, catalogue)
    choice = DataValidation(type="list", formula1=f"=notes!$A${first}:$A${last}", allow_blank=True)
    form.add_data_validation(choice)
    choice.add(f"B2:B{MAX_ROWS}")
    _widen(form, (14, 26, 9, 14, 16, 30, 14, 48, 30))
    each = len(languages())
    _widen(notes, (26, *[36] * each, *[12] * each, *[80] * each))
    book.save(file)


def _widen(sheet: Any, widths: tuple[int, ...]) -> None:
    for letter, width in zip(ascii_uppercase, widths, strict=False):
        sheet.column_dimensions[letter].width = width


def _write_notes(notes: Any, catalogue: Catalogue) -> tuple[int, int]:
    """Write the notes; returns the first and last row of the indicators."""
    for text in HELP:
        notes.append([words(language).gettext(text) for language in languages()])
    notes.append([])
    units = [words(language).gettext("Unit") for language in languages()]
    defined = [words(language).gettext("Definition") for language in languages()]
    notes.append(["indicator", *languages().values(), *units, *defined])
    first = notes.max_row + 1
    for series in catalogue.sources[SOURCE].series:
        indicator = catalogue.indicators[series.indicator]
        named = [
            each.name.in_language(language)
            for each in (indicator, catalogue.units[indicator.unit])
            for language in languages()
        ]
        notes.append(
            [indicator.id, *named, *(indicator.definition.in_language(each) for each in languages())]
        )
    last = notes.max_row
    notes.append([])
    notes.append(["city", *languages().values()])
    for city in catalogue.cities.values():
        notes.append([city.ref_area, *(name_in(language, city.model_dump()) for language in languages())])
    return first, last
