"""The comments of the database are the texts of the data dictionary."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import URL, Engine, text

from city_indicators.core.errors import CatalogueError
from city_indicators.warehouse.comments import comment
from city_indicators.warehouse.dictionary import DICTIONARY, load_dictionary
from city_indicators.warehouse.upgrade import upgrade

Query = Callable[[str], list[tuple[object, ...]]]
Edit = Callable[[str, str, str], Path]

SCHEMAS = {"archive", "catalog", "core", "ops", "quality", "report"}
TABLES = """
select relnamespace::regnamespace || '.' || relname, obj_description(oid, 'pg_class')
from pg_class
where relkind in ('r', 'p', 'v', 'm') and not relispartition
    and relnamespace::regnamespace::text in ('archive', 'catalog', 'core', 'ops', 'quality', 'report')
"""
COLUMNS = """
select table_schema || '.' || table_name || '.' || column_name,
    col_description(format('%I.%I', table_schema, table_name)::regclass, ordinal_position)
from information_schema.columns
where table_schema in ('archive', 'catalog', 'core', 'ops', 'quality', 'report')
"""
FUNCTIONS = """
select pronamespace::regnamespace || '.' || proname, obj_description(oid, 'pg_proc')
from pg_proc
where pronamespace::regnamespace::text in ('archive', 'catalog', 'core', 'ops', 'quality', 'report')
"""
NAMESPACES = """
select nspname, obj_description(oid, 'pg_namespace') from pg_namespace
where nspname in ('archive', 'catalog', 'core', 'ops', 'quality', 'report')
"""


@pytest.fixture
def edited(tmp_path: Path) -> Edit:
    """A copy of the dictionary with a change in one file."""

    def edit(file: str, before: str, after: str) -> Path:
        folder = shutil.copytree(DICTIONARY, tmp_path / "dictionary")
        content = (folder / file).read_text(encoding="utf-8")
        assert content.count(before) == 1
        (folder / file).write_text(content.replace(before, after), encoding="utf-8")
        return folder

    return edit


def test_database_and_dictionary_agree(query: Query) -> None:
    schemas = load_dictionary()
    tables = {
        f"{schema}.{name}": table for schema, entry in schemas.items() for name, table in entry.tables.items()
    }
    columns = {f"{name}.{column}": text for name, t in tables.items() for column, text in t.columns.items()}
    functions = {f"{schema}.{f}": text for schema, e in schemas.items() for f, text in e.functions.items()}
    assert set(schemas) == SCHEMAS
    assert dict(query(NAMESPACES)) == {name: schema.holds for name, schema in schemas.items()}
    assert dict(query(TABLES)) == {
        name: f"{table.holds} Grain: {table.grain}." for name, table in tables.items()
    }
    assert dict(query(COLUMNS)) == columns
    assert {name: text for name, text in query(FUNCTIONS) if text or name in functions} == functions


def test_replaces_other_comments(warehouse: Engine, warehouse_url: URL, query: Query) -> None:
    with warehouse.begin() as connection:
        connection.execute(text("comment on column report.rating.rank is 'old'"))
        connection.execute(text("comment on view report.warnings is null"))
    upgrade(warehouse_url)
    test_database_and_dictionary_agree(query)


def test_stores_a_text_with_quotes_and_per_cent_unchanged(
    warehouse: Engine, query: Query, edited: Edit
) -> None:
    special = 'It\'s 5 %(x)s; :y \\\\ "z"'
    folder = edited("ops.yaml", "report_refresh_id: Number of", f"report_refresh_id: {special} Number of")
    with warehouse.begin() as connection:
        comment(connection, folder)
    stored = dict(query(COLUMNS))["ops.report_refresh.report_refresh_id"]
    assert stored == f"{special} Number of the refresh."


@pytest.mark.parametrize(
    ("statement", "key"),
    [
        ("create table ops.fresh (x integer)", r"ops\.yaml: ops\.tables\.fresh: is in the database but"),
        (
            "create view core.fresh as select 1 as x",
            r"core\.yaml: core\.tables\.fresh: is in the database but",
        ),
        (
            "create view report.fresh as select 1 as x",
            r"reports/fresh/table\.yaml: \(file\): is in the database but",
        ),
        (
            "alter view report.warnings rename column reason to fresh",
            r"reports/warnings/table\.yaml: columns\.fresh: is in the database but",
        ),
        ("create schema fresh", r"fresh\.yaml: fresh\.holds: is in the database but"),
        (
            "alter table catalog.city drop column unlocode",
            r"catalog\.yaml: catalog\.tables\.city\.columns\.unlocode: is not in the database",
        ),
        ("drop table ops.request_plan", r"ops\.yaml: ops\.tables\.request_plan: is not in the database"),
    ],
)
def test_names_an_object_that_only_one_of_them_has(
    warehouse: Engine, warehouse_url: URL, statement: str, key: str
) -> None:
    with warehouse.begin() as connection:
        connection.execute(text(statement))
    with pytest.raises(CatalogueError, match=rf"{key}.*Next step"):
        upgrade(warehouse_url)


def test_names_a_missing_function(warehouse: Engine, edited: Edit) -> None:
    folder = edited("core.yaml", "functions:\n", "functions:\n  absent: Nothing.\n")
    with (
        warehouse.begin() as connection,
        pytest.raises(CatalogueError, match=r"core\.yaml: core\.functions\.absent: is not in the database"),
    ):
        comment(connection, folder)
