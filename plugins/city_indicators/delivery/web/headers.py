"""Security headers of every answer: the browser loads, runs and caches nothing from elsewhere."""

from http import HTTPStatus
from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "Vary": "Accept-Language",
    "Referrer-Policy": "same-origin",
    # After sign-out a shared computer shows no page: see KEPT for those that it may keep.
    "Cache-Control": "no-store",
    # The Airflow UI shows the pages in a frame of its own origin.
    "Content-Security-Policy": "; ".join(
        [
            "default-src 'none'",
            "style-src 'self' 'unsafe-inline'",
            "script-src 'self'",
            "connect-src 'self'",
            "img-src 'self' data:",
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors 'self'",
        ]
    ),
}

KEPT: Final = "private, no-cache"
"""The browser keeps the page, but shows it only if the server says that it is unchanged."""

SANDBOX: Final = "sandbox; default-src 'none'"
"""The policy of files from outside: a browser that shows one gives it no origin and runs nothing."""


class SecurityHeaders:
    """Middleware that adds HEADERS to every answer, including streamed ones and errors.

    Headers that an answer sets itself, such as a stricter policy, stay. The browser may keep a page with a
    tag (`unchanged`), and requests it again each time.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request, adding the headers."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                tag = scope.get("state", {}).get("etag")
                if tag and message["status"] == HTTPStatus.OK:
                    headers["ETag"] = tag
                    headers["Cache-Control"] = KEPT
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, send_with_headers)
