"""Loads the data dictionary: descriptions of the schemas, tables, columns and functions of the warehouse.

Those of schema report are declared in include/sql/reports, all others in include/sql/dictionary.
"""

from functools import cache
from pathlib import Path
from typing import Annotated, Final

from pydantic import BeforeValidator, Field

from city_indicators.catalog.entry import Entry
from city_indicators.catalog.load import parse, read_yaml
from city_indicators.core.errors import CatalogueError
from city_indicators.core.paths import SQL
from city_indicators.warehouse.report_tables import (
    REPORTS,
    SHARED,
    ReportTable,
    load_report_tables,
    load_shared,
    meanings,
)

DICTIONARY: Final = SQL / "dictionary"


Text = Annotated[str, Field(min_length=1)]
TextOrTerm = Annotated[str, BeforeValidator(lambda text: "" if text is None else text)]


class Table(Entry):
    """A table or view: its grain (what one row is), its contents, and its columns."""

    grain: Text
    holds: Text
    columns: dict[str, TextOrTerm]

    @property
    def comment(self) -> str:
        """Its comment in the database."""
        return f"{self.holds} Grain: {self.grain}."


class Schema(Entry):
    """A schema with its tables and views, and its documented functions."""

    holds: Text
    tables: dict[str, Table] = Field(default_factory=dict)
    functions: dict[str, Text] = Field(default_factory=dict)


@cache
def dictionary() -> dict[str, Schema]:
    """The dictionary of the project's files, loaded once."""
    return load_dictionary()


def load_dictionary(folder: Path = DICTIONARY, reports: Path = REPORTS) -> dict[str, Schema]:
    """Load every schema by name; a column without a text gets that of its name in reports/columns.yaml.

    Raises:
        CatalogueError: a file is wrong, or a column has no text; names file and key.
    """
    terms = meanings(load_shared(reports))
    files = sorted(folder.glob("*.yaml"))
    schemas = {file.stem: parse(Schema, read_yaml(file), file, file.stem) for file in files}
    described = {
        name: _with_terms(schema, terms, folder / f"{name}.yaml") for name, schema in schemas.items()
    }
    declared = {name: _declared(table) for name, table in load_report_tables(reports).items()}
    return described | {"report": described["report"].model_copy(update={"tables": declared})}


def _with_terms(schema: Schema, terms: dict[str, str], file: Path) -> Schema:
    tables = {}
    for name, table in schema.tables.items():
        columns = {column: text or terms.get(column, "") for column, text in table.columns.items()}
        if undescribed := [column for column, text in columns.items() if not text]:
            key = f"{file.stem}.tables.{name}.columns.{undescribed[0]}"
            raise CatalogueError(file, key, f"has no text. Next step: write it here or in reports/{SHARED}")
        tables[name] = table.model_copy(update={"columns": columns})
    return schema.model_copy(update={"tables": tables})


def _declared(table: ReportTable) -> Table:
    meant = {column.name: column.meaning for column in table.columns.values()}
    return Table(grain=table.grain, holds=table.holds, columns=meant)
