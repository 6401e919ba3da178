"""Routes of the SDMX 3 REST API: observations, and the structures that describe them."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Query
from fastapi.responses import Response
from sqlalchemy import Connection
from starlette.requests import Request

from city_indicators.core.errors import TooManyRowsError, UnknownExportError
from city_indicators.delivery.exports import sdmx
from city_indicators.delivery.exports.formats import MEDIA_TYPES
from city_indicators.delivery.exports.tables import OBSERVATIONS, Export, Part, choose
from city_indicators.delivery.web.api import sdmx_data, sdmx_structures
from city_indicators.delivery.web.api.accept import chosen
from city_indicators.delivery.web.api.routes import PREFIX, bounded, routes
from city_indicators.delivery.web.api.sdmx_codes import code_lists
from city_indicators.delivery.web.api.sdmx_query import condition
from city_indicators.delivery.web.api.sdmx_structures import Kind, References, admitted
from city_indicators.delivery.web.pages import Services

DATA_PATH: Final = "/sdmx/3/data/{context}"
STRUCTURE_PATH: Final = "/sdmx/3/structure"
MOST_OBSERVATIONS: Final = 50_000
"""Of one answer; more are read in parts with the parameters `limit` and `offset` of the standard."""
MOST_OFFSET: Final = 2**31 - 1
IN_PARTS: Final = "read them in parts with limit and offset, or download an export"

DATA: Final[dict[Literal["json", "csv"], str]] = {
    "json": sdmx_data.MEDIA_TYPE,
    "csv": MEDIA_TYPES["sdmx.csv"],
}
STRUCTURE: Final = {"json": sdmx_structures.MEDIA_TYPE}
FILTERS: Final = [
    {
        "name": f"c[{dimension.upper()}]",
        "in": "query",
        "required": False,
        "description": "Values separated by commas"
        + ("; also ge:2015+le:2020." if dimension == sdmx.TIME else "."),
        "schema": {"type": "string"},
    }
    for dimension in sdmx.DIMENSIONS
]


def router(services: Services) -> APIRouter:
    """The routes below `/sdmx/3`; what an address leaves out at its end may be anything."""
    made = routes()
    given = f"{DATA_PATH}/{{agency}}/{{artefact}}"
    for path in (given, f"{given}/{{version}}", f"{given}/{{version}}/{{key}}"):
        made.add_api_route(
            path,
            _data(services),
            name="SDMX data",
            summary="Observations as SDMX.",
            tags=["sdmx"],
            openapi_extra={"parameters": FILTERS},
        )
    given = f"{STRUCTURE_PATH}/{{artefact_type}}"
    for path in ("", "/{agency}", "/{agency}/{artefact}", "/{agency}/{artefact}/{version}"):
        summary = "What observations as SDMX are made of."
        made.add_api_route(
            f"{given}{path}", _structure(services), name="SDMX structure", summary=summary, tags=["sdmx"]
        )
    return made


def _data(services: Services) -> Callable[..., Response]:
    def data(
        request: Request,
        context: Literal["dataflow", "*"],  # noqa: ARG001 – all data are of the dataflow
        format_: Annotated[Literal["json", "csv"] | None, Query(alias="format")] = None,
        limit: Annotated[int | None, Query(ge=1, le=MOST_OBSERVATIONS)] = None,
        offset: Annotated[int, Query(ge=0, le=MOST_OFFSET)] = 0,
    ) -> Response:
        chosen_format = chosen(request, OBSERVATIONS, format_, DATA)
        address = request.path_params
        if not admitted(address, sdmx.AGENCY, sdmx.FLOW):
            named = ":".join(each for name, each in address.items() if name != "context")
            fault = f"there is no dataflow {named}"
            raise UnknownExportError(OBSERVATIONS, fault, f"see {PREFIX}{STRUCTURE_PATH}/dataflow")
        with bounded(services) as connection:
            part = _selected(connection, address.get("key", "*"), request)
            export = _in_bounds(connection, replace(part, limit=limit, offset=offset))
            body = _csv(connection, export) if chosen_format == "csv" else _json(connection, export)
        return Response(body, headers={"Vary": "Accept"}, media_type=DATA[chosen_format])

    return data


def _structure(services: Services) -> Callable[..., Response]:
    def structure(
        request: Request,
        artefact_type: Kind,
        references: References = "none",
        detail: Literal["full", "referencepartial"] = "full",  # noqa: ARG001 – no reference is partial
    ) -> Response:
        chosen(request, artefact_type, None, STRUCTURE)
        with bounded(services) as connection:
            every = sdmx_structures.artefacts(code_lists(connection))
        found = sdmx_structures.selected(every, artefact_type, references, request.path_params)
        if not found[artefact_type]:
            fault = f"there is none at {':'.join(request.path_params.values())}"
            raise UnknownExportError(artefact_type, fault, f"see {PREFIX}{STRUCTURE_PATH}/{artefact_type}")
        body = sdmx_structures.written(found, datetime.now(UTC))
        return Response(body, headers={"Vary": "Accept"}, media_type=STRUCTURE["json"])

    return structure


def _selected(connection: Connection, key: str, request: Request) -> Part:
    """The observations of a query.

    Raises:
        ParameterError: the query is wrong.
    """
    (part,) = choose(connection, OBSERVATIONS, ()).parts
    return replace(part, condition=condition(part.table, key, request.query_params.multi_items()))


def _in_bounds(connection: Connection, part: Part) -> Export:
    """The observations if there are some, and not too many.

    Raises:
        UnknownExportError: there is none.
        TooManyRowsError: there are more than MOST_OBSERVATIONS.
    """
    if part.exceeds(connection, MOST_OBSERVATIONS):
        raise TooManyRowsError(OBSERVATIONS, f"more than {MOST_OBSERVATIONS} match", IN_PARTS)
    if not part.exceeds(connection, 0):
        raise UnknownExportError(OBSERVATIONS, "none matches", "see the code lists, or use fewer filters")
    return Export(OBSERVATIONS, (part,), ())


def _csv(connection: Connection, export: Export) -> bytes:
    return b"".join(sdmx.blocks(connection, export))


def _json(connection: Connection, export: Export) -> bytes:
    rows: Any = connection.execute(sdmx.select(connection, export.parts[0])).mappings()
    return sdmx_data.message(rows, code_lists(connection), datetime.now(UTC))
