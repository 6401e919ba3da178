"""Lock timeouts of the warehouse, and errors that name the session that holds the lock."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Final

import pytest
from sqlalchemy import URL, Connection, Engine, text
from sqlalchemy.exc import OperationalError

from city_indicators.core.errors import LockHeldError
from city_indicators.orchestration.retries import RETRY_TRANSIENT
from city_indicators.reports.editions.freeze import propose
from city_indicators.reports.refresh import refresh
from city_indicators.warehouse import database, upgrade
from city_indicators.warehouse.database import engine, statement
from tests.methods import LENIENT, RESEARCH
from tests.warehouse.conftest import Publisher
from tests.warehouse.test_publish import MANY

SECONDS: Final = 60
AT: Final = datetime(2026, 2, 1, tzinfo=UTC)
WAITING = "select count(*) from pg_locks where locktype = 'advisory' and not granted"
TRY = "select pg_try_advisory_xact_lock(hashtextextended('publish ' || :source, 0))"


@contextmanager
def publishing(warehouse: Engine, source: str) -> Iterator[int]:
    """Hold the lock of a source like a publication that does not end; gives its session id."""
    with warehouse.begin() as connection:
        connection.execute(statement("publish/lock_source"), {"source": source})
        yield connection.exec_driver_sql("select pg_backend_pid()").scalar_one()


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_loading_sessions_have_a_lock_timeout_and_keepalives(warehouse: Engine) -> None:
    with warehouse.connect() as connection:
        assert connection.exec_driver_sql("show lock_timeout").scalar_one() == "20min"
        settings = connection.exec_driver_sql("select rolconfig from pg_roles where rolname = 'etl'")
        configured = dict(each.split("=") for each in settings.scalar_one())
        # Keepalives apply to connections from other machines, not to the local socket.
        socket_has = connection.exec_driver_sql("show tcp_keepalives_idle").scalar_one()
    assert (
        configured.items()
        >= {
            "tcp_keepalives_idle": "30s",
            "tcp_keepalives_interval": "10s",
            "tcp_keepalives_count": "3",
            "tcp_user_timeout": "60s",
        }.items()
    )
    assert socket_has == "0"


def test_a_lock_timeout_names_the_holder_and_is_retried(warehouse: Engine, warehouse_url: URL) -> None:
    with publishing(warehouse, "un_wup") as pid, engine(warehouse_url).begin() as impatient:
        impatient.exec_driver_sql("set local lock_timeout = '100ms'")
        with pytest.raises(LockHeldError) as caught:
            impatient.execute(statement("publish/lock_source"), {"source": "un_wup"})
    message = str(caught.value)
    assert f"session {pid}, on this machine, idle in transaction since 20" in message
    assert f"Next step: none while its task runs; else end it by `select pg_terminate_backend({pid})`" in (
        message
    )
    assert RETRY_TRANSIENT.evaluate(caught.value, 1, 3).action.value == "retry"


def test_a_timeout_for_a_locked_row_names_the_holder(
    publisher: Publisher, warehouse: Engine, warehouse_url: URL
) -> None:
    publisher.load(MANY)
    change = text("update ops.load set revision = 'r1'")
    with warehouse.begin() as holder, engine(warehouse_url).begin() as impatient:
        pid = holder.exec_driver_sql("select pg_backend_pid()").scalar_one()
        holder.execute(change)
        impatient.exec_driver_sql("set local lock_timeout = '100ms'")
        with pytest.raises(LockHeldError, match=f"session {pid}, .*: update ops"):
            impatient.execute(change)


def test_a_connection_to_a_silent_server_times_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "CONNECT_SECONDS", 2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        url = URL.create("postgresql+psycopg", "etl", host="127.0.0.1", port=port, database="warehouse")
        with pytest.raises(OperationalError, match="timeout"):
            engine(url).connect()


def test_an_upgrade_has_a_short_lock_timeout(warehouse_url: URL, monkeypatch: pytest.MonkeyPatch) -> None:
    limits = []

    def comment(connection: Connection, *_: object) -> None:
        limits.append(connection.exec_driver_sql("show lock_timeout").scalar_one())

    monkeypatch.setattr(upgrade, "comment", comment)
    upgrade.upgrade(warehouse_url)
    assert limits == ["1min"]


@pytest.mark.parametrize("published", ["world_bank", "best_practice_cases"])
def test_a_waiting_proposal_of_an_edition_blocks_no_other_source(
    publisher: Publisher, warehouse: Engine, published: str
) -> None:
    publisher.load({**MANY, "RUS": 60000.1, "CHN": 30000.3})
    refresh(warehouse, {LENIENT.id: LENIENT}, RESEARCH, AT)
    over = threading.Event()

    def clock() -> datetime:
        assert over.is_set()
        with warehouse.begin() as other:
            assert not other.execute(text(TRY), {"source": "cdp_emissions"}).scalar_one()
        return AT

    def desk() -> int:
        with warehouse.begin() as connection:
            return propose(connection, "climate_first", "2019", "A trial", clock).n_ranked

    with ThreadPoolExecutor(1) as pool:
        with publishing(warehouse, published):
            proposed = pool.submit(desk)
            with warehouse.connect() as watcher:
                wait_for(lambda: watcher.exec_driver_sql(WAITING).scalar_one() == 1)
            with warehouse.begin() as other:
                free = {
                    source: other.execute(text(TRY), {"source": source}).scalar_one()
                    for source in ("cdp_emissions", "un_wup", published)
                }
            assert free == {"cdp_emissions": True, "un_wup": True, published: False}
            over.set()
        assert proposed.result(SECONDS) > 0
