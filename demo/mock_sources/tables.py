"""Published tables as files to download: CSV or workbook, by the source's layout."""

import math

import pandas as pd
from fastapi import APIRouter

from city_indicators.catalog import Source
from demo.mock_sources.downloads import serve
from demo.mock_sources.un_wup import XLSX, save_without_clock
from demo.sample.tables import load_table


def router(source: Source) -> APIRouter:
    """The file of a source, at the path in the catalogue."""
    routes = APIRouter()
    media_type = XLSX if source.table_layout.kind == "workbook" else "text/csv"
    serve(routes, path_of(source), file_of(source), media_type)
    return routes


def path_of(source: Source) -> str:
    """The path of the source's address without its query."""
    return (source.path or "/").partition("?")[0]


def file_of(source: Source) -> bytes:
    """The file's bytes; the same sample gives the same bytes."""
    layout = source.table_layout
    rows = load_table(source)
    if layout.kind == "workbook":
        return _workbook(rows, layout.sheet, layout.header_row)
    text = "\n" * (layout.header_row - 1) + rows.to_csv(index=False, lineterminator="\n")
    return text.encode(layout.encoding)


def _workbook(rows: pd.DataFrame, sheet: str | None, header_row: int) -> bytes:
    from openpyxl import Workbook

    book = Workbook()
    page = book.worksheets[0]
    page.title = sheet or "Sheet1"
    for number, row in enumerate([list(rows.columns), *rows.itertuples(index=False)], header_row):
        for column, text in enumerate(row, 1):
            cell = page.cell(number, column, text or None)
            if number > header_row and _is_number(text):
                # For a float, the library prints sixteen digits, one less than some values have.
                cell.data_type = "n"
    return save_without_clock(book)


def _is_number(text: str) -> bool:
    """Whether a number in a workbook is read as this text; "100.0" is not, so that cell has text."""
    try:
        number = float(text)
    except ValueError:
        return False
    return math.isfinite(number) and text == str(int(number) if number.is_integer() else number)
