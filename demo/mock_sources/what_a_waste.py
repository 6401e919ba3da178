"""What a Waste: the table of cities and its codebook, two CSV files with the real line endings."""

from typing import Final

from fastapi import APIRouter

from city_indicators.catalog import Source
from city_indicators.sources.what_a_waste import FILES
from demo.mock_sources.downloads import serve
from demo.mock_sources.tables import path_of
from demo.paths import SAMPLE
from demo.sample.files import CODEBOOK, WASTE
from demo.sample.table import read_text_csv
from demo.sample.tables import OURS

LINE_ENDS: Final = {WASTE: "\r\n", CODEBOOK: "\n"}


def router(source: Source) -> APIRouter:
    """The two files, below the path in the catalogue."""
    routes = APIRouter()
    for file, name in zip(FILES, LINE_ENDS, strict=True):
        serve(routes, path_of(source) + file, file_of(name), "text/csv")
    return routes


def file_of(name: str) -> bytes:
    """The bytes of one of the two files, by the name of its table in the sample."""
    rows = read_text_csv(SAMPLE / "tables" / f"{name}.csv").drop(columns=OURS)
    return rows.to_csv(index=False, lineterminator=LINE_ENDS[name]).encode()
