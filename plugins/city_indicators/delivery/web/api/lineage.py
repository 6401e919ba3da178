"""The route of the lineage of one value: the observations that a row of a report is made from."""

import json
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import Response
from psycopg.errors import RaiseException
from sqlalchemy import ARRAY, Connection, cast, column, func, literal, select, true
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.dialects.postgresql.base import ischema_names
from sqlalchemy.exc import DatabaseError
from sqlalchemy.types import TypeEngine
from starlette.requests import Request

from city_indicators.core.errors import UnknownExportError
from city_indicators.delivery.exports.fields import Field
from city_indicators.delivery.web.api.page import OBSERVATION_KEY, Rows
from city_indicators.delivery.web.api.routes import routes
from city_indicators.delivery.web.api.tables import Paging, answer, filters
from city_indicators.delivery.web.lineage import reason
from city_indicators.delivery.web.pages import Services
from city_indicators.warehouse.database import rows


def router(services: Services) -> APIRouter:
    """The route `/lineage/{table}`."""
    made = routes()

    @made.get("/lineage/{table}", name="lineage", tags=["lineage"])
    def lineage(table: str, request: Request, paging: Annotated[Paging, Query()]) -> Response:
        name = f"lineage of {table}"
        read = partial(_underlying, table=table, key=filters(request, name), name=name)
        return answer(services, request, name, paging, read)

    return made


def fields(connection: Connection) -> list[Field]:
    """The columns of a lineage, as the database describes its function."""
    described = rows(connection, "api/lineage_columns")
    return [
        Field(row["name"], (type_ := _type(row["type"])), True, None, column(row["name"], type_))
        for row in described
    ]


def _underlying(connection: Connection, *, table: str, key: dict[str, str], name: str) -> Rows:
    """The observations of a row.

    Raises:
        UnknownExportError: there is no such table or row, or the key is not that of the table.
    """
    columns = fields(connection)
    call = func.report.lineage(table, cast(literal(json.dumps(key)), JSONB))
    found = call.table_valued(*(each.value for each in columns), name="lineage")
    try:
        count = connection.scalar(select(func.count()).select_from(found))
    except DatabaseError as error:
        if not isinstance(error.orig, RaiseException):
            raise
        raise UnknownExportError(name, reason(error.orig), "give the key of one row") from error
    if not count:
        raise UnknownExportError(name, f"no observation was used for {key}", "take a key of the table's rows")
    read = [Field(each.name, each.type, True, None, found.columns[each.name]) for each in columns]
    return Rows(name, read, [found.columns[each] for each in OBSERVATION_KEY], true())


def _type(name: str) -> TypeEngine[Any]:
    one = ischema_names[name.removesuffix("[]")]
    made: TypeEngine[Any] = one(timezone=True) if name == "timestamp with time zone" else one()
    return ARRAY(made) if name.endswith("[]") else made
