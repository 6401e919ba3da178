"""Everything that readers may execute and set on the server, by listing it; and their limits."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

import psycopg
import pytest
from psycopg.errors import (
    CantChangeRuntimeParam,
    InsufficientPrivilege,
    ProgramLimitExceeded,
    TooManyConnections,
)
from sqlalchemy import Engine, create_engine
from sqlalchemy.pool import NullPool

from city_indicators.warehouse.readers import LIMITS, Limit, end_overlong
from standalone.databases import WAREHOUSE
from standalone.postgres import Server

READERS: Final = ("researcher", "steward")
DECLARED: Final = Path(__file__).with_name("reader_rights.txt")
NEVER: Final = 1_000_000
EFFECTS: Final = """
    select routine.proname
    from pg_proc as routine
    join pg_namespace as schema on schema.oid = routine.pronamespace
    where (routine.provolatile = 'v' or routine.prosecdef)
        and routine.prorettype not in ('trigger'::regtype, 'event_trigger'::regtype)
        and has_schema_privilege(current_user, schema.oid, 'usage')
        and has_function_privilege(current_user, routine.oid, 'execute')
"""
ACTIVE: Final = "select from pg_stat_activity where pid = %s and query ~ 'pg_sleep' and state = 'active'"


@pytest.fixture(scope="module")
def declared() -> dict[str, set[str]]:
    """The names in reader_rights.txt by kind: function, setting."""
    rights: dict[str, set[str]] = {"function": set(), "setting": set()}
    for line in DECLARED.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            kind, name = line.split()
            rights[kind].add(name)
    return rights


@contextmanager
def session(server: Server, role: str) -> Iterator[psycopg.Connection]:
    url = server.url(WAREHOUSE, role)._replace(drivername="postgresql").render_as_string()
    connection = psycopg.connect(url, autocommit=True)
    try:
        yield connection
    finally:
        connection.close()


@pytest.fixture
def etl(server: Server) -> Iterator[Engine]:
    engine = create_engine(server.url(WAREHOUSE, "etl"), poolclass=NullPool)
    yield engine
    engine.dispose()


def alive(server: Server, pid: int) -> bool:
    with session(server, "postgres") as administrator:
        return bool(administrator.execute("select from pg_stat_activity where pid = %s", [pid]).fetchall())


@pytest.mark.parametrize("role", READERS)
def test_the_functions_with_side_effects_that_a_reader_may_execute_are_declared(
    role: str, server: Server, declared: dict[str, set[str]]
) -> None:
    with session(server, role) as reader:
        assert {name for (name,) in reader.execute(EFFECTS)} == declared["function"]


@pytest.mark.parametrize("role", READERS)
def test_the_settings_that_a_reader_may_change_are_declared(
    role: str, server: Server, declared: dict[str, set[str]]
) -> None:
    changeable = set()
    with session(server, role) as reader:
        names = [name for (name,) in reader.execute("select name from pg_settings")]
        assert len(names) > 300
        for name in names:
            try:
                reader.execute("select set_config(%s, current_setting(%s), true)", [name, name])
            except (InsufficientPrivilege, CantChangeRuntimeParam):
                continue
            except psycopg.DatabaseError:
                # The server takes it from this role, only not now or not with this value.
                pass
            changeable.add(name)
    assert changeable == declared["setting"]


@pytest.mark.parametrize("role", READERS)
@pytest.mark.parametrize("statement", ["do $$ begin end $$", "create extension hstore", "load 'plpgsql'"])
def test_a_reader_runs_no_code_in_the_server(role: str, statement: str, server: Server) -> None:
    with session(server, role) as reader, pytest.raises(InsufficientPrivilege):
        reader.execute(statement)


@pytest.mark.parametrize("role", READERS)
def test_a_reader_cannot_raise_the_limits_of_its_disk_and_connections(role: str, server: Server) -> None:
    with session(server, role) as reader:
        for name, value in (("temp_file_limit", "512MB"), ("client_connection_check_interval", "10s")):
            assert reader.execute(f"show {name}").fetchone() == (value,)
        for statement in (
            "set temp_file_limit = -1",
            f"alter role {role} set temp_file_limit = -1",
            f"alter role {role} reset temp_file_limit",
            f"alter role {role} connection limit -1",
        ):
            with pytest.raises(InsufficientPrivilege):
                reader.execute(statement)


@pytest.mark.parametrize(("role", "limit"), [("researcher", 20), ("steward", 10)])
def test_a_role_has_a_limited_number_of_connections(role: str, limit: int, server: Server) -> None:
    with ExitStack() as sessions:
        for _ in range(limit):
            sessions.enter_context(session(server, role))
        with (
            pytest.raises((TooManyConnections, psycopg.OperationalError), match="too many connections"),
            session(server, role),
        ):
            pass


def test_messages_to_a_listener_that_does_not_read_fill_half_a_megabyte_at_most(server: Server) -> None:
    with session(server, "researcher") as listener, session(server, "researcher") as sender:
        listener.execute("listen everything")
        listener.execute("begin")
        listener.execute("select 1")
        message = "notify everything, '" + "x" * 7900 + "'"
        with pytest.raises(ProgramLimitExceeded, match="too many notifications"):
            sender.execute(";commit;".join([message] * 100))


def test_the_watch_has_the_limits_that_the_roles_have_as_timeouts(server: Server) -> None:
    def seconds(reader: psycopg.Connection, setting: str) -> int:
        (value,) = reader.execute(
            "select extract(epoch from current_setting(%s)::interval)::int", [setting]
        ).fetchone() or (None,)
        assert isinstance(value, int)
        return value

    for role, limit in LIMITS.items():
        with session(server, role) as reader:
            assert seconds(reader, "statement_timeout") == limit.statement
            assert seconds(reader, "transaction_timeout") == limit.transaction
    assert set(LIMITS) == set(READERS)


@contextmanager
def running(server: Server, role: str) -> Iterator[psycopg.Connection]:
    """A session whose statement goes on for ever, because it has lifted its timeouts."""
    with session(server, role) as reader, session(server, "postgres") as administrator:
        pid = [reader.info.backend_pid]
        reader.execute("set statement_timeout = 0")
        reader.execute("set transaction_timeout = 0")
        reader.execute("set client_connection_check_interval = '20ms'")
        reader.pgconn.send_query(b"select pg_sleep(100000)")
        while not administrator.execute(ACTIVE, pid).fetchall():
            pass
        yield reader
        reader.close()
        while alive(server, *pid):
            pass


def test_the_statement_of_a_client_that_has_gone_ends(server: Server) -> None:
    with running(server, "researcher") as reader:
        pid = reader.info.backend_pid
        reader.close()
        while alive(server, pid):
            pass


@pytest.mark.parametrize("role", READERS)
def test_ends_a_statement_that_has_lifted_its_timeout(role: str, server: Server, etl: Engine) -> None:
    other = "steward" if role == "researcher" else "researcher"
    with running(server, role) as reader, running(server, other) as untouched, session(server, role) as idle:
        pid = reader.info.backend_pid
        with etl.begin() as connection:
            assert end_overlong(connection, LIMITS) == []
            limits = {role: Limit(0, NEVER), other: Limit(NEVER, NEVER)}
            (ended,) = end_overlong(connection, limits)
        assert (ended["pid"], ended["role"], ended["what"], ended["ended"]) == (pid, role, "statement", True)
        assert ended["query"] == "select pg_sleep(100000)"
        while alive(server, pid):
            pass
        assert alive(server, untouched.info.backend_pid)
        assert idle.execute("select 1").fetchone() == (1,)


@pytest.mark.parametrize("role", READERS)
def test_ends_a_transaction_that_is_left_open(role: str, server: Server, etl: Engine) -> None:
    with session(server, role) as reader, session(server, role) as idle, session(server, "etl") as loading:
        for each in (reader, loading):
            each.execute("begin")
            each.execute("select 1")
        with etl.begin() as connection:
            assert end_overlong(connection, {role: Limit(0, NEVER)}) == []
            (ended,) = end_overlong(connection, {role: Limit(NEVER, 0)})
        assert (ended["pid"], ended["what"]) == (reader.info.backend_pid, "transaction")
        with pytest.raises(psycopg.OperationalError):
            reader.execute("select 1")
        assert idle.execute("select 1").fetchone() == loading.execute("select 1").fetchone() == (1,)
