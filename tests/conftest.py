"""Fixtures for all tests: real files, PostgreSQL, object storage, a configured Airflow."""

import gc
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import URL, Engine, NullPool, create_engine

from city_indicators.catalog import Catalogue, load_catalogue
from city_indicators.core.intervals import Interval
from city_indicators.core.snapshots import Snapshot
from city_indicators.warehouse.catalog_sync import sync
from city_indicators.warehouse.upgrade import upgrade
from standalone import databases, postgres
from standalone.credentials import Credentials
from standalone.ports import pick
from standalone.postgres import Server
from standalone.services import Ports, environment
from standalone.settings import Settings
from standalone.stack import Stack
from tests import buckets, memory
from tests.publishers import Publisher, as_snapshot

PROJECT = Path(__file__).resolve().parents[1]
SHARED = PROJECT.parent / "shared"

SETTINGS = Settings(home=Path(tempfile.mkdtemp(prefix="ci-test-", dir=memory.folder())))
SETTINGS.make_folders()
SERVER = postgres.embedded(SETTINGS)
SERVERS = {"stack", "bucket_server"}
"""Fixtures that start PostgreSQL or an object storage."""
LONGEST_FIRST = ("end_to_end", "inventory", "warehouse", "browser", "dags", "deployment", "demo", "ingest")
"""Folders in the order in which their tests start; the others follow."""
# The processes of a parallel run pick ports at the same moment, so each gets its own range.
WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
PORTS = Ports(ui=pick(28080 + 20 * WORKER), mock_server=pick(28090 + 20 * WORKER))

# Airflow reads its configuration at its first import, which may be in any test module.
os.environ.update(environment(SETTINGS, SERVER, Credentials.load_or_make(SETTINGS.secrets), PORTS))


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that need a server; start the longest files first, so that none runs alone at last."""
    for item in items:
        if SERVERS.intersection(getattr(item, "fixturenames", ())):
            item.add_marker("server")
    items.sort(key=_place)


def pytest_unconfigure() -> None:
    """Remove what the process leaves in memory; processes of a parallel run end without `atexit`."""
    shutil.rmtree(SETTINGS.home, ignore_errors=True)


def _place(item: pytest.Item) -> int:
    folder = item.path.relative_to(Path(__file__).parent).parts[0]
    return LONGEST_FIRST.index(folder) if folder in LONGEST_FIRST else len(LONGEST_FIRST)


def pytest_collection_finish() -> None:
    """Let the garbage collector pass over what tests make, not each time over all that is imported."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000)


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real published files and recorded answers beside the checkout."""
    if SHARED.is_dir():
        return SHARED
    message = f"{SHARED} is absent: it holds the real files and recorded answers this test compares with"
    if os.environ.get("CI"):
        pytest.fail(message)
    pytest.skip(message)


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    """The shipped catalogue."""
    return load_catalogue()


@pytest.fixture(scope="session")
def years() -> Callable[[int, int], Interval]:
    """The interval from the first to the last year, both inclusive."""
    return lambda first, last: Interval(date(first, 1, 1), date(last + 1, 1, 1))


@pytest.fixture(scope="session")
def snapshot_of() -> Callable[..., tuple[Snapshot, bytes]]:
    """A snapshot and its bytes, as a connector gets them from the archive."""
    return as_snapshot


@pytest.fixture
def publisher() -> Callable[..., Publisher]:
    """Answers requests in order and records them."""
    return Publisher


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """The services that the session starts, stopped at its end."""
    with Stack(SETTINGS) as running:
        yield running


@pytest.fixture
def open_path() -> Iterator[Path]:
    """A folder that other users can read: PostgreSQL runs as another user if root runs the tests.

    pytest's own folders do not stay readable: any other session that starts makes them private again.
    """
    with tempfile.TemporaryDirectory(prefix="ci-test-", dir=memory.folder()) as folder:
        yield Path(folder)


@pytest.fixture(scope="session")
def bucket_server() -> Iterator[str]:
    """The address of an S3-compatible server with an empty bucket."""
    server = buckets.Server()
    yield server.url
    server.stop()


@pytest.fixture(params=["local", "s3"])
def storage(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The address of an empty folder, on the disk or in a bucket, as in a setting."""
    if request.param == "local":
        return tmp_path.joinpath("storage").as_uri()
    return buckets.folder(request.getfixturevalue("bucket_server"), monkeypatch)


@pytest.fixture(scope="session")
def server(stack: Stack) -> Server:
    """A separate PostgreSQL with the roles and the databases of the project."""
    started = postgres.start(stack)
    with create_engine(started.admin, isolation_level="AUTOCOMMIT").connect() as connection:
        # The data need not survive a crash; tests of crashes start their own server.
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            connection.exec_driver_sql(f"alter system set {setting} = off")
        connection.exec_driver_sql("select pg_reload_conf()")
    databases.create(started)
    upgrade(started.url(databases.WAREHOUSE, "etl"))
    sync(started.url(databases.WAREHOUSE, "etl"))
    return started


NUMBER = count()


def copied(server: Server, template: str = databases.WAREHOUSE) -> URL:
    """A copy of a warehouse, by default of one with the catalogue and no observations."""
    name = f"test_{next(NUMBER)}"
    _as_admin(server, f"create database {name} template {template} owner etl")
    return server.url(name, "etl")


@contextmanager
def new_warehouse(server: Server, template: str = databases.WAREHOUSE) -> Iterator[URL]:
    """A copy of a warehouse as of `copied`, dropped at the end."""
    url = copied(server, template)
    yield url
    _as_admin(server, f"drop database {url.database} with (force)")


def _as_admin(server: Server, statement: str) -> None:
    admin = create_engine(server.admin, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with admin.connect() as connection:
        connection.exec_driver_sql(statement)


@pytest.fixture
def warehouse_url(server: Server) -> Iterator[URL]:
    """A separate warehouse for one test."""
    with new_warehouse(server) as url:
        yield url


@pytest.fixture
def warehouse(warehouse_url: URL) -> Iterator[Engine]:
    """An engine on `warehouse_url`, acting as role etl."""
    engine = create_engine(warehouse_url)
    yield engine
    engine.dispose()
