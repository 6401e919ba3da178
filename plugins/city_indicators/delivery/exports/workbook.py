"""Writes a workbook for people: one sheet per table, one with notes, one with sources and licences."""

from collections import defaultdict
from itertools import chain
from typing import IO, Any, Final

from sqlalchemy import Connection

from city_indicators.core.errors import ExportError
from city_indicators.core.languages import words
from city_indicators.delivery.exports.cells import fill, line, styled
from city_indicators.delivery.exports.facts import Facts, coded, in_words, names_of
from city_indicators.delivery.exports.fields import Field, shown
from city_indicators.delivery.exports.kinds import Kind, as_value, kind
from city_indicators.delivery.exports.tables import Export, Part, batches
from city_indicators.delivery.exports.texts import LICENCES, codes, description, heading, number_formats

MAX_ROWS: Final = 1_048_575
"""Rows of a sheet below its heading."""

MAX_TITLE: Final = 31
"""Characters of the name of a sheet."""

FORMATS: Final[dict[Kind, str]] = {"date": "yyyy-mm-dd", "datetime": "yyyy-mm-dd hh:mm:ss"}
WIDTHS: Final[dict[Kind, int]] = {"text": 24, "array": 24, "json": 40, "datetime": 19}

SOURCE_COLUMNS: Final = ("source", "name", "publisher", "base_url", "licence", "licence_url", "attribution")

Codes = defaultdict[str, set[str]]


def write(connection: Connection, export: Export, facts: Facts, language: str, file: IO[bytes]) -> None:
    """Write the workbook, with names in one language.

    Raises:
        ExportError: a table has more rows than a sheet.
    """
    from openpyxl import Workbook

    counts = [part.count(connection) for part in export.parts]
    for part, rows in zip(export.parts, counts, strict=True):
        if rows > MAX_ROWS:
            fault = f"{part.table.fullname} has {rows} rows, and a sheet of a workbook holds {MAX_ROWS}"
            raise ExportError(export.name, fault, "select fewer with a condition, or export CSV or Parquet")
    book = Workbook(write_only=True)
    used: Codes = defaultdict(set)
    for part, rows in zip(export.parts, counts, strict=True):
        _rows(book, connection, part, rows, language, used)
    _notes(book, export, counts, facts, language, _meanings(connection, export, used, language))
    _sources(book, facts, language)
    book.save(file)


def _rows(book: Any, connection: Connection, part: Part, rows: int, language: str, used: Codes) -> None:
    from openpyxl.utils import get_column_letter

    columns = shown(part.table, language)
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
    cut = words(language).gettext("… cut here; the CSV has the full text")
    in_codes = [(number, column.name) for number, column in enumerate(columns) if coded(column.name)]
    for row in chain.from_iterable(batches(connection, part.rows(map(as_value, columns), by_rank=True))):
        for number, name in in_codes:
            if row[number] is not None:
                used[name].update(row[number] if isinstance(row[number], list) else [row[number]])
        for cell, value in zip(cells, row, strict=True):
            fill(cell, value, cut)
        sheet.append(cells)
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(columns))}{rows + 1}"


def _format(column: Field) -> str:
    return number_formats().get(column.name) or FORMATS.get(kind(column.type), "General")


def _meanings(
    connection: Connection, export: Export, used: Codes, language: str
) -> list[tuple[str, str, str]]:
    """Column, code and label of every code in the rows, and the codes of coded indicators."""
    names = names_of(connection, export, language)
    labelled = [
        (heading(column, language), code, label)
        for column, each in used.items()
        for code in sorted(each)
        if (label := in_words(column, code, language, names))
    ]
    coded_values = [
        (names.get(("indicator", indicator), indicator), code, words(language).gettext(label))
        for indicator in sorted(used["indicator"] & codes().keys())
        for code, label in codes()[indicator].items()
    ]
    return labelled + coded_values


def _notes(
    book: Any,
    export: Export,
    counts: list[int],
    facts: Facts,
    language: str,
    meanings: list[tuple[str, str, str]],
) -> None:
    _ = words(language).gettext
    sheet = book.create_sheet(_("Notes")[:MAX_TITLE])
    for letter, width in zip("ABC", (34, 40, 60), strict=True):
        sheet.column_dimensions[letter].width = width
    for part, rows in zip(export.parts, counts, strict=True):
        about = description(part.table, language)
        line(sheet, [_("Table"), part.table.fullname], head=True)
        line(sheet, [_("Holds"), about.holds])
        line(sheet, [_("One row is"), about.grain])
        line(sheet, [_("Rows"), rows])
    line(sheet, [])
    for label, value in (
        (_("Only rows with"), ", ".join(f"{column} = {value}" for column, value in export.where)),
        (_("Method version"), ", ".join(facts.method_versions)),
        (_("Latest value known from (UTC)"), facts.known_from),
        (_("Reports refreshed (UTC)"), facts.refreshed_at),
        (_("Exported (UTC)"), facts.exported_at),
    ):
        if value:
            line(sheet, [label, value])
    line(sheet, [_("All times are UTC.")])
    line(
        sheet,
        [_("An apostrophe precedes a text that begins with a sign of formulas (= + - @, tab, line break).")],
    )
    line(sheet, [_(LICENCES)])
    _columns_and_codes(sheet, export, language, meanings)


def _columns_and_codes(
    sheet: Any, export: Export, language: str, meanings: list[tuple[str, str, str]]
) -> None:
    _ = words(language).gettext
    line(sheet, [])
    line(sheet, [_("Table"), _("Column"), _("Name in the database")], head=True)
    for part in export.parts:
        for column in shown(part.table, language):
            line(sheet, [part.name, heading(column.name, language), column.name])
    line(sheet, [])
    line(sheet, [_("Column"), _("Code"), _("Meaning")], head=True)
    for known in meanings:
        line(sheet, known)


def _sources(book: Any, facts: Facts, language: str) -> None:
    sheet = book.create_sheet(words(language).gettext("Sources and licences")[:MAX_TITLE])
    sheet.freeze_panes = "A2"
    for letter, width in zip("ABCDEFG", (20, 40, 30, 36, 24, 40, 70), strict=True):
        sheet.column_dimensions[letter].width = width
    line(sheet, [heading(column, language) for column in SOURCE_COLUMNS], head=True)
    for source in facts.sources:
        line(sheet, [source[column] for column in SOURCE_COLUMNS])
