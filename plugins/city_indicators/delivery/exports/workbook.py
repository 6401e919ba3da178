"""Rows as a workbook for people: a sheet a table, a sheet of notes, a sheet of sources and licences."""

from collections import defaultdict
from itertools import chain
from typing import IO, Any, Final

from sqlalchemy import Column, Connection

from city_indicators.core.errors import ExportError
from city_indicators.delivery.exports.cells import fill, line, styled
from city_indicators.delivery.exports.facts import Facts, catalogue_names, coded, in_words
from city_indicators.delivery.exports.kinds import Kind, as_value, kind
from city_indicators.delivery.exports.tables import Export, Part, batches
from city_indicators.delivery.exports.texts import description, heading, number_formats, shown, word
from city_indicators.delivery.labels import Language

MAX_ROWS: Final = 1_048_575
"""Rows of a sheet below its heading."""

FORMATS: Final[dict[Kind, str]] = {"date": "yyyy-mm-dd", "datetime": "yyyy-mm-dd hh:mm:ss"}
WIDTHS: Final[dict[Kind, int]] = {"text": 24, "array": 24, "json": 40, "datetime": 19}

SOURCE_COLUMNS: Final = ("source", "name", "publisher", "base_url", "licence", "licence_url", "attribution")

Codes = defaultdict[str, set[str]]


def write(connection: Connection, export: Export, facts: Facts, language: Language, file: IO[bytes]) -> None:
    """Write the workbook; names are in `language`, and the other two are left out.

    Raises:
        ExportError: a table has more rows than a sheet.
    """
    from openpyxl import Workbook

    counts = [part.count(connection) for part in export.parts]
    for part, rows in zip(export.parts, counts, strict=True):
        if rows > MAX_ROWS:
            fault = f"{part.table.fullname} has {rows} rows, and a sheet of a workbook holds {MAX_ROWS}"
            raise ExportError(export.name, fault, "ask for fewer with a condition, or for CSV or Parquet")
    book = Workbook(write_only=True)
    codes: Codes = defaultdict(set)
    for part, rows in zip(export.parts, counts, strict=True):
        _rows(book, connection, part, rows, language, codes)
    _notes(book, export, counts, facts, language, _meanings(connection, codes, language))
    _sources(book, facts, language)
    book.save(file)


def _rows(book: Any, connection: Connection, part: Part, rows: int, language: Language, codes: Codes) -> None:
    from openpyxl.utils import get_column_letter

    columns = [part.table.columns[name] for name in shown(part.table, language)]
    heads = [heading(column.name, language) for column in columns]
    sheet = book.create_sheet(part.name)
    sheet.freeze_panes = "A2"
    for number, (column, head) in enumerate(zip(columns, heads, strict=True), start=1):
        # A Chinese character is as wide as two letters.
        wide = sum(2 if ord(character) > 0x2E7F else 1 for character in head)
        width = max(WIDTHS.get(kind(column.type), 10), wide + 4)
        sheet.column_dimensions[get_column_letter(number)].width = width
    line(sheet, heads, head=True)
    cells = [styled(sheet, _format(column)) for column in columns]
    cut = word("cut", language)
    in_codes = [(number, column.name) for number, column in enumerate(columns) if coded(column.name)]
    for row in chain.from_iterable(batches(connection, part.rows(map(as_value, columns)))):
        for number, name in in_codes:
            if row[number] is not None:
                codes[name].update(row[number] if isinstance(row[number], list) else [row[number]])
        for cell, value in zip(cells, row, strict=True):
            fill(cell, value, cut)
        sheet.append(cells)
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(columns))}{rows + 1}"


def _format(column: Column[Any]) -> str:
    return number_formats().get(column.name) or FORMATS.get(kind(column.type), "General")


def _meanings(connection: Connection, codes: Codes, language: Language) -> list[tuple[str, str, str]]:
    names = catalogue_names(connection, language)
    return [
        (heading(column, language), code, known)
        for column, used in codes.items()
        for code in sorted(used)
        if (known := in_words(column, code, language, names))
    ]


def _notes(
    book: Any,
    export: Export,
    counts: list[int],
    facts: Facts,
    language: Language,
    meanings: list[tuple[str, str, str]],
) -> None:
    def said(key: str) -> str:
        return word(key, language)

    sheet = book.create_sheet(said("notes"))
    for letter, width in zip("ABC", (34, 40, 60), strict=True):
        sheet.column_dimensions[letter].width = width
    for part, rows in zip(export.parts, counts, strict=True):
        about = description(part.table, language)
        line(sheet, [said("table"), part.table.fullname], head=True)
        line(sheet, [said("holds"), about.holds])
        line(sheet, [said("grain"), about.grain])
        line(sheet, [said("rows"), rows])
    told = {
        "filter": ", ".join(f"{column} = {value}" for column, value in export.where),
        "method_version": ", ".join(facts.method_versions),
        "known_from": facts.known_from,
        "refreshed_at": facts.refreshed_at,
        "exported_at": facts.exported_at,
    }
    line(sheet, [])
    for key, value in told.items():
        if value:
            line(sheet, [said(key), value])
    for warning in ("times", "neutralised", "source_licences"):
        line(sheet, [said(warning)])
    line(sheet, [])
    line(sheet, [said("table"), said("column"), said("in_database")], head=True)
    for part in export.parts:
        for name in shown(part.table, language):
            line(sheet, [part.name, heading(name, language), name])
    line(sheet, [])
    line(sheet, [said("column"), said("code"), said("meaning")], head=True)
    for known in meanings:
        line(sheet, known)


def _sources(book: Any, facts: Facts, language: Language) -> None:
    sheet = book.create_sheet(word("sources", language))
    sheet.freeze_panes = "A2"
    for letter, width in zip("ABCDEFG", (20, 40, 30, 36, 24, 40, 70), strict=True):
        sheet.column_dimensions[letter].width = width
    line(sheet, [heading(column, language) for column in SOURCE_COLUMNS], head=True)
    for source in facts.sources:
        line(sheet, [source[column] for column in SOURCE_COLUMNS])
