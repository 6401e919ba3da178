"""Our World in Data grapher: a chart's data as CSV and its metadata as JSON.

Differences from the real one: only the sample's countries and years, only full column titles, and only the
metadata in the sample.
"""

import csv
import io
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse, PlainTextResponse

from demo.mock_sources.damage import NOT_A_NUMBER, OUT_OF_RANGE, UNKNOWN_ISO3, UNKNOWN_NAME, Damage
from demo.sample.table import Sample

KEYS: Final = ["Entity", "Code", "Year"]
FIRST_VALUE: Final = len(KEYS)
UNITS: Final = {"KWH_PC": "kilowatt-hours per person", "TWH": "terawatt-hours", "T_PC": "tonnes per person"}
NOT_FOUND: Final = "<!doctype html><html><head><title>Not found</title></head><body>Not found</body></html>"


@dataclass(frozen=True)
class Chart:
    """One chart: its column titles in order, and rows `Entity, Code, Year, values` ordered by entity."""

    titles: list[str]
    rows: list[list[str]]
    unit: str
    citation: str
    url: str


def _charts(sample: Sample) -> dict[str, Chart]:
    titles: dict[str, list[str]] = {}
    for series, title in sample.label("owid_grapher", "series").items():
        titles.setdefault(series.partition("/")[0], []).append(title)
    return {slug: _chart(sample, slug, columns) for slug, columns in titles.items()}


def _chart(sample: Sample, slug: str, titles: list[str]) -> Chart:
    entities = sample.label("owid_grapher", "area")
    table = sample.of_source("owid_grapher")
    table = table[table["series"].str.startswith(f"{slug}/")]
    observations: dict[tuple[str, str], dict[str, str]] = {}
    for series, area, year, value in zip(
        table["series"], table["ref_area"], table["time_period"], table["obs_value"], strict=True
    ):
        observations.setdefault((area, year), {})[series.partition("/")[2]] = value
    rows = [
        [entities[area], area, year, *[cells.get(title, "") for title in titles]]
        for (area, year), cells in observations.items()
    ]
    citation = sample.citations.set_index("citation").loc[table["citation"].iloc[0]]
    return Chart(
        titles=titles,
        rows=sorted(rows, key=lambda row: (row[0], int(row[2]))),
        unit=UNITS[table["unit_measure"].iloc[0]],
        citation=str(citation["text"]),
        url=str(citation["url"]),
    )


def _to_csv(rows: Iterable[list[str]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()


def _period(time: str) -> tuple[int, int]:
    """First and last year of `2015`, `2000..2024`, `earliest..2010` or `2010..latest`.

    Raises:
        ValueError: the text is none of these.
    """
    match = re.fullmatch(r"(\d{4}|earliest)\.\.(\d{4}|latest)|(\d{4})", time)
    if match is None:
        message = f"time={time} is not a year or a range like 2000..2024"
        raise ValueError(message)
    first, last = match[1] or match[3], match[2] or match[3]
    return (0 if first == "earliest" else int(first), 9999 if last == "latest" else int(last))


def _filtered(chart: Chart, query: Mapping[str, str]) -> list[list[str]]:
    """Rows of the requested countries and years; without `csvType=filtered`, filters are ignored."""
    if query.get("csvType") != "filtered":
        return chart.rows
    codes = set(query["country"].split("~")) if query.get("country") else {row[1] for row in chart.rows}
    first, last = _period(query.get("time") or "earliest..latest")
    return [row for row in chart.rows if row[1] in codes and first <= int(row[2]) <= last]


def _metadata(chart: Chart) -> dict[str, Any]:
    years = [int(row[2]) for row in chart.rows]
    column = {
        "unit": chart.unit,
        "timespan": f"{min(years)}-{max(years)}",
        "citationLong": chart.citation,
    }
    return {
        "chart": {"citation": chart.citation, "originalChartUrl": chart.url},
        "columns": {title: {"titleLong": title, **column} for title in chart.titles},
    }


def router(sample: Sample) -> APIRouter:
    """`/grapher/{slug}.csv` and `/grapher/{slug}.metadata.json`."""
    charts = _charts(sample)
    routes = APIRouter()

    @routes.get("/grapher/{slug}.csv")
    def data(slug: str, request: Request) -> Response:
        if (chart := charts.get(slug)) is None:
            return HTMLResponse(NOT_FOUND, 404)
        if request.query_params.get("useColumnShortNames") == "true":
            # Answering with full titles would look like an answer to the request.
            return PlainTextResponse("The mock server knows full column titles only.", 501)
        try:
            rows = _filtered(chart, request.query_params)
        except ValueError as error:
            return PlainTextResponse(str(error), 400)
        return Response(_to_csv([[*KEYS, *chart.titles], *rows]), media_type="text/csv")

    @routes.get("/grapher/{slug}.metadata.json")
    def metadata(slug: str) -> Response:
        if (chart := charts.get(slug)) is None:
            return HTMLResponse(NOT_FOUND, 404)
        return JSONResponse(_metadata(chart))

    return routes


def damage(body: bytes, kind: Damage) -> bytes:
    """Falsify the first row, or remove the first column of values.

    A body without rows, or one that is not a table (the metadata), stays as it is.
    """
    rows = list(csv.reader(io.StringIO(body.decode())))
    if len(rows) < 2 or rows[0][:FIRST_VALUE] != KEYS:
        return body
    match kind:
        case "missing_column":
            for row in rows:
                del row[FIRST_VALUE]
        case "unknown_area":
            rows[1][:2] = [UNKNOWN_NAME, UNKNOWN_ISO3]
        case "out_of_range":
            rows[1][FIRST_VALUE] = str(OUT_OF_RANGE)
        case "not_a_number":
            rows[1][FIRST_VALUE] = NOT_A_NUMBER
        case "duplicate_row":
            rows.insert(1, list(rows[1]))
    return _to_csv(rows).encode()
