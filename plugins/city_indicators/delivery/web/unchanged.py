"""Answers from memory, or "not modified" to a browser that has the page of the same data.

The login is checked first.
"""

import hashlib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Final

from fastapi import HTTPException
from sqlalchemy import URL
from starlette.requests import Request

from city_indicators.core.paths import INCLUDE
from city_indicators.delivery.web.headers import KEPT
from city_indicators.delivery.web.kept import AnswerFound, KeptAnswers
from city_indicators.warehouse.database import engine, rows

LIVE: Final = (
    "/api/v1/lineage",
    *("/data-docs", "/export", "/lineage", "/loads", "/overview", "/quality", "/snapshots", "/static"),
)
"""Routes for operators, with a cache of their own, or that depend on more than the state of the warehouse."""
MAKING: Final = (".py", ".html", ".sql", ".yaml", ".csv", ".po")


def unless_unchanged(warehouse_url: Callable[[], URL], kept: KeptAnswers) -> Callable[[Request], None]:
    """A dependency of all routes; it leaves the tag and the key of the answer in the state of the request."""

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
        key = f"{tag} {request.url.path}?{request.url.query}"
        if answer := kept.find(key):
            raise AnswerFound(answer)
        request.state.key = key

    return check


@cache
def _code() -> str:
    """A digest of what makes the pages: code, templates, declarations, statements and translations."""
    folders = (Path(__file__).parents[1], INCLUDE)
    files = sorted(path for folder in folders for path in folder.rglob("*") if path.suffix in MAKING)
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()
