"""Upgrades of the warehouse to include/sql: no data is lost, and all changes are applied or none."""

import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import URL, Connection, create_engine, text

from city_indicators.core.errors import (
    AlteredWarehouseError,
    CatalogueError,
    CityIndicatorsError,
    ForeignViewError,
    NewerWarehouseError,
    OlderWarehouseError,
)
from city_indicators.core.paths import SQL
from city_indicators.warehouse.catalog_sync import sync
from city_indicators.warehouse.database import engine
from city_indicators.warehouse.upgrade import migrations, upgrade
from standalone import postgres
from standalone.postgres import Server

BEFORE = Path(__file__).parent / "before_baseline.dump"
"""A warehouse from before the baseline, with a row in each table, a wide view that was called plain_r, and
invented places."""

COLUMNS = """
    select table_schema || '.' || table_name, array_agg(column_name::text order by ordinal_position)
    from information_schema.columns join information_schema.tables using (table_schema, table_name)
    where table_schema in ('catalog', 'archive', 'ops', 'quality', 'core', 'report')
        and table_type = 'BASE TABLE'
    group by 1
"""
WRITTEN = """
    select 'pg_class' as catalog, oid::text, xmin::text from pg_class
    union all
    select 'pg_proc', oid::text, xmin::text from pg_proc
    union all
    select 'pg_namespace', oid::text, xmin::text from pg_namespace
    union all
    select 'pg_attribute', attrelid || ' ' || attnum, xmin::text from pg_attribute
    union all
    select 'pg_constraint', oid::text, xmin::text from pg_constraint
    union all
    select 'pg_description', objoid || ' ' || objsubid, xmin::text from pg_description
"""
SHAPE = """
    select format('%I.%I.%I %s', table_schema, table_name, column_name, data_type)
    from information_schema.columns
    where table_schema in ('catalog', 'archive', 'ops', 'quality', 'core', 'report')
    union all
    select format('%s %s %s', conrelid::regclass, conname, pg_get_constraintdef(oid))
    from pg_constraint where contype in ('c', 'f', 'p', 'u')
    union all
    select pg_get_triggerdef(oid) from pg_trigger where not tgisinternal
    union all
    select indexdef from pg_indexes
    union all
    select format('%s %s', oid::regclass, array(select unnest(relacl)::text order by 1)) from pg_class
    where relnamespace::regnamespace::text in ('catalog', 'archive', 'ops', 'quality', 'core', 'report')
    union all
    select format('%s %s %s', oid::regprocedure, array(select unnest(proacl)::text order by 1), prosrc)
    from pg_proc
    where pronamespace::regnamespace::text in ('catalog', 'archive', 'ops', 'quality', 'core', 'report')
    union all
    select format('%s %s', oid::regclass, pg_get_viewdef(oid)) from pg_class
    where relkind = 'v' and relnamespace::regnamespace::text in ('core', 'ops', 'quality', 'report')
"""
RELATIONS = """
    select oid::regclass from pg_class
    where relkind in ('r', 'v')
        and relnamespace::regnamespace::text in ('catalog', 'archive', 'ops', 'quality', 'core', 'report')
"""
WIDE = "select * from report.wide_r"
REFILLED = (
    *("report.rating", "report.rating_coherence", "report.city_peer", "report.city_profile", "report.trend"),
)
ADDED = (
    "archive.document",
    "report.drawn_ranks",
    "ops.digest",
    *("archive.verification", "archive.verification_finding", "ops.backfill_plan"),
    *("ops.backfill_plan_interval", "ops.backfill_plan_replay", "ops.backfill_plan_rule"),
    *("report.edition_best_practice_evidence", "report.edition_city_peer", "report.edition_megatrend"),
    *("report.edition_name", "report.edition_source", "report.city_coverage", "report.indicator_coverage"),
    *("report.rating_mover", "report.source_use"),
)
"""Tables that are newer than the baseline."""
RENAMED = {
    "catalog.case_term": "catalog.best_practice_term",
    "core.case_version": "core.best_practice_version",
    "ops.case_load": "ops.best_practice_load",
    "ops.lateness": "ops.freshness_alert",
    "quality.rejected_case": "quality.rejected_best_practice",
    "quality.remark": "quality.warning",
    "report.case_evidence": "report.best_practice_evidence",
}
NEWEST = migrations(SQL / "schema")[-1].stem
Rows = Counter[tuple[str | None, ...]]


@contextmanager
def database(server: Server, name: str, template: str) -> Iterator[URL]:
    """A temporary database of this name."""
    admin = create_engine(server.admin, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.exec_driver_sql(f"create database {name} template {template} owner etl")
    yield server.url(name, "etl")
    with admin.connect() as connection:
        connection.exec_driver_sql(f"drop database {name} with (force)")
    admin.dispose()


@pytest.fixture(scope="module")
def restored(server: Server) -> Iterator[str]:
    """The name of a database with a warehouse from before the baseline."""
    with database(server, "before_baseline", "template0") as url:
        assert not postgres.run("pg_restore", url, "--exit-on-error", "--no-owner", str(BEFORE))
        yield "before_baseline"


@pytest.fixture
def before_url(server: Server, restored: str) -> Iterator[URL]:
    """A warehouse from before the baseline, for one test."""
    with database(server, "before_one", restored) as url:
        yield url


@pytest.fixture
def later(tmp_path: Path) -> Callable[[str, str], Path]:
    """A copy of include/sql with one more file."""

    def make(file: str, content: str) -> Path:
        for folder in ("schema", "views", "functions", "reports", "dictionary"):
            shutil.copytree(SQL / folder, tmp_path / folder)
        (tmp_path / file).write_text(content, encoding="utf-8")
        return tmp_path

    return make


def execute(url: URL, *statements: str) -> None:
    with engine(url).begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)


def query(url: URL, statement: str) -> list[tuple[object, ...]]:
    with engine(url).connect() as connection:
        return [tuple(row) for row in connection.execute(text(statement))]


def content(url: URL) -> dict[str, Rows]:
    """The rows of every table as text, by table."""
    with engine(url).connect() as connection:
        return {table: _rows(connection, table, names) for table, names in connection.execute(text(COLUMNS))}


def _rows(connection: Connection, table: str, names: list[str]) -> Rows:
    selected = ", ".join(f'"{name}"::text' for name in names)
    return Counter(tuple(row) for row in connection.exec_driver_sql(f"select {selected} from {table}"))  # noqa: S608


def refused(url: URL, error: type[CityIndicatorsError], match: str, folder: Path = SQL) -> None:
    """Check that an upgrade is refused and writes nothing."""
    before = set(query(url, WRITTEN))
    with pytest.raises(error, match=match):
        upgrade(url, folder)
    assert set(query(url, WRITTEN)) == before


def test_a_warehouse_from_before_the_baseline_keeps_its_data(before_url: URL, warehouse_url: URL) -> None:
    before = {RENAMED.get(table, table): rows for table, rows in content(before_url).items()}
    # The pairs become a view of the ranks that the next refresh computes.
    assert before.pop("report.rank_pairs")
    assert [table for table, rows in before.items() if not rows] == []
    before |= {table: Counter() for table in ADDED}
    assert len(query(before_url, WIDE.replace("wide_", "plain_"))) == 1

    upgrade(before_url)
    after = content(before_url)
    assert [row[1] for row in after.pop("ops.schema_version")] == [NEWEST]
    refreshes = after["ops.report_refresh"]
    after["ops.report_refresh"] = Counter({row[:-2]: times for row, times in refreshes.items()})
    assert {row[-2:] for row in refreshes} == {(None, None)}
    loads, fetches = after["ops.load"], after["archive.fetch_event"]
    # Older loads lack warnings and two digests; older fetches are heard of when they were fetched.
    assert {row[-3:] for row in loads} == {("{}", None, None)}
    after["ops.load"] = Counter({row[:-3]: times for row, times in loads.items()})
    assert all(row[-1] in row[:-2] for row in fetches)
    after["archive.fetch_event"] = Counter({row[:-2]: times for row, times in fetches.items()})
    # Editions keep their rows, and gain two columns. Tables with other columns are filled by a refresh.
    editions = after["report.edition_rating"]
    assert {row[-2:] for row in editions} == {(None, None)}
    after["report.edition_rating"] = Counter({row[:-2]: times for row, times in editions.items()})
    # Until the catalogue is synchronised, definitions are the English ones in each language.
    indicators = after["catalog.indicator"]
    assert all(row[4] == row[-1] == row[-2] for row in indicators)
    after["catalog.indicator"] = Counter({row[:-2]: times for row, times in indicators.items()})
    before |= {table: Counter() for table in REFILLED}
    assert after == before
    assert query(before_url, WIDE) == []
    assert query(
        before_url, "select to_regclass('report.plain_r'), to_regclass('public.alembic_version')"
    ) == [(None, None)]

    execute(before_url, "drop view report.wide_r")
    # Older rows are not checked against one constraint.
    shape = {str(line).replace(" NOT VALID", "") for (line,) in query(before_url, SHAPE)}
    assert shape == {line for (line,) in query(warehouse_url, SHAPE)}

    sync(before_url)
    remaining = {
        table: rows for table, rows in content(before_url).items() if not table.startswith("catalog.")
    }
    remaining.pop("ops.schema_version")
    assert remaining.pop("ops.report_refresh") == refreshes
    assert remaining.pop("ops.load") == loads
    assert remaining.pop("archive.fetch_event") == fetches
    assert remaining.pop("report.edition_rating") == editions
    assert remaining == {table: rows for table, rows in before.items() if table in remaining}


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ("create table ops.mine (x integer)", "it has column ops.mine 1 x integer"),
        ("alter table ops.load add column mine integer", r"it has column ops.load \d+ mine integer"),
        (
            "alter table catalog.city drop column climate_class",
            "it lacks column catalog.city 9 climate_class text",
        ),
        (
            "alter table catalog.city alter timezone type varchar",
            "timezone character varying .* and lacks .* text",
        ),
        (
            "alter table catalog.city alter timezone drop not null",
            'timezone text "default" and lacks .* not null',
        ),
        ("alter table ops.load alter partial drop default", "partial boolean not null and lacks .* false"),
        (
            "alter table ops.load drop constraint published_when",
            "it lacks constraint ops.load published_when",
        ),
        ("drop index ops.load_not_yet_reported", "it lacks index ops.load .*load_not_yet_reported"),
        ("drop trigger append_only on catalog.method", "it lacks trigger catalog.method .*append_only"),
        ("alter table core.observation_state set (fillfactor = 60)", "fillfactor=60"),
    ],
)
def test_altered_tables_are_refused(before_url: URL, change: str, match: str) -> None:
    execute(before_url, change)
    refused(before_url, AlteredWarehouseError, rf"{match}.* Nothing of it was changed. Next step: undo")


def test_an_older_warehouse_is_refused_with_two_next_steps(before_url: URL) -> None:
    execute(before_url, "update public.alembic_version set version_num = '0027'")
    refused(
        before_url,
        OlderWarehouseError,
        "at migration 0027 .* Next step: .* commit 48a16c9.* backfill its sources",
    )


def test_an_unknown_migration_is_refused_by_name(before_url: URL) -> None:
    execute(before_url, "update public.alembic_version set version_num = '0029'")
    refused(before_url, NewerWarehouseError, "at version 0029, which this release does not know")


def test_a_newer_warehouse_is_refused_by_name(warehouse_url: URL, later: Callable[[str, str], Path]) -> None:
    upgrade(warehouse_url, later("schema/9999_more.sql", "create index on ops.load (run_id);"))
    refused(
        warehouse_url,
        NewerWarehouseError,
        f"at version 9999_more, .* its newest is {NEWEST}. .* deploy",
    )


def test_a_migration_may_change_what_views_read(
    warehouse_url: URL, later: Callable[[str, str], Path]
) -> None:
    folder = later(
        "schema/9999_more.sql", "alter table core.observation_block alter column observations type bigint;"
    )
    upgrade(warehouse_url, folder)
    assert query(
        warehouse_url,
        "select table_name::text, data_type::text from information_schema.columns"
        " where column_name = 'observations' and table_schema = 'core' order by 1",
    ) == [("block_latest", "bigint"), ("observation_block", "bigint")]
    versions = "select version from ops.schema_version order by schema_version_id"
    assert query(warehouse_url, versions) == [(NEWEST,), ("9999_more",)]
    before = set(query(warehouse_url, WRITTEN))
    upgrade(warehouse_url, folder)
    assert set(query(warehouse_url, WRITTEN)) == before
    assert len(query(warehouse_url, versions)) == 2


def test_a_changed_view_is_replaced_and_a_removed_one_dropped(
    warehouse_url: URL, later: Callable[[str, str], Path]
) -> None:
    view = SQL / "views" / "core" / "best_practice_current.sql"
    changed = view.read_text(encoding="utf-8").replace(
        "from core.best_practice_version", "from core.best_practice_version\nwhere true"
    )
    with engine(warehouse_url).begin() as connection:
        connection.exec_driver_sql("create function ops.gone() returns integer language sql as 'select 1'")
        connection.exec_driver_sql("create view ops.gone as select ops.gone()")
    upgrade(warehouse_url, later("views/core/best_practice_current.sql", changed))
    assert query(
        warehouse_url,
        "select pg_get_viewdef('core.best_practice_current'::regclass) ~ 'WHERE true',"
        " to_regclass('ops.gone'), to_regproc('ops.gone')",
    ) == [(True, None, None)]


def test_a_new_column_is_added_and_a_changed_table_recreated(
    warehouse_url: URL, later: Callable[[str, str], Path]
) -> None:
    execute(warehouse_url, "insert into report.rating_uncertainty values ('r', '2022', 's', 'moscow', 1, 1)")
    file = "reports/rating_uncertainty/table.yaml"
    declared = (SQL / file).read_text(encoding="utf-8")
    fresh = "\n  {}: {{type: number, nullable: {}, meaning: New., label: New}}\n"
    described = """
        select column_name::text, col_description('report.rating_uncertainty'::regclass, ordinal_position)
        from information_schema.columns where table_name = 'rating_uncertainty' order by ordinal_position desc
    """
    folder = later(file, declared + fresh.format("fresh", "true"))
    upgrade(warehouse_url, folder)
    assert query(warehouse_url, described)[0] == ("fresh", "New.")
    assert query(warehouse_url, "select count(*), max(fresh) from report.rating_uncertainty") == [(1, None)]

    (folder / file).write_text(declared + fresh.format("newer", "false"), encoding="utf-8")
    upgrade(warehouse_url, folder)
    assert query(warehouse_url, described)[0] == ("newer", "New.")
    assert query(warehouse_url, "select count(*) from report.rating_uncertainty") == [(0,)]


def test_foreign_views_on_a_recreated_table_are_named(
    warehouse_url: URL, later: Callable[[str, str], Path], server: Server
) -> None:
    admin = create_engine(server.admin.set(database=warehouse_url.database), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.exec_driver_sql("create view public.mine as select score from report.rating_uncertainty")
    admin.dispose()
    file = "reports/rating_uncertainty/table.yaml"
    declared = (SQL / file).read_text(encoding="utf-8")
    folder = later(file, declared.replace("score: {nullable: true, ", "score: {"))
    refused(warehouse_url, ForeignViewError, "view mine depends on table report.rating_uncertainty", folder)


def test_an_upgrade_without_changes_writes_and_locks_nothing(warehouse_url: URL) -> None:
    before = set(query(warehouse_url, WRITTEN))
    with engine(warehouse_url).begin() as reader:
        # Dropping or altering one of them would have to wait for this reader.
        for (relation,) in query(warehouse_url, RELATIONS):
            reader.exec_driver_sql(f"lock table {relation} in access share mode")
        upgrade(warehouse_url)
    assert set(query(warehouse_url, WRITTEN)) == before


def test_a_failed_upgrade_changes_nothing(warehouse_url: URL, later: Callable[[str, str], Path]) -> None:
    folder = later("schema/9999_more.sql", "create table ops.undescribed (x integer);")
    refused(warehouse_url, CatalogueError, r"ops\.yaml: ops\.tables\.undescribed", folder)


def test_foreign_views_on_our_views_are_named(
    warehouse_url: URL, later: Callable[[str, str], Path], server: Server
) -> None:
    admin = create_engine(server.admin.set(database=warehouse_url.database), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.exec_driver_sql("create view public.mine as select source from report.freshness")
    admin.dispose()
    folder = later("schema/9999_more.sql", "create index on ops.load (run_id);")
    refused(
        warehouse_url,
        ForeignViewError,
        "view mine depends on view report.freshness.* Next step: drop them",
        folder,
    )
