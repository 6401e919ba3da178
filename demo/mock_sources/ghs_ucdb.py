"""GHS Urban Centre Database: a zip for each theme, with its CSV.

Differences from the real files: only the centres of the sample, and nothing is compressed. The attributes of
other themes than HEALTH are empty, because only that theme is in the sample; the leading columns are in all.
"""

from typing import Final

from fastapi import APIRouter

from city_indicators.catalog import Source
from city_indicators.sources.ghs_ucdb import path_of, theme_of, themes
from demo.mock_sources.downloads import serve, zipped
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
        serve(routes, path_of(source, theme), file_of(source, theme), "application/zip")
    return routes


def file_of(source: Source, theme: str) -> bytes:
    """The zip of a theme; the same sample gives the same bytes."""
    rows = load_table(source).drop_duplicates()
    if theme != SAMPLED:
        rows = rows.iloc[:, :LEADING].assign(**dict.fromkeys(attributes(source, theme), "-"))
    text = rows.to_csv(index=False, lineterminator="\r\n")
    return zipped(
        f"GHS_UCDB_THEME_{theme}_GLOBE_R2024A.csv", text.encode(ENCODINGS.get(theme, "windows-1252"))
    )


def attributes(source: Source, theme: str) -> list[str]:
    """The columns of a theme that the catalogue requires."""
    return [
        series.column_of(year)
        for series in source.series
        for year in series.years
        if theme_of(series) == theme
    ]
