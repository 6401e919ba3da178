"""Labels of columns, labels of codes and descriptions of tables, in the language of a reader."""

from functools import cache
from typing import Final

from sqlalchemy import Table

from city_indicators.catalog.entry import Entry
from city_indicators.catalog.load import parse, read_yaml
from city_indicators.core.languages import ENGLISH, languages, message, words
from city_indicators.warehouse.dictionary import dictionary
from city_indicators.warehouse.report_tables import REPORTS, load_shared, report_tables

FILE: Final = REPORTS / "codes.yaml"
"""The codes of columns, each with its English label."""

LICENCES: Final = message(
    "Values keep the licence of their source. Cite the source as its attribution requires."
)


class Description(Entry):
    """What one row of a table is, and what the table holds."""

    grain: str
    holds: str


class Codes(Entry):
    """The file codes.yaml: labels by column and code."""

    columns: dict[str, dict[str, str]]


@cache
def codes() -> dict[str, dict[str, str]]:
    """The English labels of codes, by column and code.

    Raises:
        CatalogueError: the file is wrong.
    """
    return parse(Codes, {"columns": read_yaml(FILE)}, FILE, "").columns


@cache
def labels() -> dict[str, str]:
    """The English labels of columns by name, with and without the language of the name."""
    shared = {name: entry.label for name, entry in load_shared().items() if entry.label}
    columns = [column for table in report_tables().values() for column in table.columns.values()]
    own = {name: column.label for column in columns for name in (stem(column.name), column.name)}
    return shared | own


@cache
def number_formats() -> dict[str, str]:
    """The formats of cells of a spreadsheet, by the name of the column."""
    columns = [column for table in report_tables().values() for column in table.columns.values()]
    return {column.name: column.format for column in columns if column.format}


def heading(column: str, language: str) -> str:
    """The label of a column; its name if it has none."""
    found = labels().get(column) or labels().get(stem(column))
    return words(language).gettext(found) if found else column


def stem(column: str) -> str:
    """The name without its language: city_name of city_name_ru."""
    name, _, language = column.rpartition("_")
    return name if language in languages() else column


def description(table: Table, language: str) -> Description:
    """What the table holds, as the dictionary documents it; else as the database does."""
    schema = dictionary().get(str(table.schema))
    if schema and (known := schema.tables.get(table.name)):
        translate = words(language).gettext
        return Description(grain=translate(known.grain), holds=translate(known.holds))
    return Description(grain=", ".join(table.primary_key.columns.keys()) or "–", holds=table.comment or "")


def label_of(indicator: str, value: float | None, language: str) -> str | None:
    """The label of an observed value that is a code, such as 0 for "no target"; None of other indicators."""
    return None if value is None or indicator not in codes() else meaning(indicator, f"{value:g}", language)


def meaning(column: str, code: str, language: str = ENGLISH) -> str | None:
    """The label of a code; None if it has none. A code may name its object after a colon."""
    kind, _, of = str(code).partition(":")
    label = codes().get(column, {}).get(kind)
    return words(language).gettext(label).format(of=of) if label else None
