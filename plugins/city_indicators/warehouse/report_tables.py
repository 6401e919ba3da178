"""Loads the declarations of the tables and views of schema report: include/sql/reports/<table>/table.yaml.

A column that means the same in several tables is declared once, in include/sql/reports/columns.yaml; a table
names it and declares only the differences. A column of type `names` is one column a language: <name>_en etc.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self

from pydantic import Field, model_validator

from city_indicators.catalog.entry import Entry
from city_indicators.catalog.load import parse, read_yaml
from city_indicators.core import digests
from city_indicators.core.errors import CatalogueError
from city_indicators.core.languages import DECLARED
from city_indicators.core.paths import SQL

REPORTS: Final = SQL / "reports"
SHARED: Final = "columns.yaml"
LINEAGE: Final = "lineage.sql"
"""The query of the underlying observations of a row."""

Text = Annotated[str, Field(min_length=1)]
Type = Literal[
    "text",
    "text[]",
    "names",
    "names[]",
    "period",
    "integer",
    "integer[]",
    "bigint",
    "number",
    "number[]",
    "boolean",
    "date",
    "timestamptz",
    "jsonb",
]
"""Types of PostgreSQL, and three more: `period` is a year as text, `number` a double precision."""
Rows = Literal["computed", "kept", "frozen"]


class SharedColumn(Entry):
    """The properties that a column shares in all tables."""

    type: Type | None = None
    unit: Text | None = None
    meaning: Text | None = None
    label: Text | None = None
    format: Text | None = None


class OwnColumn(SharedColumn):
    """A column of a table, with what differs from the shared one."""

    nullable: bool = False


class Editions(Entry):
    """The twin table with the rows as published: its columns, in the order of the checksum."""

    grain: Text
    holds: Text
    columns: tuple[str, ...]


class Declaration(Entry):
    """A file table.yaml.

    `from` names the tables that the table is made from. `rows`: a refresh computes them anew (computed), they
    stay as written (kept), or the database refuses any change (frozen).
    """

    kind: Literal["table", "view"]
    grain: str
    holds: str
    made_from: tuple[str, ...] = Field(default=(), alias="from")
    rows: Rows = "computed"
    key: tuple[str, ...] = ()
    columns: dict[str, OwnColumn | None]
    constraints: dict[str, Text] = Field(default_factory=dict)
    editions: Editions | None = None

    @model_validator(mode="after")
    def _of_its_kind(self) -> Self:
        if self.kind == "table" and not self.key:
            raise ValueError("a table has a key")
        if self.kind == "view" and (self.constraints or self.editions or self.rows != "computed"):
            raise ValueError("a view has no rows of its own: no constraints, editions or rows")
        return self


@dataclass(frozen=True)
class Column:
    """A column of the database with its properties; `label` is that of the name without language."""

    name: str
    type: Type
    nullable: bool
    meaning: str
    unit: str | None
    label: str
    format: str | None


@dataclass(frozen=True)
class ReportTable:
    """A table or view of schema report; `columns` are in the order of the database."""

    name: str
    kind: Literal["table", "view"]
    grain: str
    holds: str
    made_from: tuple[str, ...]
    rows: Rows
    key: tuple[str, ...]
    columns: dict[str, Column]
    constraints: dict[str, str]
    editions: Editions | None
    file: Path

    @property
    def is_computed(self) -> bool:
        """Whether a refresh writes its rows anew."""
        return self.kind == "table" and self.rows == "computed"

    def fault(self, key: str, fault: str) -> CatalogueError:
        """An error that names the table's file."""
        return CatalogueError(self.file, key, fault)


@cache
def report_tables() -> dict[str, ReportTable]:
    """Every table and view by name, those of editions too.

    Raises:
        CatalogueError: a file is wrong; names file and key.
    """
    return load_report_tables()


def load_report_tables(folder: Path = REPORTS) -> dict[str, ReportTable]:
    """Load the tables and views from the files of a folder."""
    shared = load_shared(folder)
    declared = [_table(file, shared) for file in sorted(folder.glob("*/table.yaml"))]
    twins = [_twin(table, table.editions, shared) for table in declared if table.editions]
    tables = {table.name: table for table in [*declared, *twins]}
    _check_labels(tables.values())
    return dict(sorted(tables.items()))


def load_shared(folder: Path = REPORTS) -> dict[str, SharedColumn]:
    """Load columns.yaml: the shared properties of each column by its name."""
    file = folder / SHARED
    entries = read_yaml(file)
    if not isinstance(entries, dict):
        raise CatalogueError(file, "(file)", "is not a mapping of columns")
    return {name: parse(SharedColumn, entry, file, name) for name, entry in entries.items()}


def meanings(shared: Mapping[str, SharedColumn]) -> dict[str, str]:
    """The meanings of shared columns by their name in the database."""
    return {
        name: text
        for key, entry in shared.items()
        if entry.meaning
        for name, text in _in_languages(key, entry.type, entry.meaning)
    }


def digest(folder: Path = REPORTS) -> str:
    """The sha256 of all declarations and queries of the computed tables: changes if one of them does."""
    tables = {table.file.parent for table in load_report_tables(folder).values() if table.kind == "table"}
    files = [folder / SHARED, *(file for table in tables for file in table.iterdir() if file.name != LINEAGE)]
    return digests.of_files(files, folder)


def declarations(folder: Path = REPORTS) -> list[str]:
    """The texts of all declarations."""
    files = [folder / SHARED, *sorted(folder.glob("*/table.yaml"))]
    return [file.read_text(encoding="utf-8") for file in files]


def _table(file: Path, shared: Mapping[str, SharedColumn]) -> ReportTable:
    name = file.parent.name
    declared = parse(Declaration, read_yaml(file), file, name)
    columns = {
        column.name: column
        for key, own in declared.columns.items()
        for column in _columns(key, own or OwnColumn(), shared.get(key, SharedColumn()), file)
    }
    frozen = declared.editions.columns if declared.editions else ()
    for key, names in (("key", declared.key), ("editions.columns", frozen)):
        if unknown := [column for column in names if column not in columns]:
            raise CatalogueError(file, key, f"names {unknown[0]}, which is not a column of the table")
    if optional := [
        column for column in declared.key if columns[column].nullable and declared.kind == "table"
    ]:
        raise CatalogueError(file, f"columns.{optional[0]}", "is part of the key and cannot be nullable")
    return ReportTable(
        name=name,
        kind=declared.kind,
        grain=declared.grain,
        holds=declared.holds,
        made_from=declared.made_from,
        rows=declared.rows,
        key=declared.key,
        columns=columns,
        constraints=declared.constraints,
        editions=declared.editions,
        file=file,
    )


def _columns(key: str, own: OwnColumn, shared: SharedColumn, file: Path) -> Iterator[Column]:
    def needed(what: str) -> Any:
        value = getattr(own, what) or getattr(shared, what)
        if value is None:
            fault = f"has no {what}. Next step: write it here or in {SHARED}"
            raise CatalogueError(file, f"columns.{key}", fault)
        return value

    type_, text, label = needed("type"), needed("meaning"), needed("label")
    unit, form = own.unit or shared.unit, own.format or shared.format
    of_one = type_.replace("names", "text")
    for name, meaning in _in_languages(key, type_, text):
        yield Column(name, of_one, own.nullable, meaning, unit, label, form)


def _in_languages(key: str, type_: str | None, meaning: str) -> Iterator[tuple[str, str]]:
    """The database columns of an entry, and their meanings."""
    if type_ in ("names", "names[]"):
        yield from ((f"{key}_{code}", f"{meaning} in {language}.") for code, language in DECLARED.items())
    else:
        yield key, meaning


def _twin(table: ReportTable, editions: Editions, shared: Mapping[str, SharedColumn]) -> ReportTable:
    """The table that stores the rows of `table` as published in editions."""
    of_edition = {
        name: column
        for name in ("edition", "rating")
        for column in _columns(name, OwnColumn(), shared.get(name, SharedColumn()), table.file)
    }
    frozen = {name: column for name, column in table.columns.items() if name in editions.columns}
    checks = {name: text for name, text in table.constraints.items() if text.startswith("check")}
    belongs = "foreign key (rating, edition) references report.edition deferrable initially deferred"
    name = f"edition_{table.name}"
    return replace(
        table,
        name=name,
        grain=editions.grain,
        holds=editions.holds,
        made_from=(f"report.{table.name}",),
        rows="frozen",
        key=(
            "rating",
            "edition",
            *(column for column in table.key if column not in ("rating", "time_period")),
        ),
        columns=of_edition | frozen,
        constraints={**checks, f"{name}_rating_edition_fkey": belongs},
        editions=None,
    )


def _check_labels(tables: Iterable[ReportTable]) -> None:
    """Check that columns of the same name have the same label: pages and sheets look it up by name."""
    known: dict[str, Column] = {}
    for table in tables:
        for name, column in table.columns.items():
            before = known.setdefault(name, column)
            if (before.label, before.format) != (column.label, column.format):
                fault = f"has another label in another table. Next step: label it in {SHARED}"
                raise table.fault(f"columns.{name}", fault)
