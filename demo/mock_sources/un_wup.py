"""World Urbanization Prospects: the annual agglomeration workbook as a file to download.

The publisher sends an old .xls; this sends .xlsx with the same sheets, title lines, header row and columns,
for the sample's cities and years. Readers that detect the format from the content read both in the same way.
"""

import io
import re
import zipfile
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from fastapi import APIRouter, Request, Response

from city_indicators.catalog.load import load_source
from city_indicators.core.paths import source_file
from demo.mock_sources.damage import NOT_A_NUMBER, OUT_OF_RANGE, UNKNOWN_NAME, Damage
from demo.mock_sources.downloads import add, entity_tag
from demo.sample.publishers import WUP_HEADER_ROW, WUP_KEY_COLUMNS
from demo.sample.table import Sample

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
TEXT_COLUMNS: Final = frozenset({"Country or area", "Urban Agglomeration"})
FIRST_ROW: Final = WUP_HEADER_ROW + 1
FIRST_YEAR_COLUMN: Final = len(WUP_KEY_COLUMNS) + 1
UNKNOWN_CODE: Final = 999999
# The day of the 2018 Revision's release; the real header is not known.
LAST_MODIFIED: Final = "Wed, 16 May 2018 00:00:00 GMT"
STAMP: Final = b"2018-05-16T00:00:00Z"


def _number(text: str) -> int | float | None:
    if not text:
        return None
    return float(text) if "." in text else int(text)


def _rows(sample: Sample) -> list[list[Any]]:
    """Header and data rows: the leading columns, then one value per year in thousands of persons."""
    observations = sample.of_source("un_wup")
    by_city_year = dict(
        zip(
            zip(observations["ref_area"], observations["time_period"], strict=True),
            observations["obs_value"],
            strict=True,
        )
    )
    years = sorted(set(observations["time_period"]))
    rows: list[list[Any]] = [[*WUP_KEY_COLUMNS, *map(int, years)]]
    for city in sample.wup_agglomerations.to_dict("records"):
        keys = [city[name] if name in TEXT_COLUMNS else _number(city[name]) for name in WUP_KEY_COLUMNS]
        rows.append([*keys, *[_number(by_city_year.get((city["ref_area"], year), "")) for year in years]])
    return rows


def workbook(sample: Sample) -> bytes:
    """The workbook's bytes; the same sample gives the same bytes."""
    from openpyxl import Workbook

    book = Workbook()
    data = book.worksheets[0]
    data.title = "Data"
    sheets = {"Data": data, "NOTES": book.create_sheet("NOTES")}
    for line in sample.wup_text.to_dict("records"):
        sheets[line["sheet"]].cell(int(line["row"]), int(line["column"]), line["text"])
    for number, row in enumerate(_rows(sample), start=WUP_HEADER_ROW):
        for column, value in enumerate(row, start=1):
            data.cell(number, column, value)
    return save_without_clock(book)


def save_without_clock(book: "Workbook") -> bytes:
    """Save reproducibly: entry times and core properties are fixed, and nothing is compressed.

    The archive of fetched bytes is content-addressed, so the same content must have the same bytes;
    compressed bytes would depend on the version of zlib.
    """
    saved, fixed = io.BytesIO(), io.BytesIO()
    book.save(saved)
    with zipfile.ZipFile(saved) as source, zipfile.ZipFile(fixed, "w", zipfile.ZIP_STORED) as target:
        for name in sorted(source.namelist()):
            content = source.read(name)
            if name == "docProps/core.xml":
                content = re.sub(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", STAMP, content)
            add(target, name, content)
    return fixed.getvalue()


def router(sample: Sample) -> APIRouter:
    """The file, at the path in the catalogue."""
    path = load_source(source_file("un_wup")).path or ""
    build: Callable[[], bytes] = cache(lambda: workbook(sample))
    routes = APIRouter()

    @routes.api_route(path, methods=["GET", "HEAD"])
    def download(request: Request) -> Response:
        body = build()
        headers = {"ETag": entity_tag(body), "Last-Modified": LAST_MODIFIED}
        if request.headers.get("If-None-Match") == headers["ETag"]:
            return Response(status_code=304, headers=headers)
        return Response(body, media_type=XLSX, headers=headers)

    return routes


def damage(body: bytes, kind: Damage) -> bytes:
    """Falsify the first city; `missing_column` removes the column `City Code`.

    The values of all years of the row are falsified, because a reader may use any of them.
    """
    from openpyxl import load_workbook

    book = load_workbook(io.BytesIO(body))
    sheet: Worksheet = book["Data"]
    code = WUP_KEY_COLUMNS.index("City Code") + 1
    match kind:
        case "missing_column":
            sheet.delete_cols(code)
        case "unknown_area":
            sheet.cell(FIRST_ROW, code, UNKNOWN_CODE)
            sheet.cell(FIRST_ROW, WUP_KEY_COLUMNS.index("Urban Agglomeration") + 1, UNKNOWN_NAME)
        case "out_of_range" | "not_a_number":
            observation = OUT_OF_RANGE if kind == "out_of_range" else NOT_A_NUMBER
            for column in range(FIRST_YEAR_COLUMN, sheet.max_column + 1):
                sheet.cell(FIRST_ROW, column, observation)
        case "duplicate_row":
            first = [cell.value for cell in sheet[FIRST_ROW]]
            sheet.insert_rows(FIRST_ROW)
            for column, value in enumerate(first, start=1):
                sheet.cell(FIRST_ROW, column, value)
    return save_without_clock(book)
