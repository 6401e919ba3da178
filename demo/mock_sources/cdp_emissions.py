"""CDP's `rows.csv` of every reporting year: its real header and no reports.

CDP's terms do not clearly permit redistribution of the reports, so the sample has none.
"""

import csv
import io
from pathlib import Path
from typing import Final

from fastapi import APIRouter, Response

from city_indicators.catalog import Source
from demo.mock_sources.downloads import entity_tag

HEADERS: Final = Path(__file__).with_name("cdp_headers.csv")
"""Each row is a reporting year, followed by its header as CDP wrote it."""


def headers() -> dict[int, list[str]]:
    """The column titles of every reporting year."""
    with HEADERS.open(encoding="utf-8", newline="") as stream:
        return {int(year): titles for year, *titles in csv.reader(stream)}


def router(source: Source) -> APIRouter:
    """`/api/views/{4x4}/rows.csv` of the datasets in the catalogue; 404 for any other."""
    titles = headers()
    bodies = {dataset: file_of(titles[year]) for year, dataset in source.datasets.items()}
    routes = APIRouter()

    @routes.api_route("/api/views/{dataset}/rows.csv", methods=["GET", "HEAD"])
    def download(dataset: str) -> Response:
        if dataset not in bodies:
            return Response(b'{"code": "not_found", "error": true}', 404, media_type="application/json")
        body = bodies[dataset]
        return Response(body, media_type="text/csv", headers={"ETag": entity_tag(body)})

    return routes


def file_of(titles: list[str]) -> bytes:
    """A dataset without reports."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(titles)
    return text.getvalue().encode()
