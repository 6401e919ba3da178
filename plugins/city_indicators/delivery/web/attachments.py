"""Serves files of the archive for download, byte for byte."""

from fastapi import HTTPException
from fastapi.responses import Response

from city_indicators.core.errors import ArchiveError
from city_indicators.delivery.web.headers import SANDBOX
from city_indicators.delivery.web.pages import Services


def attachment(services: Services, sha256: str, name: str, media_type: str) -> Response:
    """A file of the archive; the browser stores it under a name, and must not show or run it.

    Raises:
        HTTPException: 500, the archive does not have it.
    """
    try:
        content = services.archive().read(sha256)
    except ArchiveError as error:
        raise HTTPException(500, str(error)) from error
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Content-Security-Policy": SANDBOX,
    }
    return Response(content, headers=headers, media_type=media_type)
