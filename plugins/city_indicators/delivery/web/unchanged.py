"""Answers from memory, or "not modified" to a browser that has the page of the same data.

The login is checked first.
"""

import hashlib
from collections.abc import Callable, Coroutine
from typing import Any, Final

from fastapi import HTTPException
from fastapi.concurrency import run_in_threadpool
from starlette.requests import Request

from city_indicators.core import digests
from city_indicators.delivery.web.headers import KEPT
from city_indicators.delivery.web.kept import AnswerFound, KeptAnswers
from city_indicators.delivery.web.pages import Services
from city_indicators.warehouse.database import rows

UNKEPT: Final = (
    "/api/v1/lineage",
    *("/data-docs", "/export", "/lineage", "/loads/{load_id}", "/snapshots", "/static"),
)
"""Routes of files, and of more addresses than there is room for."""
LIVE: Final = ("/loads", "/overview", "/quality")
"""Routes that show what runs or waits: any change of the database or the Data Docs may change them."""
OF_AIRFLOW: Final = ("/editions", "/overview", "/quality", "/ratings")
"""Routes that show what only Airflow knows."""
UNSHARED: Final = "/api/"
"""Routes whose answers are not kept in memory: the key would lack the format that a program accepts, and a
program that walks through all pages would push out those that people share."""


def unless_unchanged(services: Services, kept: KeptAnswers) -> Callable[[Request], Coroutine[Any, Any, None]]:
    """A dependency of all routes; it leaves the tag and the key of the answer in the state of the request."""

    async def check(request: Request) -> None:
        path = request.scope["route"].path
        if path.startswith(UNKEPT):
            return
        tag = await run_in_threadpool(_tag, services, path)
        if tag in request.headers.get("if-none-match", ""):
            raise HTTPException(304, headers={"ETag": tag, "Cache-Control": KEPT})
        request.state.etag = tag
        if path.startswith(UNSHARED):
            return
        key = f"{tag} {request.url.path}?{request.url.query}"
        if answer := await kept.find(key):
            raise AnswerFound(answer)
        request.state.key = key
        await kept.turns.acquire()
        request.state.turn = True

    return check


def _tag(services: Services, path: str) -> str:
    """The tag of all that the answers of a route depend on."""
    with services.warehouse().connect() as connection:
        (state,) = rows(connection, "web/moment" if path in LIVE else "web/state")
    depends = [*state.values(), digests.of_project()]
    if path in LIVE:
        depends.append(services.data_docs().state())
    if path in OF_AIRFLOW:
        found = services.scheduler()
        depends += [sorted(found.paused), found.proposals]
    return f'W/"{hashlib.sha256(repr(depends).encode()).hexdigest()[:20]}"'
