"""The page Downloads and the files it links to."""

from collections.abc import Sequence
from typing import Annotated, Any, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse, Response
from sqlalchemy import Connection, Engine, Table, func, select

from city_indicators.core.languages import Language, message, words
from city_indicators.delivery.exports import FORMATS, Format
from city_indicators.delivery.exports.order import Order
from city_indicators.delivery.exports.tables import (
    EDITION_TABLES,
    OBSERVATIONS,
    choose,
    reading,
    report_tables,
)
from city_indicators.delivery.exports.texts import description
from city_indicators.delivery.web.exporting import AT_ONCE, ExportResponse, Places
from city_indicators.delivery.web.pages import NavigationEntry, Services
from city_indicators.delivery.web.render import render
from city_indicators.warehouse.database import rows

TITLES: Final[dict[Format, str]] = {
    "csv": "CSV",
    "xlsx": "XLSX",
    "parquet": "Parquet",
    "package": "Data Package",
    "sdmx-csv": "SDMX-CSV",
}

LARGEST_COUNTED: Final = 1_000_000
"""Up to how many bytes the rows of a table are counted, which takes about a millisecond."""

NAVIGATION: Final = NavigationEntry(40, message("Downloads"), "downloads", "downloads")


def router(services: Services) -> APIRouter:
    """The routes `/downloads` and `/export/{name}`; the app that includes them demands the login."""
    routes = APIRouter()
    places = Places(AT_ONCE)

    @routes.get("/downloads")
    def downloads(language: Language = "en") -> HTMLResponse:
        return render("downloads.html", language, page(services.warehouse(), language))

    @routes.get("/export/{name}")
    def export(
        name: str,
        where: Annotated[Sequence[str], Query()] = (),
        format_: Annotated[Format, Query(alias="format")] = "csv",
        language: Language = "en",
    ) -> Response:
        order = Order(services.warehouse_url()._asdict(), name, where, format_, language)
        return ExportResponse(order, places)

    return routes


def page(warehouse: Engine, language: Language) -> dict[str, Any]:
    """What the template needs: every download, with a link per format."""
    with reading(warehouse) as connection:
        tables = report_tables(connection)
        (observations,) = choose(connection, OBSERVATIONS, ()).parts
        editions = _editions(connection, tables)
        sizes = stored(connection, tables)
    _ = words(language).gettext
    together = [
        {
            "name": f"{rating} {edition}",
            "holds": _("A published edition: all its tables."),
            "links": links("edition", language, [f"rating={rating}", f"edition={edition}"]),
        }
        for rating, edition in editions
    ]
    holds = _("The ratings of all years: cities, pillars and indicators together.")
    together.append({"name": "ratings", "holds": holds, "links": links("ratings", language)})
    single = [(table.fullname, table) for table in tables.values()]
    return {
        "here": "downloads",
        "together": together,
        "tables": [
            {
                "name": name,
                "about": description(table, language),
                "links": links(name, language),
                "stored": sizes.get(name),
            }
            for name, table in [*single, (OBSERVATIONS, observations.table)]
        ],
    }


def stored(connection: Connection, tables: dict[str, Table]) -> dict[str, dict[str, Any]]:
    """The `byte_count` and `row_count` of each stored table, by its full name; views are not stored.

    Up to LARGEST_COUNTED bytes the rows are `counted`, otherwise estimated; None before the first analysis.
    """
    found = {tables[row["table_name"]]: row for row in rows(connection, "web/stored_tables")}
    small = [table for table, row in found.items() if row["byte_count"] <= LARGEST_COUNTED]
    counts = [select(func.count()).select_from(table).scalar_subquery().label(table.name) for table in small]
    counted = connection.execute(select(*counts)).mappings().one() if counts else {}
    return {
        table.fullname: {
            **row,
            "row_count": counted.get(table.name, row["row_count"]),
            "counted": table in small,
        }
        for table, row in found.items()
    }


def links(
    name: str, language: Language, where: Sequence[str] = (), formats: Sequence[Format] = FORMATS
) -> dict[str, str]:
    """Addresses of an export relative to the pages, by the title of the format."""
    return {
        TITLES[format_]: f"export/{name}?"
        + urlencode({"format": format_, "language": language, "where": where}, doseq=True)
        for format_ in formats
        if format_ != "sdmx-csv" or name == OBSERVATIONS
    }


def _editions(connection: Connection, tables: dict[str, Table]) -> list[Any]:
    if not tables.keys() >= set(EDITION_TABLES):
        return []
    key = [tables[EDITION_TABLES[0]].columns[name] for name in ("rating", "edition")]
    return list(connection.execute(select(*key).order_by(*key)))
