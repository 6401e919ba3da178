"""Serves the latest build of the Data Docs of Great Expectations."""

import mimetypes
from typing import Final

from fastapi import APIRouter, HTTPException
from fastapi.responses import Response

from city_indicators.core.languages import message
from city_indicators.delivery.web.pages import NavigationEntry, Services

NAVIGATION: Final = NavigationEntry(50, message("Data Docs"), "data-docs/", "data-docs", "browse")


def router(services: Services) -> APIRouter:
    """The routes below `/data-docs/`; the app that includes it demands the login."""
    routes = APIRouter()

    @routes.get("/data-docs/{page:path}")
    def data_docs_page(page: str) -> Response:
        name = page or "index.html"
        content = services.data_docs().read(name)
        if content is None:
            raise HTTPException(
                404,
                "no such page: the Data Docs show the latest loads, minutes after each was validated. "
                "Run the DAG build_data_docs if there is no page at all",
            )
        return Response(content, media_type=mimetypes.guess_type(name)[0])

    return routes
