"""Serves the documents of editions, byte for byte."""

from fastapi import APIRouter, HTTPException
from fastapi.responses import Response

from city_indicators.delivery.documents import FORMATS, file_name
from city_indicators.delivery.exports.tables import reading
from city_indicators.delivery.web.attachments import attachment
from city_indicators.delivery.web.pages import Services
from city_indicators.warehouse.database import rows


def router(services: Services) -> APIRouter:
    """The route `/documents/{sha256}`; the app that includes it demands the login."""
    routes = APIRouter()

    @routes.get("/documents/{sha256}")
    def document(sha256: str) -> Response:
        with reading(services.warehouse()) as connection:
            found = rows(connection, "documents/by_sha256", sha256=sha256)
        if not found:
            raise HTTPException(404, "there is no such document. Next step: choose one in Editions")
        row = found[0]
        name = file_name(row["document"], row["edition"], row["language"], row["document_format"])
        return attachment(services, sha256, name, FORMATS[row["document_format"]])

    return routes
