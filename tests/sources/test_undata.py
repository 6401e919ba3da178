"""UNdata's export: zipped or not, with footnotes, and one of several record types."""

import io
import tracemalloc
import zipfile
from collections.abc import Callable
from typing import Any

import pytest

from city_indicators.catalog import Catalogue
from city_indicators.core.errors import SourceContractError
from city_indicators.ingest.parse import EVERY_YEAR
from city_indicators.sources import undata, zips

HEADER = (
    '"Country or Area","Year","Area","Sex","City","City type","Record Type","Value","Value Footnotes"\r\n'
)
NOTES = '\r\n"footnoteSeqID","Footnote"\r\n"72","Data refers to "cantons" rather than to cities."\r\n'


def line(record_type: str, value: str, year: str = "2012") -> str:
    cells = [
        "Russian Federation",
        year,
        "Total",
        "Both Sexes",
        "MOSKVA",
        "City proper",
        record_type,
        value,
        "",
    ]
    return ",".join(f'"{cell}"' for cell in cells) + "\r\n"


@pytest.fixture
def export(catalogue: Catalogue, snapshot_of: Any) -> Callable[[bytes], list[Any]]:
    """The values of an export of UNdata."""

    def read(content: bytes) -> list[Any]:
        archived = iter([snapshot_of(content)])
        records = undata.read(catalogue.sources["undata_population"], archived, EVERY_YEAR)
        return [record.value for record in records]

    return read


def zipped(**files: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return buffer.getvalue()


def test_an_export_is_read_the_same_zipped_or_not(export: Any) -> None:
    text = HEADER + line("Estimate - de jure", "11918057") + NOTES
    assert export(text.encode()) == export(zipped(UNdata_Export=text)) == ["11918057"]


def test_the_first_declared_record_type_is_used_in_any_order(export: Any) -> None:
    census, estimate = (
        line("Census - de jure - complete tabulation", "1"),
        line("Estimate - de jure", "2"),
    )
    assert export((HEADER + census + estimate).encode()) == ["2"]
    assert export((HEADER + estimate + census).encode()) == ["2"]
    assert export((HEADER + line("Sample collect - de jure", "3")).encode()) == []


def test_an_empty_cell_does_not_hide_a_later_record_type(export: Any) -> None:
    empty, census = line("Estimate - de jure", ""), line("Census - de jure - complete tabulation", "1")
    assert export((HEADER + empty + census).encode()) == [None, "1"]


def test_two_values_of_one_record_type_both_stay_for_the_rules(export: Any) -> None:
    twice = line("Estimate - de jure", "1") + line("Estimate - de jure", "2")
    assert export((HEADER + twice).encode()) == ["1", "2"]


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"PK\x03\x04 cut short", "the zip cannot be read"),
        (zipped(one="a", two="b"), r"the zip holds \['one', 'two'\]"),
        (b"<html>Service unavailable</html>", "a page of HTML instead of CSV"),
    ],
)
def test_what_is_no_export_breaks_the_contract(export: Any, content: bytes, fault: str) -> None:
    with pytest.raises(SourceContractError, match=fault):
        export(content)


def test_no_more_of_a_zip_is_unpacked_than_allowed(export: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = zipped(export="x" * 70_000_000)
    monkeypatch.setattr(zips, "MAX_UNPACKED_BYTES", 1000)
    tracemalloc.start()
    try:
        with pytest.raises(SourceContractError, match="unpacks to more than 1000 bytes"):
            export(bomb)
        # A tenth of what it holds.
        assert tracemalloc.get_traced_memory()[1] < 7_000_000
    finally:
        tracemalloc.stop()
