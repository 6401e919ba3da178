"""Serves the latest build of the Data Docs of Great Expectations."""

import mimetypes
from typing import Final

from fastapi import APIRouter, HTTPException
from fastapi.responses import Response

from city_indicators.core.languages import Language, message
from city_indicators.delivery.web.pages import NavigationEntry, Services
from city_indicators.delivery.web.render import rendered
from city_indicators.delivery.web.static import address

NAVIGATION: Final = NavigationEntry(50, message("Data Docs"), "data-docs/", "data-docs", "browse")


def router(services: Services) -> APIRouter:
    """The routes below `/data-docs/`; the app that includes it demands the login."""
    routes = APIRouter()

    @routes.get("/data-docs/{page:path}")
    def data_docs_page(page: str, language: Language = "en") -> Response:
        name = page or "index.html"
        content = services.data_docs().read(name)
        if content is None:
            raise HTTPException(
                404,
                "no such page: the Data Docs show the latest loads, minutes after each was validated. "
                "Run the DAG build_data_docs if there is no page at all",
            )
        return Response(dressed(content, name, language), media_type=mimetypes.guess_type(name)[0])

    return routes


def dressed(content: bytes, name: str, language: str) -> bytes:
    """A page with the style, the script and the menu of all pages: Airflow's theme, links leave its frame."""
    root = "../" * (name.count("/") + 1)
    style, script = (root + address(file) for file in ("pages.css", "pages.js"))
    head = f'<head><link rel="stylesheet" href="{style}"><script type="module" src="{script}"></script>'
    above = rendered("data_docs.html", language, {"root": root, "here": NAVIGATION.path})
    return content.replace(b"<head>", head.encode(), 1).replace(b"<body>", f"<body>{above}".encode(), 1)
