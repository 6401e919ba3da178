"""From every earlier schema, with figures in place, to the newest: nothing of them is lost or changed."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.script import Script, ScriptDirectory
from sqlalchemy import URL, Connection, create_engine, text

from city_indicators.core.errors import CatalogueError
from city_indicators.core.paths import SQL
from city_indicators.warehouse.catalog_sync import sync
from city_indicators.warehouse.database import engine
from city_indicators.warehouse.migrate import MIGRATIONS, upgrade
from standalone.postgres import Server

SCRIPTS = ScriptDirectory(str(MIGRATIONS))
REVISIONS: list[Script] = list(SCRIPTS.walk_revisions())[::-1]
EARLIER = [revision.revision for revision in REVISIONS[:-1]]
DATA = sorted((Path(__file__).parent / "data_at").glob("*.sql"))
# How the latest state of a figure is stored is no promise: it is read through the view.
NO_PROMISE = "core.observation_state"
COLUMNS = """
    select table_schema || '.' || table_name, array_agg(column_name::text order by ordinal_position)
    from information_schema.columns join information_schema.tables using (table_schema, table_name)
    where table_schema in ('catalog', 'archive', 'ops', 'quality', 'core', 'report')
        and (table_type = 'BASE TABLE' or table_name = 'observation')
    group by 1
"""
WRITTEN = """
    select 'pg_class' as catalog, oid::text, xmin::text from pg_class
    union all
    select 'pg_attribute', attrelid || ' ' || attnum, xmin::text from pg_attribute
    union all
    select 'pg_description', objoid || ' ' || objsubid, xmin::text from pg_description
    union all
    select 'alembic_version', version_num, xmin::text from public.alembic_version
"""

Columns = dict[str, list[str]]


@pytest.fixture
def empty_url(server: Server) -> Iterator[URL]:
    """A database without any schema of ours, for one test alone."""
    admin = create_engine(server.admin, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.exec_driver_sql("create database migrated template template0 owner etl")
    yield server.url("migrated", "etl")
    with admin.connect() as connection:
        connection.exec_driver_sql("drop database migrated with (force)")
    admin.dispose()


def columns(connection: Connection) -> Columns:
    return {table: names for table, names in connection.execute(text(COLUMNS)) if table != NO_PROMISE}


def content(connection: Connection, read: Columns) -> dict[str, Counter[tuple[str | None, ...]]]:
    """The rows of every table as text, by table."""
    found = {}
    for table, names in read.items():
        selected = ", ".join(f'"{name}"::text' for name in names)
        rows = connection.exec_driver_sql(f"select {selected} from {table}")  # noqa: S608
        found[table] = Counter(tuple(row) for row in rows)
    return found


def put_in_place(url: URL, revision: str) -> None:
    """Migrate to `revision`, on the way putting figures into each schema that has a file of them."""
    for file in DATA:
        if file.stem <= revision:
            upgrade(url, file.stem)
            with engine(url).begin() as connection:
                connection.exec_driver_sql(file.read_text(encoding="utf-8"))
    upgrade(url, revision)


@pytest.mark.parametrize("revision", EARLIER)
def test_figures_survive_the_way_to_the_newest_schema(empty_url: URL, revision: str) -> None:
    put_in_place(empty_url, revision)
    with engine(empty_url).connect() as connection:
        read = columns(connection)
        before = content(connection, read)
    assert before["core.observation_version"].total() >= 4
    assert revision == "0001" or before["report.rating"].total() == 1

    upgrade(empty_url)
    with engine(empty_url).connect() as connection:
        assert content(connection, read) == before
        written = set(connection.execute(text(WRITTEN)))

    upgrade(empty_url)
    with engine(empty_url).connect() as connection:
        assert set(connection.execute(text(WRITTEN))) == written
        assert content(connection, read) == before

    sync(empty_url)
    apart_from_catalogue = {t: names for t, names in read.items() if not t.startswith("catalog.")}
    with engine(empty_url).connect() as connection:
        for table, rows in content(connection, apart_from_catalogue).items():
            assert rows == before[table], table


def test_every_table_holds_a_row_on_its_way(empty_url: URL) -> None:
    put_in_place(empty_url, EARLIER[-1])
    with engine(empty_url).connect() as connection:
        held = content(connection, columns(connection))
    assert [table for table, rows in held.items() if not rows] == []


def test_an_upgrade_that_ends_in_a_fault_changes_nothing(empty_url: URL) -> None:
    upgrade(empty_url, EARLIER[-1])
    with engine(empty_url).begin() as connection:
        connection.exec_driver_sql("create table ops.undescribed (x integer)")
    with engine(empty_url).connect() as connection:
        written = set(connection.execute(text(WRITTEN)))
    with pytest.raises(CatalogueError, match=r"ops\.yaml: ops\.tables\.undescribed"):
        upgrade(empty_url)
    with engine(empty_url).connect() as connection:
        assert set(connection.execute(text(WRITTEN))) == written


def test_migrations_are_one_line_of_files() -> None:
    assert len(SCRIPTS.get_heads()) == len(SCRIPTS.get_bases()) == 1
    numbers = [revision.revision for revision in REVISIONS]
    assert numbers == [f"{number:04}" for number in range(1, len(REVISIONS) + 1)]
    assert [revision.down_revision for revision in REVISIONS] == [None, *numbers[:-1]]
    names = [Path(revision.path).stem for revision in REVISIONS]
    assert names == sorted(file.stem for file in (SQL / "schema").glob("*.sql"))
    assert [name[:4] for name in names] == numbers


@pytest.mark.parametrize("revision", REVISIONS, ids=lambda revision: revision.revision)
def test_a_migration_only_goes_forward(revision: Script, monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[str] = []
    monkeypatch.setattr(revision.module, "run_sql_file", ran.append)
    revision.module.upgrade()
    assert ran == [f"{Path(revision.path).stem}.sql"]
    assert not hasattr(revision.module, "downgrade")
