"""Published tables as files to download: CSV or workbook, as the source's layout says."""

from typing import Any

import pandas as pd
from fastapi import APIRouter, Response

from city_indicators.catalog import Source
from city_indicators.sample.tables import load_table
from city_indicators.standin.un_wup import XLSX, entity_tag, save_without_clock


def router(source: Source) -> APIRouter:
    """The one file of a source, at the path that the catalogue gives."""
    routes = APIRouter()
    body = file_of(source)
    headers = {"ETag": entity_tag(body)}
    media_type = XLSX if source.table_layout.kind == "workbook" else "text/csv"

    @routes.get(source.path or "/")
    def download() -> Response:
        return Response(body, media_type=media_type, headers=headers)

    return routes


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
        for column, cell in enumerate(row, 1):
            page.cell(number, column, cell if number == header_row else _cell(cell))
    return save_without_clock(book)


def _cell(text: str) -> Any:
    """A number as the workbook's own numbers, as the publisher's workbook has them."""
    try:
        return float(text) if "." in text or "e" in text else int(text)
    except ValueError:
        return text or None
