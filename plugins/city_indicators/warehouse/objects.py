"""Creates the views and functions of the warehouse anew at every upgrade, each from one file."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from graphlib import TopologicalSorter
from hashlib import sha256
from pathlib import Path
from typing import Final

from psycopg.errors import DependentObjectsStillExist
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from city_indicators.core.errors import CatalogueError, ForeignViewError
from city_indicators.core.paths import SQL
from city_indicators.warehouse.database import script, statement
from city_indicators.warehouse.report_tables import load_report_tables

FILES: Final = ("views/*/*.sql", "functions/*/*.sql")
REPORT_VIEWS: Final = "reports/*/view.sql"
"""The queries of the views of schema report, each beside the declaration of its columns."""
LINEAGE: Final = "reports/*/lineage.sql"
LINEAGE_FUNCTION: Final = """\
create function report.lineage_of_{table}(key jsonb) returns table (
    ref_area text, indicator text, time_period text, source text, version integer,
    contribution double precision
)
language sql stable parallel safe
begin atomic
{select}
end;
"""
LINEAGE_KEY: Final = """\
create function report.lineage_key(report_table text) returns text[]
language sql immutable parallel safe
return case report_table
{keys}
end::text[];
"""
OBSERVATION: Final = {"observation": ("ref_area", "indicator", "time_period", "source")}
"""Observations have a lineage like a report table, though they are not one."""
MADE: Final = re.compile(r'^create (?:or replace )?(?:view|function) ([\w."]+)', re.MULTILINE)
KEY: Final = re.compile(r":key\b")
NO_CODE: Final = re.compile(r"--.*|'[^']*'")
NAME: Final = re.compile(r'\b[a-z]+\.(?:\w+|"\w+")')


def read(folder: Path = SQL) -> list[str]:
    """The texts of all views and functions, each after those that it depends on.

    Raises:
        CatalogueError: a `lineage.sql` does not belong to a table declared with a key.
    """
    texts = [file.read_text(encoding="utf-8") for files in FILES for file in sorted(folder.glob(files))]
    for file in sorted(folder.glob(REPORT_VIEWS)):
        query = file.read_text(encoding="utf-8")
        texts.append(f'create view report."{file.parent.name}" as\n{query}')
    texts += _of_lineage(folder)
    by_name = {made(text): text for text in texts}
    graph = {
        name: [other for other in _named(text) if other in by_name and other != name]
        for name, text in by_name.items()
    }
    return [by_name[name] for name in TopologicalSorter(graph).static_order()]


def _of_lineage(folder: Path) -> Iterator[str]:
    """The functions that report.lineage calls: one with the keys of tables, and one per `lineage.sql`.

    A `lineage.sql` selects the underlying observations of one row of its report; the jsonb `:key` holds the
    row's key columns.
    """
    files = sorted(folder.glob(LINEAGE))
    if not files:
        return
    keys = OBSERVATION | {name: table.key for name, table in load_report_tables(folder / "reports").items()}
    if unknown := [file for file in files if not keys.get(file.parent.name)]:
        raise CatalogueError(unknown[0], "(file)", "does not belong to a table declared with a key")
    names = [file.parent.name for file in files]
    branches = [f"    when '{name}' then '{{{','.join(keys[name])}}}'" for name in names]
    yield LINEAGE_KEY.format(keys="\n".join(branches))
    for name, file in zip(names, files, strict=True):
        select = KEY.sub("key", file.read_text(encoding="utf-8"))
        yield LINEAGE_FUNCTION.format(table=name, select=select)


def made(text: str) -> str:
    """The name, with its schema, of the view or function that a text creates."""
    return str(MADE.findall(text)[0]).replace('"', "")


def _named(text: str) -> list[str]:
    return [name.replace('"', "") for name in NAME.findall(NO_CODE.sub("", text))]


def digest(texts: list[str]) -> str:
    """SHA-256 of all texts: shows whether a database was made from them."""
    return sha256("\0".join(texts).encode()).hexdigest()


def make_trigger_functions(connection: Connection, texts: list[str]) -> None:
    """Create or replace the functions of triggers; their tables need not exist yet."""
    script(connection, "\n".join(filter(_is_of_trigger, texts)))


def drop(connection: Connection) -> list[str]:
    """Drop all views and functions except those of triggers; returns the ratings that had a wide view.

    Raises:
        ForeignViewError: an object from outside the project depends on them.
    """
    dropped = connection.execute(statement("admin/droppable")).all()
    with naming_what_rests():
        script(connection, "\n".join(row.command for row in dropped))
    return [row.rating for row in dropped if row.rating]


@contextmanager
def naming_what_rests() -> Iterator[None]:
    """Raise ForeignViewError, which names the dependent objects, if something cannot be dropped."""
    try:
        yield
    except DBAPIError as error:
        if not isinstance(error.orig, DependentObjectsStillExist):
            raise
        raise ForeignViewError(str(error.orig.diag.message_detail)) from error


def make(connection: Connection, texts: list[str], ratings: list[str]) -> None:
    """Create all views and functions, and the wide views of `ratings`; trigger functions are replaced."""
    for text in texts:
        script(connection, text)
    for rating in ratings:
        connection.execute(statement("refresh/make_wide_view"), {"rating": rating})


def _is_of_trigger(text: str) -> bool:
    return "returns trigger" in text
