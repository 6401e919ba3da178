"""Workbooks that must not be opened: each is a good one with one change."""

import io
import re
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl  # noqa: TID253
import pytest

from city_indicators.catalog import Catalogue
from city_indicators.core.errors import SourceContractError
from city_indicators.ingest.parse import parse_files
from city_indicators.sources import workbooks
from city_indicators.sources.workbooks import check, danger, formula_without_value
from tests.publishers import as_snapshot

DOCTYPE = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;">]><sst>&b;</sst>'


def workbook(*rows: list[object]) -> bytes:
    book = openpyxl.Workbook()
    sheet: Any = book.active
    for row in rows:
        sheet.append(row)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


GOOD = workbook(["city", "value"], ["moscow", 1], ["delhi", 2.5])


def with_part(name: str, content: bytes, body: bytes = GOOD) -> bytes:
    stream = io.BytesIO(body)
    with zipfile.ZipFile(stream, "a", zipfile.ZIP_DEFLATED) as book:
        book.writestr(name, content)
    return stream.getvalue()


def with_change(name: str, change: Callable[[bytes], bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(GOOD)) as old, zipfile.ZipFile(stream, "w") as new:
        for part in old.namelist():
            new.writestr(part, change(old.read(part)) if part == name else old.read(part))
    return stream.getvalue()


def liar() -> bytes:
    """A part of eight megabytes with a declared size of one thousand bytes."""
    body = bytearray(with_part("xl/media/image1.png", bytes(8 << 20)))
    at = body.rindex(b"PK\x01\x02")
    assert struct.unpack_from("<I", body, at + 24) == (8 << 20,)
    struct.pack_into("<I", body, at + 24, 1000)
    return bytes(body)


DANGERS: dict[str, tuple[bytes, str]] = {
    "macro": (with_part("xl/vbaProject.bin", b"code"), "holds a macro"),
    "macro under another name": (
        with_change(
            workbooks.TYPES,
            lambda types: types.replace(
                b"</Types>",
                b'<Override PartName="/a.bin" ContentType="application/vnd.ms-office.vbaProject"/></Types>',
            ),
        ),
        "holds a macro",
    ),
    "sheet of macros": (with_part("xl/macrosheets/sheet1.xml", b"<x/>"), "holds a sheet of macros"),
    "external link": (with_part("xl/externalLinks/externalLink1.xml", b"<x/>"), "links to other files"),
    "entities": (with_part("xl/sharedStrings2.xml", DOCTYPE), "declares a document type or entities"),
    "entities in UTF-16": (
        with_part("xl/odd.bin", DOCTYPE.decode().replace("?>", ' encoding="utf-16"?>', 1).encode("utf-16")),
        "declares a document type or entities",
    ),
    "entities in the list of types": (
        with_change(workbooks.TYPES, lambda _: DOCTYPE),
        r"\[Content_Types\].xml of the workbook declares",
    ),
    "bomb": (with_part("xl/media/image1.png", bytes(8 << 20)), r"unpacks to 8,4\d\d,\d{3} bytes or more"),
    "bomb with a false size": (liar(), r"unpacks to \d,\d{3},\d{3} bytes or more"),
    "broken": (GOOD[:-30], "cannot be read"),
    "bytes changed": (GOOD[:60] + b"\0\0\0" + GOOD[63:], "cannot be read"),
    "old workbook with a macro": (
        workbooks.OLE + b"\0" * 508 + "_VBA_PROJECT_CUR".encode("utf-16-le"),
        "holds a macro",
    ),
}


@pytest.mark.parametrize(("body", "fault"), DANGERS.values(), ids=DANGERS.keys())
def test_a_dangerous_workbook_is_refused_with_the_next_step(body: bytes, fault: str) -> None:
    assert danger(GOOD) is None
    with pytest.raises(SourceContractError, match=fault) as caught:
        check(*as_snapshot(body))
    assert "Next step: leave the archived bytes" in str(caught.value)


def test_a_bomb_is_refused_with_its_sizes_from_the_first_excess_byte() -> None:
    with zipfile.ZipFile(io.BytesIO(GOOD)) as book:
        unpacked = sum(part.file_size for part in book.infolist())
    assert danger(GOOD, unpacked) is None
    fault = danger(GOOD, unpacked - 1)
    assert fault is not None
    assert f"the workbook of {len(GOOD):,} bytes unpacks to {unpacked:,} bytes or more" in fault
    assert f"{unpacked - 1:,} bytes and, beyond" in fault


def test_an_unknown_compression_is_refused() -> None:
    stream = io.BytesIO(GOOD)
    with zipfile.ZipFile(stream, "a", zipfile.ZIP_BZIP2) as book:
        book.writestr("xl/media/image1.png", bytes(1 << 16))
    assert "image1.png is packed by method 12" in str(danger(stream.getvalue()))


def test_a_formula_counts_with_its_saved_value_and_is_refused_without_one() -> None:
    body = workbook(["city", "value"], ["moscow", "=1+1"], ["delhi", 3])
    assert (
        formula_without_value(body)
        == "cell B2 of xl/worksheets/sheet1.xml holds a formula without a saved value"
    )
    sheet = re.compile(rb"<f>1\+1</f><v ?/>|<f>1\+1</f><v></v>")

    def saved(value: bytes, kind: bytes = b"") -> bytes:
        stream = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(body)) as old, zipfile.ZipFile(stream, "w") as new:
            for part in old.namelist():
                content = sheet.sub(b"<f>1+1</f><v>" + value + b"</v>", old.read(part))
                new.writestr(part, content.replace(b'<c r="B2"', b'<c r="B2"' + kind))
        return stream.getvalue()

    assert formula_without_value(saved(b"2")) is None
    # An empty text as the result of a formula is a value.
    assert formula_without_value(saved(b"", b' t="str"')) is None


REAL = (
    "who_aaq/who_aap_2021_v9_11august2022.xlsx",
    "c40_gpc/C40_GPC_Database.xlsx",
    "net_zero_tracker/snapshot_2022-12-20_13-07-14.xlsx",
    "un_sdg_goal11/Goal11_slums_wastecollection.xlsx",
    "un_wup2018/WUP2018-F22-Cities_Over_300K_Annual.xls",
    # 22 387 formulas, each with its value.
    "russia_regions_co2/2019 Energy-related emissions of Russia and 82 constituent entities.xlsx",
)


@pytest.mark.parametrize("name", REAL)
def test_the_workbooks_of_publishers_pass(shared: Path, name: str) -> None:
    check(*as_snapshot((shared / "data" / name).read_bytes()))


def test_a_real_workbook_with_a_macro_added_is_refused_where_it_is_read(
    shared: Path, catalogue: Catalogue, tmp_path: Path
) -> None:
    real = (shared / "data" / "un_sdg_goal11/Goal11_slums_wastecollection.xlsx").read_bytes()
    file = tmp_path / "goal11.xlsm"
    file.write_bytes(with_part("xl/vbaProject.bin", b"code", real))
    with pytest.raises(SourceContractError, match=r"un_sdg_waste: goal11\.xlsm: the workbook holds a macro"):
        parse_files("un_sdg_waste", [file], catalogue)
