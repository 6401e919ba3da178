"""Answers "not modified" to a browser that has the page of the same data, after the login was checked."""

import hashlib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Final

from fastapi import HTTPException
from sqlalchemy import URL
from starlette.requests import Request

from city_indicators.delivery.web.headers import KEPT
from city_indicators.warehouse.database import engine, rows

LIVE: Final = (
    *("/data-docs", "/export", "/lineage", "/loads", "/overview", "/quality", "/snapshots", "/static"),
)
"""Routes whose answers do not depend on the state of the warehouse alone, or have a cache of their own."""


def unless_unchanged(warehouse_url: Callable[[], URL]) -> Callable[[Request], None]:
    """A dependency of all routes; it leaves the tag of the answer in the state of the request."""

    def check(request: Request) -> None:
        path = request.scope["route"].path
        if path.startswith(LIVE):
            return
        with engine(warehouse_url()).connect() as connection:
            (state,) = rows(connection, "web/state")
        tag = f'W/"{hashlib.sha256(repr((*state.values(), _code())).encode()).hexdigest()[:20]}"'
        if tag in request.headers.get("if-none-match", ""):
            raise HTTPException(304, headers={"ETag": tag, "Cache-Control": KEPT})
        request.state.etag = tag

    return check


@cache
def _code() -> str:
    """A digest of the code and the templates that make the pages."""
    files = sorted(path for path in Path(__file__).parents[1].rglob("*") if path.suffix in (".py", ".html"))
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()
