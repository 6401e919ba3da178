"""The FastAPI app behind the pages. Nobody gets in without the right that the caller demands."""

import mimetypes
from collections.abc import Callable
from typing import Any

from fastapi import Depends, FastAPI, HTTPException
from fastapi.responses import HTMLResponse, JSONResponse, Response
from sqlalchemy import URL
from sqlalchemy.exc import DataError
from starlette.requests import Request

from city_indicators.archive import Archive
from city_indicators.quality.site import Site
from city_indicators.warehouse.database import engine
from city_indicators.web import city, downloads, editions, explain, quality, ratings, snapshots
from city_indicators.web.headers import HEADERS, SecurityHeaders
from city_indicators.web.labels import Language
from city_indicators.web.render import render


def create_app(
    require_viewer: Callable[..., Any],
    require_operator: Callable[..., Any],
    warehouse_url: Callable[[], URL],
    data_docs: Callable[[], Site],
    archive: Callable[[], Archive],
) -> FastAPI:
    """The pages; `require_viewer` is the dependency that every route asks first.

    `require_operator` is the one that archived bytes ask besides.
    """
    app = FastAPI(
        title="City indicators",
        dependencies=[Depends(require_viewer)],
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
    )
    app.add_exception_handler(DataError, _unreadable)
    app.add_exception_handler(Exception, _failed)
    app.add_middleware(SecurityHeaders)
    app.include_router(city.router(warehouse_url))
    app.include_router(downloads.router(warehouse_url))
    app.include_router(editions.router(warehouse_url))
    app.include_router(explain.router(warehouse_url, data_docs))
    app.include_router(snapshots.router(warehouse_url, archive, require_operator))

    @app.get("/ratings")
    def city_ratings(
        rating: str | None = None,
        period: str | None = None,
        language: Language = "en",
        group: str | None = None,
    ) -> HTMLResponse:
        content = ratings.page(engine(warehouse_url()), rating, period, language, group)
        return render("ratings.html", language, content)

    @app.get("/quality")
    def data_quality(language: Language = "en") -> HTMLResponse:
        return render("quality.html", language, quality.page(engine(warehouse_url()), language))

    @app.get("/data-docs/{page:path}")
    def data_docs_page(page: str) -> Response:
        name = page or "index.html"
        content = data_docs().read(name)
        if content is None:
            raise HTTPException(
                404,
                "no such page: the Data Docs show the latest loads, minutes after each was judged. "
                "Run the DAG build_data_docs if there is no page at all",
            )
        return Response(content, media_type=mimetypes.guess_type(name)[0])

    return app


def _unreadable(_request: Request, error: Exception) -> JSONResponse:
    """What was asked is no value of its column, such as a word for a number; the database says why."""
    return JSONResponse({"detail": str(getattr(error, "orig", error)).splitlines()[0]}, 422)


def _failed(_request: Request, _error: Exception) -> JSONResponse:
    """What went wrong stands in the log alone: its text may hold a statement or an address.

    This answer is made outside the middleware, so it brings its headers itself.
    """
    detail = "the page could not be made. Next step: read the log of the API server"
    return JSONResponse({"detail": detail}, 500, HEADERS)
