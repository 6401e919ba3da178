"""Serves archived source files to operators, byte for byte."""

import re
from typing import Final

from fastapi import APIRouter, Depends, HTTPException
from fastapi.responses import Response
from sqlalchemy import Engine

from city_indicators.delivery.exports.tables import reading
from city_indicators.delivery.web.attachments import attachment
from city_indicators.delivery.web.pages import Services
from city_indicators.warehouse.database import rows

SHA256: Final = re.compile("[0-9a-f]{64}")


def router(services: Services) -> APIRouter:
    """The route `/snapshots/{sha256}`, which also requires `require_operator`."""
    routes = APIRouter(dependencies=[Depends(services.require_operator)])

    @routes.get("/snapshots/{sha256}")
    def snapshot(sha256: str) -> Response:
        if not SHA256.fullmatch(sha256) or not _is_known(services.warehouse(), sha256):
            raise HTTPException(
                404, "there is no such snapshot. Next step: take the address from a lineage page"
            )
        return attachment(services, sha256, sha256, "application/octet-stream")

    return routes


def _is_known(warehouse: Engine, sha256: str) -> bool:
    with reading(warehouse) as connection:
        return bool(rows(connection, "web/snapshot", sha256=sha256))
