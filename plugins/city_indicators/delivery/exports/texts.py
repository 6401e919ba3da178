"""What exports say to people in three languages, from include/exports and include/sql/reports."""

from functools import cache
from typing import Final

from sqlalchemy import Table

from city_indicators.catalog.entry import Entry, Names
from city_indicators.catalog.load import parse, read_yaml
from city_indicators.core.errors import CatalogueError
from city_indicators.core.paths import EXPORTS
from city_indicators.delivery.labels import LABELS, LANGUAGES, Language
from city_indicators.warehouse.dictionary import dictionary
from city_indicators.warehouse.report_tables import load_shared, report_tables

IN_LABELS: Final = ("state", "reason_code")
"""Columns whose codes the pages say in words; a reason may name its pillar after a colon."""


class Description(Entry):
    """What one row of a table is, and what the table holds."""

    grain: str
    holds: str


class Texts(Entry):
    """The files of include/exports by name."""

    words: dict[str, Names]
    codes: dict[str, dict[str, Names]]


@cache
def texts() -> Texts:
    """All texts.

    Raises:
        CatalogueError: a file is wrong.
    """
    files = {name: read_yaml(EXPORTS / f"{name}.yaml") for name in Texts.model_fields}
    return parse(Texts, files, EXPORTS, "")


def word(key: str, language: Language) -> str:
    """A text of include/exports/words.yaml.

    Raises:
        CatalogueError: it is absent.
    """
    found = texts().words.get(key)
    if found is None:
        raise CatalogueError(EXPORTS / "words.yaml", key, "is absent")
    return in_language(found, language)


def in_language(names: Names, language: Language) -> str:
    """One of the three names."""
    return str(getattr(names, language))


@cache
def labels() -> dict[str, Names]:
    """What people read above columns, by name, with and without its language."""
    shared = {name: entry.label for name, entry in load_shared().items() if entry.label}
    columns = [column for table in report_tables().values() for column in table.columns.values()]
    own = {name: column.label for column in columns for name in (stem(column.name), column.name)}
    return shared | own


@cache
def number_formats() -> dict[str, str]:
    """The formats of cells of a spreadsheet, by the name of the column."""
    columns = [column for table in report_tables().values() for column in table.columns.values()]
    return {column.name: column.format for column in columns if column.format}


def heading(column: str, language: Language) -> str:
    """What people read above a column: its label, else its own name."""
    found = labels().get(column) or labels().get(stem(column))
    return in_language(found, language) if found else column


def stem(column: str) -> str:
    """The name without its language: city_name of city_name_ru."""
    name, _, language = column.rpartition("_")
    return name if language in LANGUAGES else column


def shown(table: Table, language: Language) -> list[str]:
    """The columns for a reader of one language: of names in three languages, the one in his."""
    every = list(table.columns.keys())
    others = {f"_{other}" for other in LANGUAGES if other != language}
    in_three = {stem(column) for column in every if all(f"{stem(column)}_{x}" in every for x in LANGUAGES)}
    return [column for column in every if stem(column) not in in_three or column[-3:] not in others]


def description(table: Table, language: Language) -> Description:
    """What the table holds: in the language, if its dictionary has that, else as the database says."""
    schema = dictionary().get(str(table.schema))
    if schema and (told := schema.tables.get(table.name)):
        return Description(grain=in_language(told.grain, language), holds=in_language(told.holds, language))
    return Description(grain=", ".join(table.primary_key.columns.keys()) or "–", holds=table.comment or "")


def meaning(column: str, code: str, language: Language) -> str | None:
    """A code in words, None if no text knows it."""
    if column in IN_LABELS:
        kind, _, pillar = code.partition(":")
        return LABELS[language][kind].format(pillar=pillar) if kind in LABELS[language] else None
    names = texts().codes.get(column, {}).get(code)
    return in_language(names, language) if names else None
