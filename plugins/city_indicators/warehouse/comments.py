"""Writes the texts of the data dictionary into the database as comments."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

from psycopg import sql
from sqlalchemy import Connection, Row

from city_indicators.core.errors import CatalogueError
from city_indicators.warehouse.database import script, statement
from city_indicators.warehouse.dictionary import DICTIONARY, load_dictionary
from city_indicators.warehouse.report_tables import REPORTS

COMMANDS: Final = {
    "schema": sql.SQL("comment on schema {} is {}"),
    "table": sql.SQL("comment on table {} is {}"),
    "view": sql.SQL("comment on view {} is {}"),
    "materialized view": sql.SQL("comment on materialized view {} is {}"),
    "column": sql.SQL("comment on column {} is {}"),
    "routine": sql.SQL("comment on routine {}({}) is {}"),
}


class Key(NamedTuple):
    """The position of a text in the dictionary: `path` within the file of `schema`, or of a report table."""

    schema: str
    path: str

    def fault(self, folder: Path, reports: Path, fault: str) -> CatalogueError:
        """An error at this position, which names the file."""
        tables, _, table = self.path.partition(".")
        if self.schema == "report" and tables == "tables":
            name, _, column = table.partition(".")
            return CatalogueError(reports / name / "table.yaml", column or "(file)", fault)
        return CatalogueError(folder / f"{self.schema}.yaml", f"{self.schema}.{self.path}", fault)


def comment(connection: Connection, folder: Path = DICTIONARY, reports: Path = REPORTS) -> None:
    """Set the comments of the database to those of the dictionary, in the caller's transaction.

    Raises:
        CatalogueError: a table or column of the database has no text, or the dictionary has a text for an
            object that does not exist; names file and key.
    """
    declared = dict(_declared(folder, reports))
    found = {_key(row): row for row in connection.execute(statement("admin/described"))}
    # Functions need no text: most are internal.
    described = {key for key, row in found.items() if row.kind != "routine"}
    if undescribed := described - declared.keys():
        raise min(undescribed).fault(
            folder, reports, "is in the database but has no text. Next step: describe it"
        )
    if absent := declared.keys() - found.keys():
        raise min(absent).fault(
            folder, reports, "is not in the database. Next step: correct or remove the key"
        )
    commands = [_command(found[key], text) for key, text in declared.items() if found[key].comment != text]
    if commands:
        script(connection, sql.SQL(";\n").join(commands).as_string())


def _declared(folder: Path, reports: Path) -> Iterator[tuple[Key, str]]:
    for name, schema in load_dictionary(folder, reports).items():
        yield Key(name, "holds"), schema.holds
        for table, entry in schema.tables.items():
            yield Key(name, f"tables.{table}"), entry.comment
            for column, text in entry.columns.items():
                yield Key(name, f"tables.{table}.columns.{column}"), text
        for function, text in schema.functions.items():
            yield Key(name, f"functions.{function}"), text


def _key(row: Row[Any]) -> Key:
    keys = {
        "schema": "holds",
        "routine": f"functions.{row.name}",
        "column": f"tables.{row.name}.columns.{row.column_name}",
    }
    return Key(row.schema_name, keys.get(row.kind, f"tables.{row.name}"))


def _command(row: Row[Any], text: str) -> sql.Composed:
    names = [name for name in (row.schema_name, row.name, row.column_name) if name is not None]
    arguments = [sql.SQL(row.arguments)] if row.kind == "routine" else []
    return COMMANDS[row.kind].format(sql.Identifier(*names), *arguments, sql.Literal(text))
