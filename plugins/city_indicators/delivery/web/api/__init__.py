"""The API for programs, below `/api/v1` of the pages: JSON, CSV and Arrow."""

from fastapi import APIRouter

from city_indicators.delivery.web.api import describe, lineage, tables
from city_indicators.delivery.web.pages import Services


def router(services: Services) -> APIRouter:
    """All routes of the API; the app that includes them demands the login."""
    routes = APIRouter()
    for part in (tables, lineage, describe):
        routes.include_router(part.router(services))
    return routes
