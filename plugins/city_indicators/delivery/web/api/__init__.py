"""The API for programs, below `/api/v1` of the pages: JSON, CSV, Arrow and SDMX."""

from fastapi import APIRouter

from city_indicators.delivery.web.api import describe, lineage, sdmx, tables
from city_indicators.delivery.web.pages import Services


def router(services: Services) -> APIRouter:
    """All routes of the API; the app that includes them demands the login."""
    routes = APIRouter()
    for part in (tables, lineage, sdmx, describe):
        routes.include_router(part.router(services))
    return routes
