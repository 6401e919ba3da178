"""Security headers of every answer: the browser loads, runs and caches nothing from elsewhere."""

import base64
import hashlib
from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

ON_CHANGE: Final = "this.form.submit()"
"""The only script of the pages: a choice submits its form."""

_ALLOWED: Final = base64.b64encode(hashlib.sha256(ON_CHANGE.encode()).digest()).decode()

HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    # After sign-out, a shared computer keeps no page.
    "Cache-Control": "no-store",
    # The Airflow UI shows the pages in a frame of its own origin.
    "Content-Security-Policy": "; ".join(
        [
            "default-src 'none'",
            "style-src 'unsafe-inline'",
            f"script-src 'unsafe-hashes' 'sha256-{_ALLOWED}'",
            "img-src 'self'",
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors 'self'",
        ]
    ),
}

SANDBOX: Final = "sandbox; default-src 'none'"
"""The policy of files from outside: a browser that shows one gives it no origin and runs nothing."""


class SecurityHeaders:
    """Middleware that adds HEADERS to every answer, including streamed ones and errors.

    Headers that an answer sets itself, such as a stricter policy, stay.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request, adding the headers."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, send_with_headers)
