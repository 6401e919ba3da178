"""Chooses the language of a page by the browser's preference if its address names none."""

from babel import negotiate_locale
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from city_indicators.core.languages import languages


class PreferredLanguage:
    """Middleware that adds the language to the query of a request without one."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request."""
        query = scope.get("query_string", b"")
        if scope["type"] == "http" and b"language=" not in query:
            preferred = Headers(scope=scope).get("accept-language", "").split(",")
            codes = [each.partition(";")[0].strip() for each in preferred]
            found = negotiate_locale(codes, list(languages()), sep="-")
            if found:
                joined = b"&".join(filter(None, [query, f"language={found}".encode()]))
                scope = {**scope, "query_string": joined}
        await self.app(scope, receive, send)
