"""UN World Urbanization Prospects: one workbook, one column per year, values in thousands.

Format: File 22 of the 2018 Revision; title lines first, the header on row 17 of the first sheet.
"""

import io
import json
import re
from collections.abc import Iterable, Iterator
from typing import Final

import pandas as pd

from city_indicators.catalog.models import Catalogue
from city_indicators.catalog.source import Series, Source
from city_indicators.core.intervals import Interval
from city_indicators.core.snapshots import Snapshot
from city_indicators.sources import workbooks
from city_indicators.sources.forms import plain
from city_indicators.sources.records import (
    Archived,
    Fetch,
    Record,
    as_text,
    breach,
    changed,
    check_area_names,
)

SHEET: Final = "Data"
HEADER_ROW: Final = 17
CITY_CODE: Final = "City Code"
CITY_NAME: Final = "Urban Agglomeration"
SELF_STATEMENTS: Final = {
    "title": "what the file has, and its unit, in the lines above the header",
    "years": "the years in the titles of the columns: one of each, in order",
    "Urban Agglomeration": "the name of a city, beside its code",
}
"""What the workbook says about itself: it is refused if its rows or the catalogue differ."""


def fetch(source: Source, catalogue: Catalogue, interval: Interval, fetch: Fetch) -> list[Snapshot]:  # noqa: ARG001
    """Fetch the complete workbook, because the publisher offers no smaller part."""
    snapshot, _ = fetch(source.path or "", {})
    return [snapshot]


def read(source: Source, archived: Archived, interval: Interval) -> Iterator[Record]:
    """One record per city and year, for all cities of the workbook and the interval's years."""
    (series,) = source.series
    for snapshot, content in archived:
        table = _table(snapshot, content, series)
        years = [str(year) for year in interval.years if str(year) in table.columns]
        for number, row in enumerate(table.to_dict("records"), HEADER_ROW + 1):
            code, name = _code(row[CITY_CODE]), row[CITY_NAME]
            pointer = f"{SHEET}!{number}"
            # Other cities have the same name: London is also in Canada.
            if code in source.area_names:
                check_area_names(source, snapshot, pointer, code, name)
            for year in years:
                yield Record(
                    series=series,
                    area_code=code,
                    time_period=year,
                    value=as_text(row[year]),
                    title=str(name),
                    snapshot=snapshot,
                    pointer=f"{pointer}/{year}",
                    raw=json.dumps(
                        {CITY_CODE: code, CITY_NAME: name, year: row[year]}, ensure_ascii=False, default=str
                    ),
                )


def _code(code: object) -> str:
    return str(int(code)) if isinstance(code, float) and code.is_integer() else str(code)


def _table(snapshot: Snapshot, content: bytes, series: Series) -> pd.DataFrame:
    """The rows below the header, after a check of the title above it and of the columns."""
    if not content.startswith(workbooks.BEGINNINGS):
        raise breach(snapshot, f"not a workbook: the bytes begin with {content[:40]!r}")
    workbooks.check(snapshot, content, SHEET)
    try:
        sheet = pd.read_excel(
            io.BytesIO(content), engine="calamine", sheet_name=SHEET, header=None, dtype=object
        )
    # The workbook reader raises its own exceptions for any failure inside it.
    except Exception as error:
        raise breach(snapshot, f"the workbook cannot be read: {error}") from error
    header: Iterable[object] = sheet.iloc[HEADER_ROW - 1] if len(sheet) >= HEADER_ROW else []
    titles = [plain(_code(title)) for title in header]
    if missing := [title for title in (CITY_CODE, CITY_NAME) if titles.count(title) != 1]:
        raise breach(snapshot, f"row {HEADER_ROW} of sheet {SHEET} lacks the columns {missing}, or has two")
    above = [plain(text) for text in sheet.iloc[: HEADER_ROW - 1, 0] if isinstance(text, str)]
    if series.titles and not set(series.titles) & set(above):
        raise changed(snapshot, "the title of the file", " or ".join(series.titles), above)
    years = [int(title) for title in titles if re.fullmatch(r"[12]\d{3}", title)]
    if not years:
        raise breach(snapshot, f"row {HEADER_ROW} of sheet {SHEET} has no column of a year, only {titles}")
    if years != list(range(years[0], years[-1] + 1)):
        raise breach(snapshot, f"the columns of years are {years}, expected one of each in order")
    table = sheet.iloc[HEADER_ROW:].set_axis(titles, axis=1)
    return table.loc[:, ~table.columns.duplicated()]
