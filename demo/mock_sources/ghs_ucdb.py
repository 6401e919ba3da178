"""GHS Urban Centre Database: a zip for each theme, with its CSV.

Differences from the real files: only the centres of the sample, and nothing is compressed. The attributes of
other themes than HEALTH are empty, because only that theme is in the sample; the leading columns are in all.
"""

import zipfile
from io import BytesIO
from typing import Final

import pandas as pd
from fastapi import APIRouter, Response

from city_indicators.catalog import Source
from city_indicators.sources.ghs_ucdb import path_of, theme_of, themes
from demo.mock_sources.un_wup import ZIP_STAMP, entity_tag
from demo.sample.tables import load_table

SAMPLED: Final = "HEALTH"
LEADING: Final = 7
"""The columns with which every theme begins."""
ENCODINGS: Final = {SAMPLED: "utf-8-sig"}
"""Themes differ in their encoding; the others are in Windows-1252."""


def router(source: Source) -> APIRouter:
    """The zip of each theme, at its path in the catalogue."""
    routes = APIRouter()
    for theme in themes(source):
        _serve(routes, path_of(source, theme), file_of(source, theme))
    return routes


def _serve(routes: APIRouter, path: str, body: bytes) -> None:
    headers = {"ETag": entity_tag(body)}

    @routes.api_route(path, methods=["GET", "HEAD"])
    def download() -> Response:
        return Response(body, media_type="application/zip", headers=headers)


def file_of(source: Source, theme: str) -> bytes:
    """The zip of a theme; the same sample gives the same bytes."""
    rows = load_table(source).drop_duplicates()
    if theme != SAMPLED:
        rows = rows.iloc[:, :LEADING].assign(**dict.fromkeys(_attributes(source, theme), "-"))
    return zipped(theme, rows, ENCODINGS.get(theme, "windows-1252"))


def _attributes(source: Source, theme: str) -> list[str]:
    """The columns of a theme that the catalogue requires."""
    return [
        str(series.column).format(year=year)
        for series in source.series
        for year in series.years
        if theme_of(series) == theme
    ]


def zipped(theme: str, rows: pd.DataFrame, encoding: str) -> bytes:
    """The zip of a theme with these rows."""
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as archive:
        entry = zipfile.ZipInfo(f"GHS_UCDB_THEME_{theme}_GLOBE_R2024A.csv", ZIP_STAMP)
        entry.create_system = 3  # the default differs on Windows
        archive.writestr(entry, rows.to_csv(index=False, lineterminator="\r\n").encode(encoding))
    return stream.getvalue()
