"""Routes of tables: observations, ratings and their parts, editions."""

from collections.abc import Callable, Mapping
from typing import Annotated, Any, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Query
from fastapi.responses import Response
from pydantic import BaseModel, Field
from sqlalchemy import Connection
from starlette.requests import Request

from city_indicators.core.errors import ParameterError, UnknownExportError
from city_indicators.delivery.exports.tables import OBSERVATIONS, choose
from city_indicators.delivery.web.api.accept import chosen
from city_indicators.delivery.web.api.formats import MEDIA_TYPES, WRITERS, Format
from city_indicators.delivery.web.api.page import Rows, page
from city_indicators.delivery.web.api.routes import PREFIX, bounded, routes
from city_indicators.delivery.web.pages import Services

EDITION: Final = "/editions/{rating}/{edition}"
TABLES: Final = {
    "/observations": OBSERVATIONS,
    "/ratings": "report.rating",
    "/ratings/pillars": "report.rating_pillar",
    "/ratings/indicators": "report.rating_indicator",
    "/editions": "report.edition",
    f"{EDITION}/ratings": "report.edition_rating",
    f"{EDITION}/pillars": "report.edition_rating_pillar",
    f"{EDITION}/indicators": "report.edition_rating_indicator",
    f"{EDITION}/megatrends": "report.edition_megatrend",
    f"{EDITION}/peers": "report.edition_city_peer",
    f"{EDITION}/evidence": "report.edition_best_practice_evidence",
    f"{EDITION}/names": "report.edition_name",
    f"{EDITION}/sources": "report.edition_source",
}
"""The table of each route below PREFIX, as exports name it."""

ROWS: Final = 1_000
MOST_ROWS: Final = 10_000
"""Of a page, by default and at most: larger tables are exports."""


class Paging(BaseModel):
    """The parameters of a page."""

    limit: int = Field(ROWS, ge=1, le=MOST_ROWS, description="Rows of the page.")
    cursor: str | None = Field(None, description="From `next` of the page before.")
    format: Format | None = Field(None, description="Otherwise the header Accept chooses.")


NOT_COLUMNS: Final = frozenset((*Paging.model_fields, "language"))
"""The parameters that are no columns; the language, which the app adds by preference, has no effect."""


def router(services: Services) -> APIRouter:
    """The routes of TABLES."""
    made = routes()
    for path, name in TABLES.items():
        made.add_api_route(path, _route(services, name), name=name, tags=[path.split("/")[1]])
    return made


def _route(services: Services, name: str) -> Callable[..., Response]:
    def rows(request: Request, paging: Annotated[Paging, Query()]) -> Response:
        def read(connection: Connection) -> Rows:
            given = {**filters(request, name), **request.path_params}
            if request.path_params:
                _check_edition(connection, request.path_params)
            return Rows.of(choose(connection, name, [f"{column}={value}" for column, value in given.items()]))

        return answer(services, request, name, paging, read)

    return rows


def answer(
    services: Services, request: Request, name: str, paging: Paging, read: Callable[[Connection], Rows]
) -> Response:
    """One page of the rows that `read` chooses, with a link to the next one."""
    format_ = chosen(request, name, paging.format, MEDIA_TYPES)
    with bounded(services) as connection:
        found = page(connection, read(connection), paging.cursor, paging.limit)
        following = found.following and _query(request, found.following)
        body = WRITERS[format_](connection, found, following)
    headers = {"Vary": "Accept", "Link": f'<{following}>; rel="next"'} if following else {"Vary": "Accept"}
    return Response(body, headers=headers, media_type=MEDIA_TYPES[format_])


def filters(request: Request, name: str) -> dict[str, str]:
    """Column and value of each condition in the address.

    Raises:
        ParameterError: a parameter is given more than once, or also as part of the path.
    """
    given = request.query_params.multi_items()
    names = [*request.path_params, *(parameter for parameter, _ in given)]
    if twice := next((each for each in names if names.count(each) > 1), None):
        raise ParameterError(name, f"{twice!r} is given more than once", "request one value of a column")
    return {column: value for column, value in given if column not in NOT_COLUMNS}


def _query(request: Request, cursor: str) -> str:
    """The address of the next page, relative to this one: the query alone, whatever proxies do to paths."""
    kept = [pair for pair in request.query_params.multi_items() if pair[0] not in ("cursor", "language")]
    return f"?{urlencode([*kept, ('cursor', cursor)])}"


def _check_edition(connection: Connection, key: Mapping[str, Any]) -> None:
    conditions = [f"{column}={value}" for column, value in key.items()]
    (part,) = choose(connection, "report.edition", conditions).parts
    if not part.exceeds(connection, 0):
        fault = f"there is no edition {key['edition']} of {key['rating']}"
        raise UnknownExportError("edition", fault, f"choose one of {PREFIX}/editions")
