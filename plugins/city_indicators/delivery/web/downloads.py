"""The page Downloads and the files it links to."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from tempfile import TemporaryFile
from typing import IO, Annotated, Any, Final
from urllib.parse import urlencode

from fastapi import APIRouter, HTTPException, Query
from fastapi.responses import HTMLResponse, Response, StreamingResponse
from sqlalchemy import Connection, Engine, Table, select

from city_indicators.core.errors import ExportError, UnknownExportError
from city_indicators.core.languages import Language, words
from city_indicators.delivery.exports import FORMATS, Format
from city_indicators.delivery.exports.files import chunks
from city_indicators.delivery.exports.formats import (
    MEDIA_TYPES,
    ending,
    file_name,
    is_streamed,
    stream,
    write,
)
from city_indicators.delivery.exports.tables import (
    EDITION_TABLES,
    OBSERVATIONS,
    Export,
    choose,
    reading,
    report_tables,
)
from city_indicators.delivery.exports.texts import description
from city_indicators.delivery.web.pages import NavigationEntry, Services
from city_indicators.delivery.web.render import render
from city_indicators.warehouse.database import engine

TITLES: Final[dict[Format, str]] = {
    "csv": "CSV",
    "xlsx": "XLSX",
    "parquet": "Parquet",
    "package": "Data Package",
    "sdmx-csv": "SDMX-CSV",
}

NAVIGATION: Final = NavigationEntry(4, "Downloads", "downloads", "downloads")


def router(services: Services) -> APIRouter:
    """The routes `/downloads` and `/export/{name}`; the app that includes them demands the login."""
    routes = APIRouter()

    @routes.get("/downloads")
    def downloads(language: Language = "en") -> HTMLResponse:
        return render("downloads.html", language, page(engine(services.warehouse_url()), language))

    @routes.get("/export/{name}")
    def export(
        name: str,
        where: Annotated[Sequence[str], Query()] = (),
        format_: Annotated[Format, Query(alias="format")] = "csv",
        language: Language = "en",
    ) -> Response:
        try:
            return answer(engine(services.warehouse_url()), name, where, format_, language)
        except ExportError as error:
            raise HTTPException(404 if isinstance(error, UnknownExportError) else 422, str(error)) from error

    return routes


def answer(
    warehouse: Engine, name: str, where: Sequence[str], format_: Format, language: Language
) -> StreamingResponse:
    """An export as an attachment.

    Streamed formats are read from the warehouse while they are sent. Others are first written to a
    file without a name, which is gone once it is closed, whatever becomes of the request.

    Raises:
        ExportError: there is no such export. Nothing was sent then.
    """
    with reading(warehouse) as connection:
        export = choose(connection, name, where)
        kind = ending(export, format_)
        headers = {"Content-Disposition": f'attachment; filename="{file_name(export, format_)}"'}
        if is_streamed(export, format_):
            content = _streamed(warehouse, export, format_)
        else:
            content = chunks(_written(connection, export, format_, language))
    return StreamingResponse(content, headers=headers, media_type=MEDIA_TYPES[kind])


def page(warehouse: Engine, language: Language) -> dict[str, Any]:
    """What the template needs: every download, with a link per format."""
    with reading(warehouse) as connection:
        tables = report_tables(connection)
        (observations,) = choose(connection, OBSERVATIONS, ()).parts
        editions = _editions(connection, tables)
    _ = words(language).gettext
    together = [
        {
            "name": f"{rating} {edition}",
            "holds": _("A published edition: its cities, pillars and indicators."),
            "links": links("edition", language, [f"rating={rating}", f"edition={edition}"]),
        }
        for rating, edition in editions
    ]
    holds = _("The ratings of all years: cities, pillars and indicators together.")
    together.append({"name": "ratings", "holds": holds, "links": links("ratings", language)})
    single = [(table.fullname, table) for table in tables.values()]
    return {
        "together": together,
        "tables": [
            {"name": name, "about": description(table, language), "links": links(name, language)}
            for name, table in [*single, (OBSERVATIONS, observations.table)]
        ],
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


def _streamed(warehouse: Engine, export: Export, format_: Format) -> Iterator[bytes]:
    with reading(warehouse) as connection:
        yield from stream(connection, export, format_)


def _written(connection: Connection, export: Export, format_: Format, language: Language) -> IO[bytes]:
    file = TemporaryFile()  # noqa: SIM115 - closed when the answer is sent or given up
    write(connection, export, format_, language, datetime.now(UTC), file)
    return file
