"""Answers of requests that fail: a page for people, JSON for programs."""

from http import HTTPStatus
from typing import Final

from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException
from starlette.requests import Request

from city_indicators.core.languages import ENGLISH, languages, message
from city_indicators.delivery.web.headers import HEADERS
from city_indicators.delivery.web.render import render

TITLES: Final = {
    HTTPStatus.UNAUTHORIZED: message("Please sign in"),
    HTTPStatus.FORBIDDEN: message("Not permitted"),
    HTTPStatus.NOT_FOUND: message("Not found"),
    HTTPStatus.INTERNAL_SERVER_ERROR: message("The page could not be made"),
}
OTHERWISE: Final = message("The address is not valid")
FAILED: Final = "the page could not be made. Next step: read the log of the API server"


def refused(request: Request, error: Exception) -> Response:
    """Answer an error that a route raised on purpose."""
    if not isinstance(error, HTTPException):
        raise TypeError(error)
    if error.status_code == HTTPStatus.NOT_MODIFIED:
        return Response(status_code=error.status_code, headers=error.headers)
    return _answer(request, error.status_code, str(error.detail), error.headers)


def invalid(request: Request, error: Exception) -> Response:
    """Answer a parameter that cannot be read."""
    faults = error.errors() if isinstance(error, RequestValidationError) else []
    detail = "; ".join(f"{each['loc'][-1]}: {each['msg']}" for each in faults)
    return _answer(request, HTTPStatus.UNPROCESSABLE_ENTITY, detail)


def unreadable(request: Request, error: Exception) -> Response:
    """Answer a value of the wrong type, such as a word for a number, with the database's message."""
    detail = str(getattr(error, "orig", error)).splitlines()[0]
    return _answer(request, HTTPStatus.UNPROCESSABLE_ENTITY, detail)


def failed(request: Request, _error: Exception) -> Response:
    """Answer without details, which may contain statements or addresses; the log has them.

    The middleware does not see this answer, so it sets its headers itself.
    """
    answer = _answer(request, HTTPStatus.INTERNAL_SERVER_ERROR, FAILED)
    answer.headers.update(HEADERS)
    return answer


def _answer(request: Request, status: int, detail: str, headers: object = None) -> Response:
    if "text/html" not in request.headers.get("accept", ""):
        return JSONResponse({"detail": detail}, status, headers)  # type: ignore[arg-type]
    chosen = request.query_params.get("language", "")
    language = chosen if chosen in languages() else ENGLISH
    path = request.scope["path"].removeprefix(request.scope.get("root_path", ""))
    content = {
        "heading": TITLES.get(HTTPStatus(status), OTHERWISE),
        "detail": detail,
        "signed_out": status == HTTPStatus.UNAUTHORIZED,
        "root": "../" * max(path.count("/") - 1, 0),
    }
    answer = render("fault.html", language, content)
    answer.status_code = status
    return answer
