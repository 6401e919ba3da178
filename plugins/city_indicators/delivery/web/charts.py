"""The charts of the pages: their specification for the browser, pictures, and rows with their citation."""

import csv
import io
import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, Literal
from urllib.parse import urlencode

import pandas as pd
from anyio import CapacityLimiter, fail_after, run_process
from fastapi import APIRouter, HTTPException
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse, Response
from sqlalchemy import Connection
from starlette.requests import Request

from city_indicators.core.languages import Language, words
from city_indicators.core.paths import PROJECT
from city_indicators.delivery.charts.style import WIDTHS, Caption
from city_indicators.delivery.exports.tables import reading
from city_indicators.delivery.numbers import Numbers
from city_indicators.delivery.web.pages import Services, modules
from city_indicators.delivery.web.static import PICTURE

Kind = Literal["json", "svg", "png", "csv"]
TYPES: Final[dict[str, str]] = {"svg": "image/svg+xml", "png": "image/png", "csv": "text/csv; charset=utf-8"}
AT_ONCE: Final = 2
"""Pictures that one process of the API server has made at the same time."""
SECONDS: Final = 60
"""How long a picture may take."""


@dataclass(frozen=True)
class Drawing:
    """A chart with its rows: `draw` makes the specification for a width in pixels."""

    rows: pd.DataFrame
    caption: Caption
    draw: Callable[[int], dict[str, Any]]


Parameters = Mapping[str, str]
"""The parameters of the address of a chart."""
Chart = Callable[[Connection, Language, Parameters], Drawing | None]
"""Reads the rows of a chart by the parameters of its address; None if there is nothing to draw."""


def router(services: Services) -> APIRouter:
    """The route `/chart/{name}.{kind}`; the app that includes it demands the login."""
    routes = APIRouter()
    limit = CapacityLimiter(AT_ONCE)
    of_files = _charts_of_files(services)

    @routes.get("/chart/{name}.{kind}")
    async def chart(
        request: Request, name: str, kind: Kind, language: Language = "en", width: int = WIDTHS[-1]
    ) -> Response:
        found = charts().get(name) or of_files.get(name)
        if found is None or width not in WIDTHS:
            raise HTTPException(404, f"there is no chart {name!r} with the width {width}")
        parameters = dict(request.query_params)
        drawing = await run_in_threadpool(_drawn, found, services, language, parameters)
        if drawing is None or drawing.rows.empty:
            raise HTTPException(404, f"the chart {name!r} has no values. Next step: choose other ones")
        if kind == "csv":
            return _file(_csv(drawing, str(request.url)), name, kind)
        specification = await run_in_threadpool(drawing.draw, width)
        locale = {"number": Numbers.of(language).in_charts()}
        specification["config"] = {**specification["config"], "locale": locale}
        if kind == "json":
            return JSONResponse(specification)
        async with limit:
            return _file(await _picture(kind, specification), name, kind)

    return routes


@cache
def charts() -> dict[str, Chart]:
    """The charts of all pages by name: a module of this package declares its own in `CHARTS`."""
    return {name: chart for module in modules() for name, chart in getattr(module, "CHARTS", {}).items()}


def _charts_of_files(services: Services) -> dict[str, Chart]:
    """The charts that also read files: a module of this package declares its own in `charts_of(services)`."""
    makers = (getattr(module, "charts_of", None) for module in modules())
    return {name: chart for maker in makers if maker for name, chart in maker(services).items()}


def lineage_address(table: str, key: Mapping[str, str], language: str) -> str:
    """The address of a row's lineage, relative to the common root of the pages."""
    return f"lineage/{table}?{urlencode({**key, 'language': language})}"


def sources_line(sources: Sequence[Mapping[str, Any]], language: str) -> list[str]:
    """The line of a caption with its sources: rows with `publisher` and `licence`, each pair once."""
    if not sources:
        return []
    named = dict.fromkeys(f"{each['publisher']} ({each['licence']})" for each in sources)
    return [words(language).gettext("Sources: %s") % "; ".join(named)]


def _drawn(chart: Chart, services: Services, language: Language, parameters: Parameters) -> Drawing | None:
    with reading(services.warehouse()) as connection:
        return chart(connection, language, parameters)


async def _picture(kind: str, specification: dict[str, Any]) -> bytes:
    environment = {**os.environ, "PYTHONPATH": str(PROJECT / "plugins")}
    with fail_after(SECONDS):
        done = await run_process(
            [*PICTURE, kind], input=json.dumps(specification).encode(), stderr=None, env=environment
        )
    return done.stdout


def _csv(drawing: Drawing, address: str) -> bytes:
    """The rows below what a reader must cite, in lines that begin with #."""
    text = io.StringIO()
    # Spreadsheet programs read UTF-8 only after this mark.
    text.write("\ufeff")
    caption = drawing.caption
    for line in (caption.title, caption.subtitle, *caption.sources, address):
        text.write(f"# {' '.join(line.split())}\n")
    drawing.rows.drop(columns="link", errors="ignore").to_csv(text, index=False, quoting=csv.QUOTE_MINIMAL)
    return text.getvalue().encode()


def _file(content: bytes, name: str, kind: str) -> Response:
    return Response(
        content,
        media_type=TYPES[kind],
        headers={"Content-Disposition": f'attachment; filename="{name}.{kind}"'},
    )
