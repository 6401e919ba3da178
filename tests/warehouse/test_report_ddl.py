"""Tables of schema report are altered to their declarations, and no stored row is lost."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DatabaseError, IntegrityError

from city_indicators.core.errors import CatalogueError
from city_indicators.warehouse import objects
from city_indicators.warehouse.report_ddl import TYPES, found_tables, reconcile
from city_indicators.warehouse.report_tables import load_report_tables, report_tables
from tests.report_declarations import edited_reports

Change = Callable[[str, str, str], bool]

METHOD = "insert into catalog.method values ('first', '1.0', now(), '{}')"
EDITION = """
insert into report.edition
select
    'first', '2022.1', '2022', 'First', '1.0', max(reference_id), now(), null, 1, 'anna', now(), 'x',
    repeat('0', 64)
from catalog.reference
"""
PILLAR = """
insert into report.{0}rating_pillar (
    {1} rating, time_period, ref_area, pillar, pillar_name_en, pillar_name_ru, pillar_name_zh,
    weight, coverage
) values ({2} 'first', '2022', 'moscow', 'air', 'Air', 'Воздух', '空气', 1, 1)
"""
ANALYSED = (
    "insert into report.rating_uncertainty values ('first', '2022', 'aggregation:geometric', 'moscow', 1, 1)"
)
COUNT = "select count(*) from report."
COLUMNS = """
    select relname::text, attname::text, format_type(atttypid, atttypmod)
    from pg_attribute inner join pg_class on pg_class.oid = attrelid
    where relnamespace = 'report'::regnamespace and relkind in ('r', 'v') and attnum > 0 and not attisdropped
    order by relname collate "C", attnum
"""


@pytest.fixture
def connection(warehouse: Engine) -> Iterator[Connection]:
    """A transaction in a warehouse with a published pillar, a computed pillar, and a row of an analysis."""
    with warehouse.begin() as before:
        published = PILLAR.format("edition_", "edition,", "'2022.1',")
        for statement in (METHOD, published, EDITION, PILLAR.format("", "", ""), ANALYSED):
            before.execute(text(statement))
    with warehouse.connect() as connection:
        # As an upgrade does before it changes tables.
        objects.drop(connection)
        yield connection


@pytest.fixture
def change(connection: Connection, tmp_path: Path) -> Change:
    """Edit a declaration and alter the tables; returns whether something changed."""

    def change(file: str, before: str, after: str) -> bool:
        declared = load_report_tables(edited_reports(tmp_path, f"{file}/table.yaml", before, after))
        done = reconcile(connection, declared)
        assert not reconcile(connection, declared), "a second time must do nothing"
        return done

    return change


def count_rows(connection: Connection, table: str) -> int:
    return int(connection.execute(text(COUNT + table)).scalar_one())


def columns(connection: Connection, table: str) -> list[str]:
    return [name for name, *_ in found_tables(connection)[table].columns]


def test_an_upgraded_warehouse_has_the_declared_tables(connection: Connection) -> None:
    assert not reconcile(connection)
    found, declared = found_tables(connection), report_tables()
    assert found.keys() == {name for name, table in declared.items() if table.kind == "table"}
    for name, table in found.items():
        assert columns(connection, name) == list(declared[name].columns), name
        assert table.key == declared[name].key, name


def test_every_column_is_declared_with_its_type(warehouse: Engine) -> None:
    with warehouse.connect() as connection:
        described = connection.execute(text(COLUMNS)).all()
    declared = [
        (table.name, column.name, TYPES.get(column.type, column.type).removesuffix(' collate "C"'))
        for table in report_tables().values()
        for column in table.columns.values()
    ]
    assert [tuple(row) for row in described] == declared


def test_all_tables_are_created_from_their_declarations(connection: Connection) -> None:
    before = found_tables(connection)
    for name in before:
        connection.execute(text(f'drop table report."{name}" cascade'))
    assert reconcile(connection)
    assert found_tables(connection) == before
    connection.execute(text(PILLAR.format("edition_", "edition,", "'2022.1',")))
    connection.execute(text(EDITION))
    with pytest.raises(DatabaseError, match="a published edition never changes"), connection.begin_nested():
        connection.execute(text("delete from report.edition_rating_pillar"))
    with pytest.raises(DatabaseError, match="a published edition never changes"), connection.begin_nested():
        connection.execute(text("update report.edition set title = 'Other'"))


def test_a_nullable_column_is_added_and_rows_stay(connection: Connection, change: Change) -> None:
    label = "{type: number, nullable: true, meaning: Nothing., label: New}"
    assert change("rating_pillar", "\neditions:", f"\n  fresh: {label}\neditions:")
    assert columns(connection, "rating_pillar")[-1] == "fresh"
    assert "fresh" not in columns(connection, "edition_rating_pillar")
    assert count_rows(connection, "rating_pillar") == 1

    assert change("rating_pillar", "coverage, contribution]", "coverage, contribution, fresh]")
    assert columns(connection, "edition_rating_pillar")[-1] == "fresh"
    assert count_rows(connection, "edition_rating_pillar") == 1


def test_a_value_that_is_no_longer_required_may_be_missing_and_rows_stay(
    connection: Connection, change: Change
) -> None:
    assert change("rating_pillar", "\n  coverage: {", "\n  coverage: {nullable: true, ")
    for table, own in (
        ("rating_pillar", ("", "", "")),
        ("edition_rating_pillar", ("edition_", "edition,", "'2023.1',")),
    ):
        connection.execute(text(PILLAR.format(*own).replace("'air'", "'waste'").replace("1, 1)", "1, null)")))
        assert count_rows(connection, table) == 2


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("\n  rank: {nullable: true, ", "\n  rank: {type: number, nullable: true, "),
        ("\n  rank: {nullable: true, ", "\n  rank: {"),
        ("key: [rating, time_period, scenario, ref_area]", "key: [rating, scenario, time_period, ref_area]"),
        ("\n  score:", "\n  version:\n  score:"),
        ("  score: {nullable: true, ", "  version: {nullable: true}\n  score: {nullable: true, "),
        ("\ncolumns:\n", "\nconstraints:\n  positive: check (score > 0)\ncolumns:\n"),
    ],
)
def test_other_changes_recreate_a_computed_table(
    connection: Connection, change: Change, before: str, after: str
) -> None:
    assert change("rating_uncertainty", before, after)
    assert count_rows(connection, "rating_uncertainty") == 0
    assert count_rows(connection, "rating_pillar") == 1


def test_constraints_of_stored_rows_follow_the_declaration(connection: Connection, change: Change) -> None:
    fresh = PILLAR.format("edition_", "edition,", "'2023.1',")
    checked = "\nconstraints:\n  known: check (pillar in ({}))\neditions:"
    assert change("rating_pillar", "\neditions:", checked.format("'air'"))
    with pytest.raises(IntegrityError, match="known"), connection.begin_nested():
        connection.execute(text(fresh.replace("'air'", "'waste'")))
    assert change("rating_pillar", "check (pillar in ('air'))", "check (pillar in ('air', 'waste'))")
    connection.execute(text(fresh.replace("'air'", "'waste'")))
    assert count_rows(connection, "edition_rating_pillar") == 2


@pytest.mark.parametrize(
    ("file", "before", "after", "fault"),
    [
        (
            "rating_draw",
            "\nconstraints:",
            "\n  version:\nconstraints:",
            r"rating_draw/table\.yaml: columns\.version: is new in a table with stored rows.*nullable",
        ),
        (
            "rating_draw",
            "  draw: {type: integer",
            "  draw: {type: bigint",
            r"columns\.draw: differs from the database, and the table has stored rows.*migration",
        ),
        ("rating_pillar", ", contribution]", "]", r"columns\.contribution: differs from the database"),
        # The row of an edition may have none.
        (
            "rating_pillar",
            "\n  score: {nullable: true, ",
            "\n  score: {",
            r"columns\.score: differs from the database",
        ),
    ],
)
def test_changes_that_would_lose_stored_rows_are_refused(
    change: Change, file: str, before: str, after: str, fault: str
) -> None:
    with pytest.raises(CatalogueError, match=fault):
        change(file, before, after)


def test_an_undeclared_table_stays(connection: Connection) -> None:
    connection.execute(text("create table report.own (x integer)"))
    assert not reconcile(connection)
    assert count_rows(connection, "own") == 0
