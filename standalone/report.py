"""Writes the report of the latest year as a draft: nobody has approved it yet."""

from pathlib import Path
from typing import Final

from city_indicators.__main__ import main
from standalone import databases
from standalone.errors import RunsFailedError
from standalone.postgres import Server

DOCUMENT: Final = "climate_world"


def write(server: Server, folder: Path) -> None:
    """Write the report of the latest year with ranks, in English, into a folder, and print its path.

    Raises:
        RunsFailedError: it cannot be made.
    """
    folder.mkdir(exist_ok=True)
    year = databases.top_ten(server, DOCUMENT)[0]["time_period"]
    out = folder / f"{DOCUMENT}-{year}-draft.en.pdf"
    warehouse = server.url(databases.WAREHOUSE, "etl").render_as_string(hide_password=False)
    if main(["document", DOCUMENT, "--draft", str(year), "--out", str(out), "--warehouse", warehouse]):
        raise RunsFailedError(f"the report of {year} cannot be made", "read what is printed above")
