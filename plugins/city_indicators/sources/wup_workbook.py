"""UN World Urbanization Prospects: one workbook, one column per year, values in thousands.

Format: File 22 of the 2018 Revision; title lines first, the header on row 17 of the first sheet.
"""

import io
import json
from collections.abc import Iterator
from typing import Final

import pandas as pd

from city_indicators.catalog.models import Catalogue
from city_indicators.catalog.source import Source
from city_indicators.core.intervals import Interval
from city_indicators.core.snapshots import Snapshot
from city_indicators.sources import workbooks
from city_indicators.sources.forms import plain
from city_indicators.sources.records import Archived, Fetch, Record, as_text, breach

SHEET: Final = "Data"
HEADER_ROW: Final = 17
CITY_CODE: Final = "City Code"
CITY_NAME: Final = "Urban Agglomeration"


def fetch(source: Source, catalogue: Catalogue, interval: Interval, fetch: Fetch) -> list[Snapshot]:  # noqa: ARG001
    """Fetch the complete workbook, because the publisher offers no smaller part."""
    snapshot, _ = fetch(source.path or "", {})
    return [snapshot]


def read(source: Source, archived: Archived, interval: Interval) -> Iterator[Record]:
    """One record per city and year, for all cities of the workbook and the interval's years."""
    (series,) = source.series
    for snapshot, content in archived:
        table = _table(snapshot, content)
        years = [str(year) for year in interval.years if str(year) in table.columns]
        for number, row in enumerate(table.to_dict("records"), HEADER_ROW + 1):
            code, name = row[CITY_CODE], row[CITY_NAME]
            for year in years:
                yield Record(
                    series=series,
                    area_code=_code(code),
                    time_period=year,
                    value=as_text(row[year]),
                    title=str(name),
                    snapshot=snapshot,
                    pointer=f"{SHEET}!{number}/{year}",
                    raw=json.dumps(
                        {CITY_CODE: code, CITY_NAME: name, year: row[year]}, ensure_ascii=False, default=str
                    ),
                )


def _code(code: object) -> str:
    return str(int(code)) if isinstance(code, float) and code.is_integer() else str(code)


def _table(snapshot: Snapshot, content: bytes) -> pd.DataFrame:
    if not content.startswith((b"PK", b"\xd0\xcf\x11\xe0")):
        raise breach(snapshot, f"not a workbook: the bytes begin with {content[:40]!r}")
    workbooks.check(snapshot, content)
    try:
        table = pd.read_excel(
            io.BytesIO(content), engine="calamine", sheet_name=SHEET, header=HEADER_ROW - 1, dtype=object
        )
    # The workbook reader raises its own exceptions for any failure inside it.
    except Exception as error:
        raise breach(snapshot, f"the workbook cannot be read: {error}") from error
    table.columns = [plain(_code(column)) for column in table.columns]
    if missing := {CITY_CODE, CITY_NAME} - set(table.columns):
        raise breach(snapshot, f"row {HEADER_ROW} of sheet {SHEET} lacks the columns {sorted(missing)}")
    return table
