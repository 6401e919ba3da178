"""What every answer tells the browser: to load nothing, to run nothing, to show it in our own frame alone."""

import base64
import hashlib
from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

ON_CHANGE: Final = "this.form.submit()"
"""The one script of the pages: a choice made is a form sent."""

_ALLOWED: Final = base64.b64encode(hashlib.sha256(ON_CHANGE.encode()).digest()).decode()

HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
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


class SecurityHeaders:
    """Middleware that adds HEADERS to every answer, streamed ones and refusals included."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as the app does."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(HEADERS)
            await send(message)

        await self.app(scope, receive, send_with_headers)
