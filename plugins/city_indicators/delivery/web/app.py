"""The FastAPI app behind the pages. Nobody gets in without the right that the caller demands."""

from collections.abc import Callable
from typing import Any

from fastapi import Depends, FastAPI
from fastapi.responses import JSONResponse
from sqlalchemy.exc import DataError
from starlette.requests import Request

from city_indicators.delivery.web.headers import HEADERS, SecurityHeaders
from city_indicators.delivery.web.pages import Services, pages


def create_app(require_viewer: Callable[..., Any], services: Services) -> FastAPI:
    """All pages; `require_viewer` is the dependency that every route asks first."""
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
    for page in pages():
        app.include_router(page.router(services))
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
