"""Files to download: their routes and ETags, and zips whose bytes are the same every time."""

import hashlib
import io
import zipfile
from typing import Final

from fastapi import APIRouter, Response

# The day of the release of World Urbanization Prospects 2018; the real times of entries are not known.
ZIP_STAMP: Final = (2018, 5, 16, 0, 0, 0)


def serve(routes: APIRouter, path: str, body: bytes, media_type: str) -> None:
    """Add a file at a path."""
    headers = {"ETag": entity_tag(body)}

    @routes.api_route(path, methods=["GET", "HEAD"])
    def download() -> Response:
        return Response(body, media_type=media_type, headers=headers)


def entity_tag(body: bytes) -> str:
    """A strong ETag of the bytes."""
    return f'"{hashlib.sha256(body).hexdigest()[:32]}"'


def zipped(name: str, content: bytes) -> bytes:
    """A zip with one file, not compressed."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as target:
        add(target, name, content)
    return stream.getvalue()


def add(target: zipfile.ZipFile, name: str, content: bytes) -> None:
    """Add a file to a zip, with a fixed time."""
    entry = zipfile.ZipInfo(name, ZIP_STAMP)
    entry.create_system = 3  # the default differs on Windows
    target.writestr(entry, content)
