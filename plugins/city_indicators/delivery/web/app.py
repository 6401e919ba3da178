"""The FastAPI app of the pages. Every route requires the permission that the caller passes."""

from collections.abc import Callable
from typing import Any

from fastapi import Depends, FastAPI
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import DataError
from starlette.exceptions import HTTPException

from city_indicators.delivery.web.faults import failed, invalid, refused, unreadable
from city_indicators.delivery.web.headers import SecurityHeaders
from city_indicators.delivery.web.kept import AnswerFound, Keeping, KeptAnswers, found
from city_indicators.delivery.web.pages import Services, pages
from city_indicators.delivery.web.preferred import PreferredLanguage
from city_indicators.delivery.web.unchanged import unless_unchanged


def create_app(require_viewer: Callable[..., Any], services: Services) -> FastAPI:
    """All pages; `require_viewer` is a dependency of every route."""
    kept = KeptAnswers()
    app = FastAPI(
        title="City indicators",
        dependencies=[Depends(require_viewer), Depends(unless_unchanged(services, kept))],
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
    )
    app.add_exception_handler(HTTPException, refused)
    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(DataError, unreadable)
    app.add_exception_handler(Exception, failed)
    app.add_exception_handler(AnswerFound, found)
    app.add_middleware(Keeping, answers=kept)
    app.add_middleware(PreferredLanguage)
    app.add_middleware(SecurityHeaders)
    for page in pages():
        app.include_router(page.router(services))
    return app
