"""Fault injection: makes the mock server fail on demand as real sources do, and records its requests."""

import threading
from collections.abc import Mapping
from typing import Final, Literal, cast, get_args
from urllib.parse import unquote

from anyio import to_thread
from fastapi import APIRouter, Response
from fastapi.responses import HTMLResponse, JSONResponse, PlainTextResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Receive, Scope, Send

from demo.mock_sources.damage import DAMAGES, Damage, Damager, Spoiling, spoil
from demo.mock_sources.downloads import entity_tag
from demo.mock_sources.entity_tags import complete_answer

Refusal = Literal["server_error", "unavailable", "too_many_requests", "html"]
Kind = Literal[Refusal, "timeout", "disconnect", "truncated", Damage, Spoiling]

SPOILINGS: Final = frozenset(get_args(Spoiling))
# These need a body, so a HEAD request leaves them for the next GET request.
BODY_KINDS: Final = DAMAGES | SPOILINGS | {"disconnect", "truncated"}
MAINTENANCE: Final = (
    "<!doctype html><html><head><title>Maintenance</title></head><body>Back soon</body></html>"
)


class Fault(BaseModel):
    """A fault in the next `times` requests whose path and query contain `path_contains`.

    `retry_after` (seconds) is for `too_many_requests`, `hold_seconds` for `timeout`. With a `reason`,
    `too_many_requests` is answered as by Open-Meteo: with the reason in the body and no Retry-After header.
    """

    model_config = ConfigDict(extra="forbid")

    path_contains: str
    kind: Kind
    times: int = Field(default=1, ge=1)
    retry_after: int = Field(default=1, ge=0)
    reason: str = ""
    hold_seconds: float = Field(default=60, gt=0)


class FaultBook:
    """The pending faults, first in, first out, and the requests since the start."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._faults: list[Fault] = []
        self._released = threading.Event()
        self._requests: list[str] = []

    def add(self, fault: Fault) -> None:
        """Add a fault after the pending ones."""
        with self._lock:
            self._faults.append(fault)

    def pending(self) -> list[Fault]:
        """The pending faults; `times` is the remaining number of each."""
        with self._lock:
            return list(self._faults)

    def clear(self) -> None:
        """Delete all faults and release every delayed answer."""
        with self._lock:
            self._faults.clear()
            self._released.set()
            self._released = threading.Event()

    def requests(self) -> list[str]:
        """Path and query of every request, decoded, in order."""
        with self._lock:
            return list(self._requests)

    def take(self, target: str, method: str) -> tuple[Fault | None, threading.Event]:
        """Record a request and use one of the `times` of the first fault that matches it.

        Returns:
            The fault, or None, and the event that releases a delayed answer.
        """
        with self._lock:
            self._requests.append(target)
            for number, fault in enumerate(self._faults):
                if fault.path_contains in target and (method == "GET" or fault.kind not in BODY_KINDS):
                    left = fault.model_copy(update={"times": fault.times - 1})
                    self._faults[number : number + 1] = [left] if left.times else []
                    return fault, self._released
            return None, self._released


def router(book: FaultBook) -> APIRouter:
    """`/_faults` to order, list and delete faults; `/_requests` to list the requests."""
    routes = APIRouter()

    @routes.post("/_faults", status_code=201)
    def order(fault: Fault) -> Fault:
        book.add(fault)
        return fault

    @routes.get("/_faults")
    def pending() -> list[Fault]:
        return book.pending()

    @routes.delete("/_faults", status_code=204)
    def forget() -> None:
        book.clear()

    @routes.get("/_requests")
    def requests() -> list[str]:
        return book.requests()

    return routes


class FaultInjector:
    """ASGI middleware that applies faults to the answers of the wire formats."""

    def __init__(self, app: ASGIApp, book: FaultBook, damage: Mapping[str, Damager]) -> None:
        self._app = app
        self._book = book
        self._damage = damage

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with the fault that matches, or pass the request on."""
        if scope["type"] != "http" or scope["path"].startswith("/_"):
            return await self._app(scope, receive, send)
        query = scope["query_string"].decode()
        target = unquote(f"{scope['path']}?{query}" if query else scope["path"])
        fault, released = self._book.take(target, scope["method"])
        if fault is None:
            return await self._app(scope, receive, send)
        if (refusal := _refusal(fault)) is not None:
            return await refusal(scope, receive, send)
        if fault.kind == "timeout":
            # A thread waits, because the release may come from another event loop.
            await to_thread.run_sync(released.wait, fault.hold_seconds, abandon_on_cancel=True)
            return await self._app(scope, receive, send)
        return await self._alter(fault, scope, receive, send)

    async def _alter(self, fault: Fault, scope: Scope, receive: Receive, send: Send) -> None:
        start, body = await complete_answer(self._app, _unconditional(scope), receive)
        if start["status"] != 200:
            await send(start)
            return await send({"type": "http.response.body", "body": body})
        half = body[: len(body) // 2]
        if fault.kind == "disconnect":
            # The header has the full length and the answer never ends: the server cuts the connection.
            await send(start)
            return await send({"type": "http.response.body", "body": half, "more_body": True})
        altered = half if fault.kind == "truncated" else self._damaged(body, fault, scope["path"])
        headers = MutableHeaders(scope=start)
        headers["content-length"] = str(len(altered))
        if "etag" in headers:
            headers["etag"] = entity_tag(altered)
        await send(start)
        return await send({"type": "http.response.body", "body": altered})

    def _damaged(self, body: bytes, fault: Fault, path: str) -> bytes:
        if fault.kind in SPOILINGS:
            return spoil(body, cast(Spoiling, fault.kind))
        for prefix, damage in self._damage.items():
            if path.startswith(prefix):
                return damage(body, cast(Damage, fault.kind))
        return body


def _refusal(fault: Fault) -> Response | None:
    match fault.kind:
        case "server_error":
            return PlainTextResponse("Internal Server Error", 500)
        case "unavailable":
            return PlainTextResponse("Service Unavailable", 503)
        case "too_many_requests" if fault.reason:
            return JSONResponse({"error": True, "reason": fault.reason}, 429)
        case "too_many_requests":
            return PlainTextResponse("Too Many Requests", 429, {"Retry-After": str(fault.retry_after)})
        case "html":
            return HTMLResponse(MAINTENANCE)
    return None


def _unconditional(scope: Scope) -> Scope:
    """The same request without `If-None-Match`, so that a changed file is sent."""
    headers = [(name, value) for name, value in scope["headers"] if name != b"if-none-match"]
    return {**scope, "headers": headers}
