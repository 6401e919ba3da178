"""Collects the metadata of an export: sources and licences, vintage, and labels of codes."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Final

from sqlalchemy import Connection

from city_indicators.catalog.load import other_countries
from city_indicators.core.languages import name_in, names
from city_indicators.delivery.exports.tables import Export, batches
from city_indicators.delivery.exports.texts import codes, meaning
from city_indicators.warehouse.database import rows, statement

CODE_LISTS: Final = {
    "ref_area": "place",
    "country": "place",
    "source_ref_area": "place",
    "indicator": "indicator",
    "unit_measure": "unit",
    "city_groups": "group",
    **dict.fromkeys(("geo_basis", "basis_before", "basis_after"), "basis"),
}
"""The columns with codes of the catalogue, and the code list of each."""

SOURCES: Final = ("source", "denominator_source", "other_source")
"""The columns that name the source of an observation in their row."""

SOURCES_THEN: Final = "edition_source"
NAMES_THEN: Final = "edition_name"
"""The tables with the sources and the names as published."""


@dataclass(frozen=True)
class Facts:
    """The metadata of an export.

    `sources` are rows of catalog.source: those that the exported rows name, or all of them if no table names
    its sources; with an edition, those published with it. `known_from` is when the latest observation became
    known, None without such a column. `refreshed_at` is the time of the refresh that wrote the rows, or of
    the latest refresh.
    """

    exported_at: datetime
    sources: list[dict[str, Any]]
    known_from: datetime | None
    refreshed_at: datetime | None
    method_versions: list[str]


def gather(connection: Connection, export: Export, exported_at: datetime) -> Facts:
    """Read the metadata of an export from the warehouse."""
    named = any(column in part.table.columns for part in export.parts for column in SOURCES)
    sources = {
        name for part in export.parts for column in SOURCES for name in part.distinct(connection, column)
    }
    known = [part.maximum(connection, "known_from") for part in export.parts]
    refreshes = [part.maximum(connection, "report_refresh_id") for part in export.parts]
    versions = {v for part in export.parts for v in part.distinct(connection, "method_version")}
    parameters = {"sources": sorted(sources) if named else None}
    refresh = max((number for number in refreshes if number is not None), default=None)
    frozen = {
        row["source"]: {**row, "name": row["source_name"]} for row in _rows(connection, export, SOURCES_THEN)
    }
    current = connection.execute(statement("export/sources"), parameters).mappings()
    return Facts(
        exported_at,
        [frozen.get(row["source"], dict(row)) for row in current],
        max((at for at in known if at is not None), default=None),
        connection.scalar(statement("export/refreshed_at"), {"report_refresh_id": refresh}),
        sorted(versions),
    )


def _rows(connection: Connection, export: Export, table: str) -> list[dict[str, Any]]:
    """The rows of a table; none if it is not exported."""
    statements = (part.rows(part.table.columns) for part in export.parts if part.name == table)
    return [row._asdict() for each in statements for some in batches(connection, each) for row in some]


def names_of(connection: Connection, export: Export, language: str) -> dict[tuple[str, str], str]:
    """The names of codes, by code list and code: those of the catalogue, unless an edition has its own."""
    frozen = [{"list": row["code_list"], **row} for row in _rows(connection, export, NAMES_THEN)]
    return catalogue_names(connection, language) | names_in(language, frozen)


def catalogue_names(connection: Connection, language: str) -> dict[tuple[str, str], str]:
    """The names of the catalogue's codes, by code list and code."""
    translated = names(language)
    return {
        (row["list"], code): translated.get(name, name)
        for row in rows(connection, "export/names_in_language", language=language)
        for code, name in row["names"].items()
    }


def names_in(language: str, listed: Iterable[Mapping[Any, Any]]) -> dict[tuple[str, str], str]:
    """The names of codes in a language, by code list and code, of rows as of export/code_names."""
    return {(row["list"], row["code"]): name_in(language, row) for row in listed}


def in_words(column: str, code: str, language: str, names: dict[tuple[str, str], str]) -> str | None:
    """The label of a code in a column, `names` being those of the catalogue; None if it has none."""
    if column in CODE_LISTS:
        own = names.get((CODE_LISTS[column], code))
        return _other_country(code, language) if own is None and column == "country" else own
    return meaning(column, code, language)


def _other_country(code: str, language: str) -> str | None:
    """The name of a country without a city of ours, by its ISO code; best practices come from any."""
    found = _other_countries().get(code)
    return name_in(language, found) if found else None


@cache
def _other_countries() -> dict[str, dict[str, str]]:
    return other_countries()


def coded(column: str) -> bool:
    """Whether the cells of a column are codes with labels."""
    return column in CODE_LISTS or column in codes()
