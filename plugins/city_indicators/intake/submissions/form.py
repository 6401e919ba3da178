"""Writes the empty form that a city fills in: CSV, or XLSX with notes in three languages."""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from city_indicators.catalog.models import Catalogue
from city_indicators.core.errors import CatalogueError
from city_indicators.intake.submissions.file import COLUMNS, SHEET

SOURCE: Final = "city_submission"
MAX_ROWS: Final = 1000
"""How far down the choice of indicators reaches in a workbook."""

HELP: Final = (
    (
        "One observation a row; leave the value empty where there is none. Values only: no formulas, "
        "no percentage format.",
        "Одна строка — один показатель; если данных нет, оставьте значение пустым. Только значения: "
        "без формул и без процентного формата.",
        "每行一个数值；没有数据时将数值留空。只填数值：不要使用公式或百分比格式。",
    ),
    (
        "contact_role: who answers questions, by office; no names, addresses or telephone numbers.",
        "contact_role: подразделение, которое ответит на вопросы; без имён, адресов и телефонов.",
        "contact_role：负责答复的部门；请勿填写个人姓名、地址或电话。",
    ),
    (
        "submitted_on: the day of submission, 2025-03-31; the year reported on must be over.",
        "submitted_on: дата подачи, 2025-03-31; отчётный год должен быть завершён.",
        "submitted_on：提交日期，如2025-03-31；报告年度须已结束。",
    ),
    (
        "evidence_url: the https address of the public document that holds the observation.",
        "evidence_url: адрес https открытого документа, в котором опубликован показатель.",
        "evidence_url：载有该数值的公开文件的https网址。",
    ),
    (
        "Electricity mix: shares of the electricity that the city uses; together at most 100.",
        "Структура электроэнергии: доли в электропотреблении города; в сумме не более 100.",
        "电力结构：各能源在城市用电中的占比，合计不超过100。",
    ),
    (
        "Population within the administrative boundary, not rounded, such as 1000205.",
        "Население в административных границах без округления, например 1000205.",
        "行政区划内人口，不取整，例如1000205。",
    ),
    (
        "Heat may be given in Gcal: 1000 Gcal = 1.163 GWh.",
        "Теплоэнергию можно указать в Гкал: 1000 Гкал = 1,163 ГВт·ч.",
        "热能可用吉卡填写：1000吉卡 = 1.163吉瓦时。",
    ),
)


def write(file: Path, catalogue: Catalogue, city: str = "", period: str = "") -> None:
    """Write the form for one city and year; both may be left for the city to fill in.

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
    """The rows of the empty form, in the order of COLUMNS: every indicator with its unit and no value."""
    for series in catalogue.sources[SOURCE].series:
        unit = catalogue.units[catalogue.indicators[series.indicator].unit].name.en
        known = {"city": city, "indicator": series.indicator, "period": period, "unit": unit}
        yield [known.get(column, "") for column in COLUMNS]


def _csv(file: Path, catalogue: Catalogue, body: list[list[str]]) -> None:  # noqa: ARG001
    # The byte order mark tells office programs that this is UTF-8.
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
    _widen(notes, (26, 40, 40, 30, 12, 12, 12, 80))
    book.save(file)


def _widen(sheet: Any, widths: tuple[int, ...]) -> None:
    for letter, width in zip("ABCDEFGHI", widths, strict=False):
        sheet.column_dimensions[letter].width = width


def _write_notes(notes: Any, catalogue: Catalogue) -> tuple[int, int]:
    """The rows of the sheet in which the indicators begin and end."""
    for line in HELP:
        notes.append(list(line))
    notes.append([])
    notes.append(["indicator", "English", "русский", "中文", "unit", "единица", "单位", "definition"])
    first = notes.max_row + 1
    for series in catalogue.sources[SOURCE].series:
        indicator = catalogue.indicators[series.indicator]
        name, unit = indicator.name, catalogue.units[indicator.unit].name
        notes.append(
            [indicator.id, name.en, name.ru, name.zh, unit.en, unit.ru, unit.zh, indicator.definition]
        )
    last = notes.max_row
    notes.append([])
    notes.append(["city", "English", "русский", "中文"])
    for city in catalogue.cities.values():
        notes.append([city.ref_area, city.name_en, city.name_ru, city.name_zh])
    return first, last
