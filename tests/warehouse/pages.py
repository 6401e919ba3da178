"""Clients for the pages of the UI, mounted as in Airflow."""

import html
import re
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urljoin, urlsplit

from fastapi import FastAPI, Header, HTTPException
from fastapi.testclient import TestClient
from sqlalchemy import URL

from city_indicators.core.archive import Archive
from city_indicators.delivery.web.app import create_app
from city_indicators.delivery.web.pages import Proposal, Scheduler, Services
from city_indicators.ingest.validation.data_docs_site import Site

USER = {"Authorization": "Bearer user"}
OPERATOR = {"Authorization": "Bearer operator"}
PREFIX = "/city-indicators"


def require_user(authorization: Annotated[str, Header()] = "") -> None:
    if not authorization:
        raise HTTPException(401)


def require_operator(authorization: Annotated[str, Header()] = "") -> None:
    if authorization != OPERATOR["Authorization"]:
        raise HTTPException(403)


def pages(
    url: URL,
    folder: Path,
    login: Callable[..., Any] = require_user,
    paused: Collection[str] = (),
    proposals: tuple[Proposal, ...] = (),
) -> FastAPI:
    """The app with its Data Docs in the subfolder `docs` and its archive in `archive`; `paused` are DAGs."""
    docs, archive = Site(folder / "docs"), Archive(folder / "archive")
    services = Services(
        lambda: url,
        lambda: docs,
        lambda: archive,
        require_operator,
        lambda: Scheduler(frozenset(paused), proposals),
    )
    return create_app(login, services)


def mounted(url: URL, folder: Path) -> TestClient:
    """A client of a user, with the paths of the UI."""
    ui = FastAPI()
    ui.mount(PREFIX, pages(url, folder))
    return TestClient(ui, base_url="http://ui", headers=USER)


def links(page: str, address: str) -> list[str]:
    """The targets of the links of a page at `address`: each path with its query, once and in order."""
    found = (html.unescape(link) for link in re.findall(r'href="([^"]+)"', page))
    targets = (urlsplit(urljoin(f"http://ui{address}", link)) for link in found)
    return list(dict.fromkeys(f"{url.path}?{url.query}".rstrip("?") for url in targets))
