"""Middleware for HEAD requests and ETags: an answer without an ETag gets one made from its bytes."""

from typing import Any

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from demo.mock_sources.downloads import entity_tag


class EntityTags:
    """ASGI middleware that does what file servers do and FastAPI leaves to each route."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a HEAD request as a GET request without its body."""
        if scope["type"] != "http" or scope["path"].startswith("/_"):
            return await self._app(scope, receive, send)
        head = scope["method"] == "HEAD"
        request = {**scope, "method": "GET"} if head else scope
        start, body = await complete_answer(self._app, request, receive)
        headers = MutableHeaders(scope=start)
        if start["status"] == 200 and "etag" not in headers:
            headers["etag"] = entity_tag(body)
        await send(start)
        return await send({"type": "http.response.body", "body": b"" if head else body})


async def complete_answer(app: ASGIApp, scope: Scope, receive: Receive) -> tuple[dict[str, Any], bytes]:
    """The complete answer of the app: its start message and its body."""
    start: dict[str, Any] = {}
    body = bytearray()

    async def collect(message: Message) -> None:
        if message["type"] == "http.response.start":
            start.update(message)
        else:
            body.extend(message.get("body", b""))

    await app(scope, receive, collect)
    return start, bytes(body)
