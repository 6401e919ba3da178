"""What all routes of the API share: their prefix, a bounded connection, and errors as JSON."""

from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, Final

from fastapi import APIRouter
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from fastapi.routing import APIRoute
from psycopg.errors import QueryCanceled
from sqlalchemy import Connection
from sqlalchemy.exc import DataError, OperationalError
from starlette.requests import Request

from city_indicators.core.errors import (
    ExportError,
    FormatError,
    ParameterError,
    TooLongError,
    TooManyRowsError,
    UnknownExportError,
)
from city_indicators.delivery.exports.tables import reading
from city_indicators.delivery.web.pages import Services
from city_indicators.warehouse.database import statement
from city_indicators.warehouse.readers import LIMITS

PREFIX: Final = "/api/v1"
SECONDS: Final = LIMITS["researcher"].statement
"""How long a statement of the API may take: as long as that of a reader of the warehouse."""
FEWER: Final = "select fewer rows with more conditions, or download an export"

STATUS: Final[dict[type[ExportError], int]] = {
    UnknownExportError: 404,
    FormatError: 406,
    TooManyRowsError: 413,
    TooLongError: 504,
    ExportError: 422,
}
"""The status of each kind of error; others have that of their base."""

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class ApiRoute(APIRoute):
    """A route that answers errors of its request as JSON: `error`, `detail` and `next_step`."""

    def get_route_handler(self) -> Handler:
        """The handler of the route."""
        handle = super().get_route_handler()

        async def answer(request: Request) -> Response:
            try:
                return await handle(request)
            except ExportError as error:
                return refused(error)
            except RequestValidationError as error:
                faults = "; ".join(f"{each['loc'][-1]}: {each['msg']}" for each in error.errors())
                return refused(ParameterError(self.name, faults, f"see {PREFIX}/openapi.json"))
            except DataError as error:
                fault = str(error.orig).splitlines()[0]
                return refused(ParameterError(self.name, fault, f"see {PREFIX}/openapi.json"))
            except OperationalError as error:
                if not isinstance(error.orig, QueryCanceled):
                    raise
                return refused(TooLongError(self.name, f"it takes more than {SECONDS} seconds", FEWER))

        return answer


def refused(error: ExportError) -> Response:
    """The answer to a request that cannot be met."""
    status = next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)
    detail, _, next_step = str(error).partition(". Next step: ")
    return JSONResponse({"error": type(error).__name__, "detail": detail, "next_step": next_step}, status)


def routes() -> APIRouter:
    """An empty router of the API."""
    return APIRouter(prefix=PREFIX, route_class=ApiRoute)


@contextmanager
def bounded(services: Services) -> Iterator[Connection]:
    """A read-only connection whose statements take at most SECONDS."""
    with reading(services.warehouse()) as connection:
        connection.execute(statement("api/limit_statements"), {"longest": f"{SECONDS}s"})
        yield connection
