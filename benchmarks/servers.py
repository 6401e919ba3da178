"""A warehouse on a server of its own, for one measurement."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import URL

from city_indicators.warehouse.upgrade import upgrade
from standalone import databases, postgres
from standalone.settings import Settings
from standalone.stack import Stack


@dataclass(frozen=True)
class TemporaryWarehouse:
    """An empty warehouse: its address, the process id of the server, and a folder for files."""

    url: URL
    server: int
    folder: Path


@contextmanager
def temporary_warehouse() -> Iterator[TemporaryWarehouse]:
    """Start a server with an empty warehouse, and remove both at the end."""
    with TemporaryDirectory(prefix="bench-") as home:
        settings = Settings(home=Path(home))
        settings.make_folders()
        with Stack(settings) as stack:
            server = postgres.start(stack)
            databases.create(server)
            url = server.url(databases.WAREHOUSE, "etl")
            upgrade(url)
            yield TemporaryWarehouse(url, stack.services[postgres.SERVICE].pid, settings.home)
