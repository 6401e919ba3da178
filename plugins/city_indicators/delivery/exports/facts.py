"""Collects the metadata of an export: sources and licences, vintage, and labels of codes."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection

from city_indicators.core.languages import name_in
from city_indicators.delivery.exports.tables import Export
from city_indicators.delivery.exports.texts import codes, meaning
from city_indicators.warehouse.database import statement

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


@dataclass(frozen=True)
class Facts:
    """The metadata of an export.

    `sources` are rows of catalog.source: those that the exported rows name, or all of them if no table names
    its sources. `known_from` is when the latest observation became known, None without such a column.
    `refreshed_at` is the time of the refresh that wrote the rows, or of the latest refresh.
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
    return Facts(
        exported_at,
        [dict(row) for row in connection.execute(statement("export/sources"), parameters).mappings()],
        max((at for at in known if at is not None), default=None),
        connection.scalar(statement("export/refreshed_at"), {"report_refresh_id": refresh}),
        sorted(versions),
    )


def catalogue_names(connection: Connection, language: str) -> dict[tuple[str, str], str]:
    """The names of the catalogue's codes, by code list and code."""
    rows = connection.execute(statement("export/code_names")).mappings()
    return {(row["list"], row["code"]): name_in(language, row) for row in rows}


def in_words(column: str, code: str, language: str, names: dict[tuple[str, str], str]) -> str | None:
    """The label of a code in a column, `names` being those of the catalogue; None if it has none."""
    if column in CODE_LISTS:
        return names.get((CODE_LISTS[column], code))
    return meaning(column, code, language)


def coded(column: str) -> bool:
    """Whether the cells of a column are codes with labels."""
    return column in CODE_LISTS or column in codes()
