"""Published tables as JSON, whole or in pages, as the source's layout says; nulls are left out of a row."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from city_indicators.catalog import Source
from city_indicators.catalog.source import Layout, Paging
from demo.mock_sources.tables import path_of
from demo.sample.tables import load_table


def router(source: Source) -> APIRouter:
    """The rows of a source at the path that the catalogue gives."""
    routes = APIRouter()
    layout = source.table_layout
    rows = [
        {title: cell for title, cell in row.items() if cell} for row in load_table(source).to_dict("records")
    ]

    @routes.get(path_of(source))
    def page(request: Request) -> JSONResponse:
        taken = rows[_slice(layout.paging, dict(request.query_params))] if layout.paging else rows
        return JSONResponse(wrapped(layout, taken))

    return routes


def wrapped(layout: Layout, rows: list[dict[Any, Any]]) -> Any:
    """Rows where the layout looks for them."""
    answer: Any = [{layout.row: row} for row in rows] if layout.row else rows
    for key in reversed(layout.records.split(".") if layout.records else []):
        answer = {key: answer}
    return answer


def _slice(paging: Paging, asked: dict[str, str]) -> slice:
    size = int(asked.get(paging.limit, paging.size))
    first = (
        int(asked.get(paging.offset, 0))
        if paging.offset
        else size * (int(asked.get(paging.page or "", 1)) - 1)
    )
    return slice(first, first + size)
