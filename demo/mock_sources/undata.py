"""UNdata's download: one CSV export, the only file of a zip, with the footnotes that its rows cite.

Difference from the real one: only the sample's cities, regardless of the query.
"""

import csv
import io
from typing import Final

from fastapi import APIRouter

from city_indicators.catalog import Source
from demo.mock_sources.downloads import serve, zipped
from demo.mock_sources.tables import path_of
from demo.paths import SAMPLE
from demo.sample.files import FOOTNOTE_COLUMNS, FOOTNOTES, UNDATA
from demo.sample.table import read_text_csv
from demo.sample.tables import OURS

EXPORT: Final = "UNdata_Export_20240220_163008679.csv"


def router(source: Source) -> APIRouter:
    """The download, at the path in the catalogue."""
    routes = APIRouter()
    serve(routes, path_of(source), zipped(EXPORT, export()), "application/zip")
    return routes


def export() -> bytes:
    """The CSV: the table with every cell quoted, an empty line, and the footnotes with quotation marks."""
    text = io.StringIO()
    rows = read_text_csv(SAMPLE / "tables" / f"{UNDATA}.csv").drop(columns=OURS)
    csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows(
        [list(rows.columns), *rows.itertuples(index=False)]
    )
    notes = read_text_csv(SAMPLE / "tables" / f"{FOOTNOTES}.csv")[FOOTNOTE_COLUMNS]
    lines = [f'"{number}","{note}"\n' for number, note in [FOOTNOTE_COLUMNS, *notes.itertuples(index=False)]]
    return (text.getvalue() + "\n" + "".join(lines)).replace("\n", "\r\n").encode()
