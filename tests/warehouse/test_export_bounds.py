"""Exports run in processes that end with their request; too many at once and too large ones are refused."""

import json
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import replace
from pathlib import Path
from typing import IO, Any, Final

import httpx
import psutil
import pytest
import uvicorn
from sqlalchemy import URL, Engine, create_engine, text
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.middleware.gzip import GZipMiddleware

from city_indicators.delivery.exports.files import chunks
from city_indicators.delivery.exports.order import Bounds
from city_indicators.delivery.web import exporting
from standalone.postgres import Server
from tests.conftest import new_warehouse
from tests.warehouse.pages import USER, pages
from tests.warehouse.test_locks import wait_for

VIEWS: Final = """
create view report.slow as
select n, pg_sleep(1000)::text as slept from generate_series(1, 3) as n;
create view report.long as
select n, repeat('x', 1000) as words from generate_series(1, 100000) as n;
create view report.varied as
select repeat('x', 2000) || n as indicator from generate_series(1, 100000) as n;
create table report.three as select n from generate_series(1, 3) as n;
"""
BACKENDS: Final = text(
    "select count(*) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"
)


@pytest.fixture(scope="module")
def url(server: Server) -> Iterator[URL]:
    """A warehouse with views that take long."""
    with new_warehouse(server) as made:
        engine = create_engine(made)
        with engine.begin() as connection:
            connection.exec_driver_sql(VIEWS, execution_options={"no_parameters": True})
        engine.dispose()
        yield made


@pytest.fixture
def warehouse(url: URL) -> Iterator[Engine]:
    engine = create_engine(url)
    yield engine
    engine.dispose()


async def passed_on(request: Any, following: Any) -> Any:
    """What Airflow's own middleware does with a request that is not its own."""
    return await following(request)


@pytest.fixture(autouse=True)
def only_these(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Let no folder that another program left count."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))


@pytest.fixture
def client(url: URL, tmp_path: Path) -> Iterator[httpx.Client]:
    """A client of the pages on a real server, behind middleware as in Airflow."""
    # The connection of Airflow has the folder of the socket as its host.
    app = pages(url.set(host=url.query["host"]).difference_update_query(["host"]), tmp_path)
    app.add_middleware(BaseHTTPMiddleware, dispatch=passed_on)
    app.add_middleware(GZipMiddleware, minimum_size=1024)
    running = uvicorn.Server(uvicorn.Config(app, port=0, log_level="critical", lifespan="off"))
    thread = threading.Thread(target=running.run)
    thread.start()
    wait_for(lambda: running.started)
    port = running.servers[0].sockets[0].getsockname()[1]
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", headers=USER, timeout=60, trust_env=False) as made:
        yield made
    running.should_exit = True
    thread.join()


def processes() -> list[psutil.Process]:
    """The running processes of exports."""
    found = []
    for child in psutil.Process().children(recursive=True):
        with suppress(psutil.NoSuchProcess, psutil.ZombieProcess):
            if any("exports.child" in part for part in child.cmdline()):
                found.append(child)
    return found


def folders() -> list[Path]:
    return list(Path(tempfile.gettempdir()).glob("city-indicators-export-*"))


@pytest.fixture
def backends(warehouse: Engine) -> Callable[[], int]:
    """The number of sessions of exports, with the transaction of each."""

    def count() -> int:
        with warehouse.connect() as connection:
            return int(connection.execute(BACKENDS).scalar_one())

    return count


def in_thread(client: httpx.Client, path: str) -> threading.Thread:
    """Request a path that answers only when its connection is closed."""

    def request() -> None:
        with pytest.raises(httpx.HTTPError):
            client.get(path, timeout=httpx.Timeout(60, read=1))

    thread = threading.Thread(target=request)
    thread.start()
    return thread


@pytest.mark.parametrize("format_", ["xlsx", "csv"])
def test_a_reader_who_leaves_before_the_answer_ends_the_export(
    client: httpx.Client, backends: Callable[[], int], format_: str
) -> None:
    before = backends()
    # The reader leaves after a second, while the database sleeps.
    leaving = in_thread(client, f"/export/slow?format={format_}")
    wait_for(lambda: bool(processes()))
    leaving.join()
    wait_for(lambda: not processes() and not folders() and backends() == before)
    assert client.get("/export/three").text == "n\n1\n2\n3\n"


def test_a_reader_who_leaves_within_the_answer_ends_the_export(
    client: httpx.Client, backends: Callable[[], int]
) -> None:
    before = backends()
    with client.stream("GET", "/export/long") as answer:
        parts = answer.iter_raw()
        assert next(parts).startswith(b"n,words\n1,xxx")
        # The file is complete: whoever reads it slowly holds no transaction.
        assert (backends(), processes()) == (before, [])
        assert len(folders()) == 1
    wait_for(lambda: not folders())
    assert client.get("/export/three").status_code == 200


def test_an_export_that_is_complete_leaves_nothing(client: httpx.Client, backends: Callable[[], int]) -> None:
    before = backends()
    assert client.get("/export/long").text.count("\n") == 100_001
    assert client.get("/export/three?format=xlsx").content.startswith(b"PK")
    wait_for(lambda: not processes() and not folders() and backends() == before)


def test_an_export_that_the_server_gives_up_is_seen_as_incomplete(
    client: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:

    def cut(file: IO[bytes]) -> Iterator[bytes]:
        yield next(chunks(file))
        raise OSError("the disk is lost")

    monkeypatch.setattr(exporting, "chunks", cut)
    with pytest.raises(httpx.RemoteProtocolError):
        client.get("/export/long")
    monkeypatch.undo()
    assert client.get("/export/three").status_code == 200


def test_more_exports_at_once_are_refused_until_one_has_ended(client: httpx.Client) -> None:
    with ExitStack() as readers:
        for _ in range(exporting.AT_ONCE):
            answer = readers.enter_context(client.stream("GET", "/export/long"))
            assert answer.status_code == 200
        refused = client.get("/export/three")
        assert (refused.status_code, refused.headers["retry-after"]) == (503, "30")
        assert refused.json()["detail"] == "2 exports are being made. Next step: try again in 30 seconds"
        assert client.get("/downloads").status_code == 200
    wait_for(lambda: client.get("/export/three").status_code == 200)


@pytest.mark.parametrize("format_", ["csv", "xlsx"])
def test_more_rows_than_a_download_has_are_refused_with_the_way_out(
    client: httpx.Client, bounds: Callable[..., None], format_: str
) -> None:
    bounds(rows=dict.fromkeys(exporting.BOUNDS.rows, 2))
    refused = client.get(f"/export/three?format={format_}")
    assert refused.status_code == 422
    assert refused.json()["detail"] == (
        f"export of three: report.three has more rows than the 2 of a download as {format_}. Next step: "
        "select fewer rows with a condition (where=column=value), or write it with `python -m "
        "city_indicators export`, which has no bounds"
    )
    assert client.get(f"/export/three?format={format_}&where=n%3D1").status_code == 200
    bounds(rows=dict.fromkeys(exporting.BOUNDS.rows, 3))
    assert client.get(f"/export/three?format={format_}").status_code == 200


@pytest.fixture
def bounds(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Change some bounds."""

    def change(**changed: Any) -> None:
        monkeypatch.setattr(exporting, "BOUNDS", replace(exporting.BOUNDS, **changed))

    return change


def test_an_export_that_takes_too_long_is_refused_with_the_way_out(
    client: httpx.Client, bounds: Callable[..., None], backends: Callable[[], int]
) -> None:
    before = backends()
    bounds(seconds=8)
    refused = client.get("/export/slow")
    assert refused.status_code == 504
    assert "it takes more than the 8 seconds of a download. Next step: select fewer" in refused.text
    wait_for(lambda: not processes() and not folders() and backends() == before)


@pytest.mark.parametrize(
    ("bound", "message"),
    [
        ({"memory": 200 << 20}, "it takes more than the 200 MB of memory of a download. Next step: select"),
        ({"disk": 1 << 20}, "it takes more than the 1 MB on the disk of a download. Next step: select"),
    ],
)
def test_an_export_that_takes_too_much_is_refused_with_the_way_out(
    client: httpx.Client, bounds: Callable[..., None], bound: dict[str, int], message: str
) -> None:
    bounds(**bound)
    refused = client.get("/export/varied?format=xlsx")
    assert refused.status_code == 422, refused.text
    assert message in refused.text
    assert client.get("/export/three?format=xlsx").status_code == 200


def test_the_password_of_the_warehouse_is_no_argument_and_not_shown() -> None:
    order = exporting.Order({"password": "secret"}, "three", (), "csv", "en")
    assert "secret" not in repr(order) + json.dumps(exporting.PROGRAM)
    assert isinstance(exporting.BOUNDS, Bounds)
