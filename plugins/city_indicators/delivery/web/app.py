"""The FastAPI app of the pages. Every route requires the permission that the caller passes."""

from collections.abc import Callable
from typing import Any

from fastapi import Depends, FastAPI
from fastapi.responses import JSONResponse
from sqlalchemy.exc import DataError
from starlette.requests import Request

from city_indicators.delivery.web.headers import HEADERS, SecurityHeaders
from city_indicators.delivery.web.pages import Services, pages


def create_app(require_viewer: Callable[..., Any], services: Services) -> FastAPI:
    """All pages; `require_viewer` is a dependency of every route."""
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
    """Answer 422 for a value of the wrong type, such as a word for a number, with the database's message."""
    return JSONResponse({"detail": str(getattr(error, "orig", error)).splitlines()[0]}, 422)


def _failed(_request: Request, _error: Exception) -> JSONResponse:
    """Answer 500 without details, which may contain statements or addresses; the log has them.

    The middleware does not see this answer, so it sets its headers itself.
    """
    detail = "the page could not be made. Next step: read the log of the API server"
    return JSONResponse({"detail": detail}, 500, HEADERS)
