"""Rights of the roles in the warehouse, and repeated upgrades."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from sqlalchemy import URL, Connection, Engine, create_engine, text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.pool import NullPool

from city_indicators.reports.refresh import refresh
from city_indicators.warehouse.catalog_sync import sync
from city_indicators.warehouse.upgrade import upgrade
from standalone.databases import WAREHOUSE
from standalone.postgres import Server
from tests.methods import METHODS, RESEARCH
from tests.warehouse.conftest import Publisher
from tests.warehouse.test_publish import MANY

SCHEMAS = {"archive", "catalog", "core", "ops", "quality", "report"}
CORE_FOR_RESEARCHERS = {
    "core.observation",
    "core.observation_latest",
    "core.block_latest",
    "core.observation_version",
    "core.best_practice_version",
    "core.best_practice_current",
}
PRIVILEGES = """
    select
        format('%I.%I', schema.nspname, class.relname) as relation,
        coalesce(array_agg(privilege order by privilege) filter (where
            case
                when privilege in ('SELECT', 'INSERT', 'UPDATE', 'REFERENCES')
                    then has_any_column_privilege(:role, class.oid, privilege)
                else has_table_privilege(:role, class.oid, privilege)
            end
        ), '{}') as granted
    from pg_class as class
    join pg_namespace as schema on schema.oid = class.relnamespace
    cross join unnest(
        array['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER', 'MAINTAIN']
    ) as privilege
    where class.relkind in ('r', 'p', 'v', 'm', 'f')
        and schema.nspname !~ '^pg_' and schema.nspname <> 'information_schema'
    group by 1
"""


@pytest.fixture
def connect(warehouse_url: URL) -> Iterator[Callable[[str], Connection]]:
    """Opens a new connection to the warehouse as a role."""
    engines: list[Engine] = []

    def connection(role: str) -> Connection:
        engines.append(create_engine(warehouse_url.set(username=role), isolation_level="AUTOCOMMIT"))
        return engines[-1].connect()

    yield connection
    for engine in engines:
        engine.dispose()


def readable(role: str, relations: set[str]) -> set[str]:
    """The relations that a role may read."""
    if role == "researcher":
        return {r for r in relations if r.startswith("report.")} | CORE_FOR_RESEARCHERS
    return relations


@pytest.mark.parametrize("role", ["researcher", "steward"])
def test_a_role_reads_its_relations_and_writes_nothing(
    role: str, connect: Callable[[str], Connection], warehouse: Engine, publisher: Publisher
) -> None:
    refused = publisher.validate({**MANY, "RUS": -5})
    publisher.publish(refused)
    refresh(warehouse, METHODS, RESEARCH, datetime(2026, 2, 1, tzinfo=UTC))
    with warehouse.connect() as owner:
        granted = {row.relation: row.granted for row in owner.execute(text(PRIVILEGES), {"role": role})}
        assert {relation.partition(".")[0] for relation in granted} == SCHEMAS
        expected = readable(role, set(granted))
        assert {r: p for r, p in granted.items() if p} == {r: ["SELECT"] for r in expected}
        counts = {relation: rows(owner, relation) for relation in granted}
    assert counts["report.rating"] == 48
    assert counts["core.observation"] == counts["core.observation_version"] == len(MANY) - 1
    assert counts["quality.rejected_row"] == counts["report.rejected_rows"] == 1
    with connect(role) as connection:
        for relation, count in counts.items():
            if relation in expected:
                assert rows(connection, relation) == count, relation
            else:
                with pytest.raises(ProgrammingError, match="permission denied"):
                    rows(connection, relation)


def rows(connection: Connection, relation: str) -> int:
    count: int = connection.execute(text(f"select count(*) from {relation}")).scalar_one()  # noqa: S608
    return count


@pytest.mark.parametrize("role", ["researcher", "steward"])
@pytest.mark.parametrize(
    "statement",
    [
        "delete from report.rating",
        "update quality.rejected_row set reason = ''",
        "insert into core.observation_state (ref_area) values ('x')",
        "truncate ops.load cascade",
        "create table report.mine (x integer)",
        "create table public.mine (x integer)",
        "create schema mine",
        "select nextval('ops.load_load_id_seq')",
        "set role etl",
    ],
)
def test_readers_change_nothing(role: str, statement: str, connect: Callable[[str], Connection]) -> None:
    with connect(role) as connection, pytest.raises(ProgrammingError, match="permission denied"):
        connection.execute(text(statement))


@pytest.mark.parametrize("role", ["researcher", "steward"])
@pytest.mark.parametrize(
    "statement",
    [
        "create temporary table mine (x integer)",
        "create function pg_temp.mine() returns integer language sql as 'select 1'",
        "select lo_create(0)",
        "select lo_from_bytea(0, '')",
        "select pg_advisory_lock(1)",
        "select pg_try_advisory_xact_lock_shared(1, 2)",
        "select pg_read_file('/etc/passwd')",
        "copy report.rating to '/tmp/mine'",
        "copy (select 1) to program 'true'",
        "set session_replication_role = replica",
        "alter role etl set work_mem = '1MB'",
        "select report.make_wide_view('climate_world')",
        "select * from pg_catalog.pg_authid",
    ],
)
def test_readers_have_no_other_rights_on_the_server(role: str, statement: str, server: Server) -> None:
    engine = create_engine(server.url(WAREHOUSE, role), isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with engine.connect() as connection, pytest.raises(ProgrammingError, match="permission denied"):
        connection.exec_driver_sql(statement)


@pytest.mark.parametrize("role", ["researcher", "steward"])
def test_readers_cannot_end_other_sessions(
    role: str, connect: Callable[[str], Connection], warehouse: Engine
) -> None:
    with warehouse.connect() as loading, connect(role) as connection:
        pid = {"pid": loading.scalar(text("select pg_backend_pid()"))}
        for function in ("pg_cancel_backend", "pg_terminate_backend"):
            with pytest.raises(ProgrammingError, match="permission denied"):
                connection.execute(text(f"select {function}(:pid)"), pid)


def test_only_lineage_is_security_definer_and_has_no_search_path(
    query: Callable[[str], list[tuple[object, ...]]],
) -> None:
    assert query("select oid::regprocedure::text, provolatile, proconfig from pg_proc where prosecdef") == [
        ("report.lineage(text,jsonb)", "s", ['search_path=""'])
    ]


def test_no_function_looks_for_names_in_a_schema_that_it_does_not_name(
    query: Callable[[str], list[tuple[object, ...]]],
) -> None:
    assert query("""
        select distinct setting from pg_proc, unnest(proconfig) as setting
        where pronamespace in ('report'::regnamespace, 'core'::regnamespace, 'quality'::regnamespace)
    """) == [('search_path=""',)]


def test_a_new_table_is_readable_by_the_roles_of_its_schema(
    connect: Callable[[str], Connection], warehouse: Engine
) -> None:
    with warehouse.begin() as owner:
        for schema in SCHEMAS:
            owner.execute(text(f"create table {schema}.new_table (x integer)"))
        granted = {
            role: {row.relation for row in owner.execute(text(PRIVILEGES), {"role": role}) if row.granted}
            for role in ("researcher", "steward")
        }
    assert {r for r in granted["researcher"] if r.endswith(".new_table")} == {"report.new_table"}
    assert {r for r in granted["steward"] if r.endswith(".new_table")} == {f"{s}.new_table" for s in SCHEMAS}


@pytest.mark.parametrize(
    ("role", "statement", "idle"),
    [("researcher", "1min", "5min"), ("steward", "5min", "5min"), ("etl", "0", "0")],
)
def test_a_connection_has_the_timeouts_of_its_role(
    role: str, statement: str, idle: str, connect: Callable[[str], Connection]
) -> None:
    with connect(role) as connection:
        assert connection.scalar(text("show statement_timeout")) == statement
        assert connection.scalar(text("show idle_in_transaction_session_timeout")) == idle


def test_upgrading_and_syncing_again_changes_nothing(warehouse_url: URL) -> None:
    engine = create_engine(warehouse_url)
    count = text("select count(*) from catalog.city")
    upgrade(warehouse_url)
    sync(warehouse_url)
    with engine.connect() as connection:
        assert connection.execute(count).scalar_one() == 48
