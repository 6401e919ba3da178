"""Creates and alters the tables of schema report to match include/sql/reports.

A column that no longer needs a value permits nulls. A computed table that differs otherwise is created anew;
a table with stored rows only gains columns.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from graphlib import TopologicalSorter
from itertools import groupby
from typing import Final

from psycopg import sql
from sqlalchemy import Connection

from city_indicators.warehouse.database import rows, script
from city_indicators.warehouse.report_tables import Column, ReportTable, report_tables

TYPES: Final = {
    "period": 'text collate "C"',
    "number": "double precision",
    "number[]": "double precision[]",
    "timestamptz": "timestamp with time zone",
}
"""The database's names of types with another name in the declarations."""

COLUMN: Final = sql.SQL("{} {}{}")
KEY: Final = sql.SQL("constraint {} primary key ({})")
CONSTRAINT: Final = sql.SQL("constraint {} {}")
CREATE: Final = sql.SQL("create table {} ({})")
ADD: Final = sql.SQL("alter table {} add column {}")
ALTER: Final = sql.SQL("alter table {} {}")
ADD_CONSTRAINT: Final = sql.SQL("add {}")
DROP_CONSTRAINT: Final = sql.SQL("drop constraint {}")
PERMIT_NULL: Final = sql.SQL("alter table {} alter column {} drop not null")
DROP: Final = sql.SQL("drop table {}")
MADE_BY: Final = sql.SQL("comment on constraint {} on {} is {}")
FROZEN: Final = sql.SQL(
    "create trigger frozen before update or delete or truncate on {} "
    "for each statement execute function report.refuse_change_of_edition()"
)
COMPLETE: Final = sql.SQL(
    "create trigger complete before insert on {} "
    "for each row execute function report.refuse_change_of_edition()"
)


@dataclass(frozen=True)
class Found:
    """A table in the database.

    `columns` are name, type and whether a value is required. `made_by` is the text of the constraints
    that the table was created with; None if the table is older than their declarations.
    """

    columns: tuple[tuple[str, str, bool], ...]
    key: tuple[str, ...]
    constraints: tuple[str, ...]
    made_by: str | None


def reconcile(connection: Connection, declared: Mapping[str, ReportTable] | None = None) -> bool:
    """Create and alter the tables as declared, in the caller's transaction; returns whether anything changed.

    The function report.refuse_change_of_edition and the referenced tables of other schemas must exist; the
    views of schema report must not.

    Raises:
        CatalogueError: a declared change would lose stored rows.
    """
    todo = statements(declared or report_tables(), found_tables(connection))
    if todo:
        script(connection, sql.SQL(";\n").join(todo).as_string())
    return bool(todo)


def found_tables(connection: Connection) -> dict[str, Found]:
    """The tables of schema report by name."""
    tables = {}
    for name, columns in groupby(rows(connection, "admin/report_tables"), lambda row: str(row["table_name"])):
        of_table = list(columns)
        of_key = [row for row in of_table if row["key_position"]]
        tables[name] = Found(
            columns=tuple((row["column_name"], row["column_type"], row["required"]) for row in of_table),
            key=tuple(row["column_name"] for row in sorted(of_key, key=lambda row: row["key_position"])),
            constraints=tuple(of_table[0]["constraints"]),
            made_by=of_table[0]["made_by"],
        )
    return tables


def statements(declared: Mapping[str, ReportTable], found: Mapping[str, Found]) -> list[sql.Composable]:
    """The statements that bring the tables found to those declared; a table that is not declared stays.

    Raises:
        CatalogueError: a table with stored rows differs by more than nullable columns.
    """
    return [
        each
        for table in _in_order(declared)
        for each in (_changes(table, found[table.name]) if table.name in found else create(table))
    ]


def create(table: ReportTable) -> Iterator[sql.Composable]:
    """The statements that create a table."""
    name, key = _name(table), sql.Identifier(f"{table.name}_pkey")
    parts = [
        *(_column(column) for column in table.columns.values()),
        KEY.format(key, sql.SQL(", ").join(map(sql.Identifier, table.key))),
        *_constraints(table),
    ]
    yield CREATE.format(name, sql.SQL(", ").join(parts))
    yield _made_by(table)
    if table.rows == "frozen":
        yield FROZEN.format(name)
        if "report.edition" in _referred(table):
            yield COMPLETE.format(name)


def _changes(table: ReportTable, found: Found) -> Iterator[sql.Composable]:
    declared = [_declared(column) for column in table.columns.values()]
    existing = {name for name, *_ in found.columns}
    optional = {name for name, _, required in declared if not required}
    loosened = [name for name, _, required in found.columns if required and name in optional]
    kept = [(name, type_, required and name not in loosened) for name, type_, required in found.columns]
    lacking = [column for column in table.columns.values() if column.name not in existing]
    gained = [*kept, *map(_declared, lacking)]
    required = [column.name for column in lacking if not column.nullable]
    if table.is_computed:
        if gained != declared or required or found.key != table.key or _differs(table, found):
            yield DROP.format(_name(table))
            yield from create(table)
            return
    elif unlike := set(gained) ^ set(declared):
        fault = "differs from the database, and the table has stored rows. Next step: write a migration"
        raise table.fault(f"columns.{min(unlike)[0]}", fault)
    elif required:
        fault = "is new in a table with stored rows. Next step: make it nullable"
        raise table.fault(f"columns.{required[0]}", fault)
    for loose in loosened:
        yield PERMIT_NULL.format(_name(table), sql.Identifier(loose))
    for column in lacking:
        yield ADD.format(_name(table), _column(column))
    if _differs(table, found):
        changes = [
            *(DROP_CONSTRAINT.format(sql.Identifier(name)) for name in found.constraints),
            *(ADD_CONSTRAINT.format(constraint) for constraint in _constraints(table)),
        ]
        yield ALTER.format(_name(table), sql.SQL(", ").join(changes))
    if found.made_by != _text(table):
        yield _made_by(table)


def _differs(table: ReportTable, found: Found) -> bool:
    """Whether the declared constraints differ from those that the table was created with."""
    if found.made_by is None:
        return sorted(table.constraints) != sorted(found.constraints)
    return found.made_by != _text(table)


def _in_order(declared: Mapping[str, ReportTable]) -> Iterable[ReportTable]:
    """The tables, each after those that it refers to."""
    tables = {f"report.{name}": table for name, table in declared.items() if table.kind == "table"}
    order = TopologicalSorter({name: _referred(table) & tables.keys() for name, table in tables.items()})
    return [tables[name] for name in order.static_order()]


def _referred(table: ReportTable) -> set[str]:
    return {name for text in table.constraints.values() for name in re.findall(r"references (\S+)", text)}


def _constraints(table: ReportTable) -> list[sql.Composable]:
    return [CONSTRAINT.format(sql.Identifier(n), sql.SQL(text)) for n, text in table.constraints.items()]


def _text(table: ReportTable) -> str:
    return "; ".join(f"{name} {text}" for name, text in table.constraints.items()) or "none"


def _made_by(table: ReportTable) -> sql.Composable:
    return MADE_BY.format(sql.Identifier(f"{table.name}_pkey"), _name(table), sql.Literal(_text(table)))


def _name(table: ReportTable) -> sql.Identifier:
    return sql.Identifier("report", table.name)


def _declared(column: Column) -> tuple[str, str, bool]:
    """A declared column in the form of `Found.columns`."""
    return column.name, TYPES.get(column.type, column.type), not column.nullable


def _column(column: Column) -> sql.Composable:
    name, type_, required = _declared(column)
    return COLUMN.format(sql.Identifier(name), sql.SQL(type_), sql.SQL(" not null" if required else ""))
