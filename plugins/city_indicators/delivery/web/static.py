"""The style and the scripts of the pages, from our own origin and with a long cache."""

import hashlib
import subprocess
import sys
from functools import cache
from pathlib import Path
from threading import Thread
from typing import Final

from fastapi import APIRouter, HTTPException
from fastapi.responses import Response

from city_indicators.core.paths import PROJECT
from city_indicators.delivery.web.pages import Services

FOLDER: Final = Path(__file__).with_name("static")
TYPES: Final = {"css": "text/css", "js": "text/javascript"}
SCRIPT: Final = "charts.js"
"""The script that draws charts, which comes with the library that also draws their pictures."""
PICTURE: Final = (sys.executable, "-m", "city_indicators.delivery.charts.picture")
FOREVER: Final = {"Cache-Control": "private, max-age=31536000, immutable"}


def router(_services: Services) -> APIRouter:
    """The route `/static/{name}`; the app that includes it demands the login."""
    routes = APIRouter()

    @routes.get("/static/{name}")
    def static(name: str) -> Response:
        if name not in {SCRIPT, *(path.name for path in FOLDER.iterdir())}:
            raise HTTPException(404, f"there is no file {name!r}")
        return Response(content(name), media_type=TYPES[name.rpartition(".")[2]], headers=FOREVER)

    return routes


@cache
def address(name: str) -> str:
    """The address of a file relative to the pages; another content has another address."""
    if name == SCRIPT:
        # It takes seconds to write: the reader's page is on its way meanwhile.
        Thread(target=content, args=(SCRIPT,), daemon=True).start()
        from importlib.metadata import version

        return f"static/{name}?{version('vl-convert-python')}"
    return f"static/{name}?{hashlib.sha256(content(name)).hexdigest()[:12]}"


@cache
def content(name: str) -> bytes:
    """The bytes of a file; those of SCRIPT take seconds to write."""
    if name == SCRIPT:
        environment = {"PYTHONPATH": str(PROJECT / "plugins")}
        done = subprocess.run([*PICTURE, "script"], check=True, capture_output=True, env=environment)  # noqa: S603
        return done.stdout
    return FOLDER.joinpath(name).read_bytes()
