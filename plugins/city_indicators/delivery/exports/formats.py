"""The formats of an export: how each is written, and the name and media type of its file."""

import re
import zipfile
from collections.abc import Iterator
from datetime import datetime
from tempfile import TemporaryFile
from typing import IO, Final

from sqlalchemy import Connection

from city_indicators.core.errors import ExportError
from city_indicators.delivery.exports import Format, delimited, package, parquet, sdmx, workbook
from city_indicators.delivery.exports.facts import Facts, gather
from city_indicators.delivery.exports.files import add, chunks
from city_indicators.delivery.exports.tables import OBSERVATIONS, Export, Part

MEDIA_TYPES: Final = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "parquet": "application/vnd.apache.parquet",
    "zip": "application/zip",
    "sdmx.csv": "application/vnd.sdmx.data+csv; version=2.0.0; charset=utf-8",
}
"""Media types by file extension."""


def ending(export: Export, format_: Format) -> str:
    """The file extension. Several tables become a zip if the format holds only one.

    Raises:
        ExportError: the format is not for these tables.
    """
    if format_ == "sdmx-csv":
        if export.name != OBSERVATIONS:
            raise ExportError(
                export.name, "SDMX-CSV is for observations", f"export {OBSERVATIONS}, or choose csv"
            )
        return "sdmx.csv"
    several = len(export.parts) > 1 and format_ in ("csv", "parquet")
    return "zip" if several or format_ == "package" else format_


def file_name(export: Export, format_: Format) -> str:
    """A file name that is safe in file systems and headers, such as city-indicators_rating_2022.csv."""
    parts = ["city-indicators", export.name.removeprefix("report."), *(value for _, value in export.where)]
    if format_ == "package":
        parts.append("package")
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", "_".join(parts))
    return f"{name[:120]}.{ending(export, format_)}"


def is_streamed(export: Export, format_: Format) -> bool:
    """Whether the file is streamed in chunks, as CSV is."""
    return ending(export, format_) in ("csv", "sdmx.csv")


def stream(connection: Connection, export: Export, format_: Format) -> Iterator[bytes]:
    """The chunks of a file that `is_streamed`."""
    if format_ == "sdmx-csv":
        return sdmx.blocks(connection, export)
    return delimited.blocks(connection, export.parts[0])


def write(
    connection: Connection,
    export: Export,
    format_: Format,
    language: str,
    exported_at: datetime,
    file: IO[bytes],
) -> None:
    """Write an export to a file. `language` applies to workbooks only.

    Raises:
        ExportError: the tables do not fit the format.
    """
    if is_streamed(export, format_):
        file.writelines(stream(connection, export, format_))
        return
    facts = gather(connection, export, exported_at)
    if format_ == "xlsx":
        workbook.write(connection, export, facts, language, file)
    elif format_ == "package":
        package.write(connection, export, facts, file)
    elif len(export.parts) == 1:
        parquet.write(connection, export.parts[0], facts, file)
    else:
        _bundle(connection, export, format_, facts, file)


def _bundle(connection: Connection, export: Export, format_: Format, facts: Facts, file: IO[bytes]) -> None:
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as bundle:
        for part in export.parts:
            content = (
                _parquet(connection, part, facts)
                if format_ == "parquet"
                else delimited.blocks(connection, part)
            )
            add(bundle, f"{part.name}.{format_}", content, facts.exported_at)


def _parquet(connection: Connection, part: Part, facts: Facts) -> Iterator[bytes]:
    with TemporaryFile() as file:
        parquet.write(connection, part, facts, file)
        yield from chunks(file)
