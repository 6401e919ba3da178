"""The embedded server and its databases, started for real, also in a deep data folder."""

import os
from pathlib import Path

import psutil
import pytest
from sqlalchemy import create_engine, make_url, text
from sqlalchemy.exc import DBAPIError

from standalone import databases, postgres
from standalone.errors import LocalStackError, NotRunningError
from standalone.settings import POSTGRES_URL_VARIABLE, Settings
from standalone.shell import environment_of_running
from standalone.stack import Stack


@pytest.fixture(autouse=True)
def embedded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(POSTGRES_URL_VARIABLE, raising=False)


@pytest.mark.parametrize("folder", ["short", "мой проект, 1+1", "/".join(["deep"] * 25)])
def test_server_roles_and_databases(open_path: Path, folder: str) -> None:
    home = open_path / folder / ".local"
    home.parent.mkdir(parents=True)
    settings = Settings(home=home)
    with Stack(settings) as stack:
        server = postgres.start(stack)
        for _ in range(2):
            databases.create(server)
        assert postgres.find(settings) == server
        assert query(server, "warehouse", "etl", "select current_user || pg_backend_pid()").startswith("etl")
        with pytest.raises(DBAPIError, match="permission denied"):
            query(server, "warehouse", "researcher", "create schema mine")
        assert query(server, "airflow", None, "show listen_addresses") == ""
        assert postgres.run("psql", server.url("warehouse", "etl"), "--command=select") == ""
        pid = stack.services["postgres"].pid
    assert not psutil.pid_exists(pid)
    assert (
        str(server.admin.query["host"]) == str(settings.pgdata)
        or not Path(server.admin.query["host"]).exists()
    )
    with pytest.raises(NotRunningError, match="make demo"):
        postgres.find(settings)


def test_a_given_server_acts_as_the_role(open_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings(home=open_path / "first")
    with Stack(settings) as stack:
        url = postgres.start(stack).admin.render_as_string(hide_password=False)
        monkeypatch.setenv(POSTGRES_URL_VARIABLE, url.replace("+psycopg", ""))
        with Stack(Settings(home=open_path / "second")) as other:
            server = postgres.start(other)
            assert not other.services
            databases.create(server)
            assert query(server, "warehouse", "etl", "select current_user") == "etl"


def test_a_given_server_that_does_not_answer_is_named(
    open_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(POSTGRES_URL_VARIABLE, f"postgresql://x@/y?host={open_path}")
    with (
        Stack(Settings(home=open_path / "h")) as stack,
        pytest.raises(LocalStackError, match="unset the variable"),
    ):
        postgres.start(stack)


def query(server: postgres.Server, database: str, role: str | None, sql: str) -> str:
    engine = create_engine(server.url(database, role))
    try:
        with engine.connect() as connection:
            return str(connection.scalar(text(sql)))
    finally:
        engine.dispose()


def test_a_shell_needs_a_running_stack(open_path: Path) -> None:
    with pytest.raises(NotRunningError, match="make demo"):
        environment_of_running(Settings(home=open_path / "h"))


def test_client_arguments_have_no_password(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    client = tmp_path / "client"
    client.write_text(
        '#!/bin/sh\necho "$*" >&2\n[ "$PGPASSWORD" = "s%40cret/" ] || echo "no password" >&2\nexit 1\n'
    )
    client.chmod(0o755)
    monkeypatch.setattr(postgres, "_binary", lambda _: str(client))
    server = postgres.Server(
        make_url("postgresql+psycopg://boss:s%2540cret%2F@db.example/postgres"), embedded=False
    )
    url = server.url("warehouse", "etl")
    assert postgres.run("pg_dump", url) == (
        "--dbname host=db.example dbname=warehouse user=boss options=-crole=etl"
    )
    started: list[tuple[str, list[str]]] = []
    monkeypatch.setattr(os, "execve", lambda file, command, _: started.append((file, command)))
    postgres.psql(server, "warehouse")
    assert "cret" not in f"{started} {server!r} {url!r}"
