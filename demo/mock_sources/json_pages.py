"""Published tables as JSON, complete or in pages, by the source's layout; nulls are omitted."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from city_indicators.catalog import Source
from city_indicators.catalog.source import Layout, Paging
from demo.mock_sources.tables import path_of
from demo.sample.tables import load_table


def router(source: Source) -> APIRouter:
    """The rows of a source, at the path in the catalogue."""
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
    """The rows at the place that the layout declares."""
    answer: Any = [{layout.row: row} for row in rows] if layout.row else rows
    for key in reversed(layout.records.split(".") if layout.records else []):
        answer = {key: answer}
    return answer


def _slice(paging: Paging, query: dict[str, str]) -> slice:
    size = int(query.get(paging.limit, paging.size))
    first = (
        int(query.get(paging.offset, 0))
        if paging.offset
        else size * (int(query.get(paging.page or "", 1)) - 1)
    )
    return slice(first, first + size)
