"""UNdata's download: one CSV export, the only file of a zip, with the footnotes that its rows cite.

Difference from the real one: only the sample's cities, regardless of the query.
"""

import csv
import io
import zipfile
from typing import Final

from fastapi import APIRouter, Response

from city_indicators.catalog import Source
from demo.mock_sources.tables import path_of
from demo.mock_sources.un_wup import ZIP_STAMP, entity_tag
from demo.paths import SAMPLE
from demo.sample.files import FOOTNOTE_COLUMNS, FOOTNOTES, UNDATA
from demo.sample.table import read_text_csv
from demo.sample.tables import OURS

EXPORT: Final = "UNdata_Export_20240220_163008679.csv"


def router(source: Source) -> APIRouter:
    """The download, at the path in the catalogue."""
    routes = APIRouter()
    body = zipped(export())
    headers = {"ETag": entity_tag(body)}

    @routes.api_route(path_of(source), methods=["GET", "HEAD"])
    def download() -> Response:
        return Response(body, media_type="application/zip", headers=headers)

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


def zipped(content: bytes) -> bytes:
    """A zip with only `content`; the same content gives the same bytes."""
    archive = io.BytesIO()
    entry = zipfile.ZipInfo(EXPORT, ZIP_STAMP)
    entry.create_system = 3  # the default differs on Windows
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_STORED) as target:
        target.writestr(entry, content)
    return archive.getvalue()
