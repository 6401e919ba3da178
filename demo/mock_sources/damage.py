"""The kinds of damage that the mock server can do to an answer.

Every wire format implements a Damage itself; a Spoiling is the same change to the bytes of any format.
"""

import csv
import io
import json
import re
import zipfile
from collections.abc import Callable, Mapping
from typing import Any, Final, Literal, get_args

Damage = Literal["missing_column", "unknown_area", "out_of_range", "duplicate_row", "not_a_number"]
Damager = Callable[[bytes, Damage], bytes]
Spoiling = Literal[
    "factor_1000",
    "year_missing",
    "half_the_cities",
    "all_null",
    "duplicated_page",
    "not_finite",
    "arabic_digits",
    "decimal_comma",
    "nbsp_in_header",
    "unclosed_quote",
    "mixed_encoding",
    "formula",
    "macro",
    "zip_bomb",
    "external_link",
]

DAMAGES: Final = frozenset(get_args(Damage))

UNKNOWN_NAME: Final = "Atlantis"
UNKNOWN_ISO2: Final = "XX"  # XX and XXX are user-assigned codes of ISO 3166
UNKNOWN_ISO3: Final = "XXX"
# No series of the sample can be negative, so this is out of range for all of them.
OUT_OF_RANGE: Final = -999_999_999
# None of the words that table readers take for an empty cell.
NOT_A_NUMBER: Final = "see note"
NOT_FINITE: Final = ("NaN", "Infinity", "1e400")
ARABIC_DIGITS: Final = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
INVISIBLE_SPACES: Final = "\u200b\u00a0"
BOMB_BYTES: Final = 64 * 1024 * 1024

Table = list[list[str]]


def spoil(body: bytes, kind: Spoiling) -> bytes:
    """The body changed by `kind`: CSV with values in its last column, JSON of the World Bank, or a workbook.

    A body in a format that a kind does not support stays as it is.
    """
    if body.startswith(b"PK"):
        return WORKBOOK[kind](body) if kind in WORKBOOK else body
    if body.startswith(b"[{"):
        return _spoil_json(body, kind)
    if kind in BYTES:
        return BYTES[kind](body)
    table = list(csv.reader(io.StringIO(body.decode())))
    # A body without a row of data is a page of metadata, or an empty answer.
    return _to_csv(CSV[kind](table)) if kind in CSV and len(table) > 1 else body


def _to_csv(rows: Table) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode()


def _each_observation(change: Callable[[str], str]) -> Callable[[Table], Table]:
    return lambda rows: [rows[0], *([*row[:-1], change(row[-1]) if row[-1] else ""] for row in rows[1:])]


def _first_values(texts: tuple[str, ...]) -> Callable[[Table], Table]:
    """Replace the first values, or change them if a text has a placeholder for the old value."""

    def change(rows: Table) -> Table:
        changed = [[*row[:-1], text.format(row[-1])] for row, text in zip(rows[1:], texts, strict=False)]
        return [rows[0], *changed, *rows[1 + len(changed) :]]

    return change


def _times_1000(text: str) -> str:
    return f"{float(text) * 1000:.12g}"


def _without(column: int, share: Callable[[list[str]], set[str]]) -> Callable[[Table], Table]:
    """Remove the rows whose cell in a column is in a share of all cells of that column."""

    def change(rows: Table) -> Table:
        gone = share(sorted({row[column] for row in rows[1:]}))
        return [rows[0], *(row for row in rows[1:] if row[column] not in gone)]

    return change


def _middle(texts: list[str]) -> set[str]:
    return {texts[len(texts) // 2]}


def _second_half(texts: list[str]) -> set[str]:
    return set(texts[len(texts) // 2 :])


def _spoil_json(body: bytes, kind: Spoiling) -> bytes:
    """Spoil a page of the World Bank; NaN and the like are written as Python writes them."""
    reply: list[Any] = json.loads(body)
    rows = reply[1] if len(reply) > 1 and reply[1] else []
    given = [row for row in rows if row.get("value") is not None]
    match kind:
        case "all_null":
            for row in given:
                row["value"] = None
        case "factor_1000":
            for row in given:
                row["value"] *= 1000
        case "duplicated_page":
            rows += [dict(row) for row in rows]
        case "half_the_cities":
            gone = _second_half(sorted({row["countryiso3code"] for row in given}))
            reply[1:] = [[row for row in rows if row["countryiso3code"] not in gone]] if rows else reply[1:]
        case "not_finite" if given:
            # Python writes no number like this; the reader has to convert it to infinity.
            given[0]["value"] = "1e400"
            return json.dumps(reply).replace('"1e400"', "1e400").encode()
        case "decimal_comma" | "arabic_digits" if given:
            text = str(given[0]["value"])
            given[0]["value"] = (
                text.replace(".", ",") if kind == "decimal_comma" else text.translate(ARABIC_DIGITS)
            )
    return json.dumps(reply).encode()


def _unclosed(body: bytes) -> bytes:
    """Insert a quotation mark before the second row that is never closed."""
    header, _, rest = body.partition(b"\n")
    return header + b'\n"' + rest


def _mixed(body: bytes) -> bytes:
    """Insert one Latin-1 letter into the UTF-8 of the first row."""
    header, _, rest = body.partition(b"\n")
    return header + b"\n\xe9" + rest


def _rewritten(body: bytes, change: Callable[[str, bytes], bytes]) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(body)) as old, zipfile.ZipFile(written, "w") as new:
        for part in old.infolist():
            new.writestr(part, change(part.filename, old.read(part)))
    return written.getvalue()


def _with_part(name: str, content: bytes) -> Callable[[bytes], bytes]:
    def change(body: bytes) -> bytes:
        written = io.BytesIO(body)
        with zipfile.ZipFile(written, "a", zipfile.ZIP_DEFLATED) as book:
            book.writestr(name, content)
        return written.getvalue()

    return change


def _bomb(body: bytes) -> bytes:
    return _with_part("xl/media/image1.png", bytes(BOMB_BYTES))(body)


def _with_formula(body: bytes) -> bytes:
    """Replace the last value of the first sheet with a formula without a saved value."""

    def change(name: str, content: bytes) -> bytes:
        if name != "xl/worksheets/sheet1.xml":
            return content
        before, cell, after = content.rpartition(b"<v>")
        return before + b"<f>1+1</f><v></v>" + after.partition(b"</v>")[2] if cell else content

    return _rewritten(body, change)


def _with_spaces(body: bytes) -> bytes:
    """Put invisible spaces into the header `City Code`, the only cell with this text."""
    spaced = f"City{INVISIBLE_SPACES}Code".encode()
    return _rewritten(body, lambda _, content: re.sub(b"(?<=>)City Code(?=<)", spaced, content))


CSV: Final[Mapping[Spoiling, Callable[[Table], Table]]] = {
    "factor_1000": _each_observation(_times_1000),
    "year_missing": _without(2, _middle),
    "half_the_cities": _without(0, _second_half),
    "all_null": lambda rows: [rows[0], *([*row[:3], *([""] * (len(row) - 3))] for row in rows[1:])],
    "duplicated_page": lambda rows: [*rows, *rows[1:]],
    "not_finite": _first_values(NOT_FINITE),
    "arabic_digits": _each_observation(lambda text: text.translate(ARABIC_DIGITS)),
    "decimal_comma": lambda rows: [rows[0], [*rows[1][:-1], rows[1][-1].replace(".", ",")], *rows[2:]],
    "nbsp_in_header": lambda rows: [[*rows[0][:3], *(_spaced(text) for text in rows[0][3:])], *rows[1:]],
}
BYTES: Final[Mapping[Spoiling, Callable[[bytes], bytes]]] = {
    "unclosed_quote": _unclosed,
    "mixed_encoding": _mixed,
}
WORKBOOK: Final[Mapping[Spoiling, Callable[[bytes], bytes]]] = {
    "nbsp_in_header": _with_spaces,
    "formula": _with_formula,
    "macro": _with_part("xl/vbaProject.bin", b"\xd0\xcf\x11\xe0"),
    "zip_bomb": _bomb,
    "external_link": _with_part("xl/externalLinks/externalLink1.xml", b"<externalLink/>"),
}


def _spaced(text: str) -> str:
    return text.replace(" ", INVISIBLE_SPACES)
