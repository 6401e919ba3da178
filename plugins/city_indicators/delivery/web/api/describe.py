"""The OpenAPI document of the API, with the columns of its tables as the database describes them."""

import re
from collections.abc import Iterable
from typing import Any, Final

from fastapi import APIRouter
from fastapi.openapi.utils import get_openapi
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from sqlalchemy import ARRAY, Connection
from sqlalchemy.types import TypeEngine
from starlette.requests import Request

from city_indicators.delivery.exports.fields import Field
from city_indicators.delivery.exports.kinds import Kind, kind
from city_indicators.delivery.exports.tables import choose
from city_indicators.delivery.exports.texts import description
from city_indicators.delivery.web.api import lineage
from city_indicators.delivery.web.api.formats import MEDIA_TYPES
from city_indicators.delivery.web.api.routes import PREFIX, bounded, routes
from city_indicators.delivery.web.api.tables import TABLES
from city_indicators.delivery.web.pages import Services

ABOUT: Final = "Observations, ratings, lineage and editions, and observations as SDMX. It changes nothing."
TYPES: Final[dict[Kind, dict[str, Any]]] = {
    "boolean": {"type": "boolean"},
    "integer": {"type": "integer"},
    "number": {"type": "number"},
    "date": {"type": "string", "format": "date"},
    "datetime": {"type": "string", "format": "date-time"},
    "json": {},
    "text": {"type": "string"},
}
ERROR: Final = {
    "type": "object",
    "required": ["error", "detail", "next_step"],
    "properties": {
        "error": {"type": "string", "description": "The kind of the error."},
        "detail": {"type": "string", "description": "What is wrong."},
        "next_step": {"type": "string", "description": "What to do."},
    },
}
REFUSED: Final = {
    "description": "An error",
    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}},
}
IN_PATH: Final = re.compile(r"\{(\w+)\}")


def router(services: Services) -> APIRouter:
    """The route `/openapi.json`."""
    made = routes()

    @made.get("/openapi.json", name="openapi", tags=["openapi"])
    def openapi(request: Request) -> JSONResponse:
        every = (route for route in request.app.routes if isinstance(route, APIRoute))
        mine = [route for route in every if route.path.startswith(PREFIX)]
        with bounded(services) as connection:
            return JSONResponse(document(connection, mine, request.scope.get("root_path", "")))

    return made


def document(connection: Connection, described: list[APIRoute], root: str) -> dict[str, Any]:
    """The document of the routes, whose paths begin after `root`."""
    made = get_openapi(
        title="City indicators", version="1", description=ABOUT, routes=described, servers=[{"url": root}]
    )
    made["components"] = {
        "schemas": {"Error": ERROR},
        "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
    }
    made["security"] = [{"token": []}]
    for path, methods in made["paths"].items():
        operation = methods["get"]
        operation["responses"] = {"200": {"description": "Found"}, "default": REFUSED}
        # The login of the app that includes the routes brings its own.
        operation.pop("security", None)
        parameters = [each for each in operation.get("parameters", ()) if each["in"] in ("path", "query")]
        declared = {parameter["name"] for parameter in parameters if parameter["in"] == "path"}
        missing = [_in_path(name) for name in IN_PATH.findall(path) if name not in declared]
        operation["parameters"] = [*missing, *parameters]
    for path, name in TABLES.items():
        (part,) = choose(connection, name, ()).parts
        operation = made["paths"][PREFIX + path]["get"]
        taken = {parameter["name"] for parameter in operation["parameters"]}
        operation["parameters"] += [_parameter(field) for field in part.fields if field.name not in taken]
        operation["summary"] = description(part.table, "en").holds
        operation["responses"]["200"] = _page(part.fields)
    of_value = made["paths"][f"{PREFIX}/lineage/{{table}}"]["get"]
    of_value["summary"] = "The observations that a row of a report is made from; its key is in the query."
    of_value["responses"]["200"] = _page(lineage.fields(connection))
    return made


def _in_path(name: str) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}


def _parameter(field: Field) -> dict[str, Any]:
    """The filter of a column."""
    schema = _schema(field.type)
    return {
        "name": field.name,
        "in": "query",
        "required": False,
        "description": field.comment or "",
        "schema": {"type": "string"} if schema.get("type") in (None, "array") else schema,
    }


def _page(fields: Iterable[Field]) -> dict[str, Any]:
    """The answer with a page of rows."""
    columns = {field.name: _column(field) for field in fields}
    row = {"type": "object", "required": list(columns), "properties": columns}
    schema = {
        "type": "object",
        "required": ["data", "next"],
        "properties": {
            "data": {"type": "array", "items": row},
            "next": {"type": ["string", "null"], "description": "Query of the next page."},
        },
    }
    others: dict[str, Any] = {kind: {} for name, kind in MEDIA_TYPES.items() if name != "json"}
    content = {MEDIA_TYPES["json"]: {"schema": schema}, **others}
    return {"description": "A page of rows, in the order of their key", "content": content}


def _column(field: Field) -> dict[str, Any]:
    schema = _schema(field.type)
    if field.nullable and schema:
        schema = {**schema, "type": [schema["type"], "null"]}
    return {**schema, "description": field.comment} if field.comment else schema


def _schema(type_: TypeEngine[Any]) -> dict[str, Any]:
    if isinstance(type_, ARRAY):
        return {"type": "array", "items": _schema(type_.item_type)}
    return TYPES[kind(type_)]
