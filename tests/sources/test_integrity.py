"""Truncated workbooks are transient errors; other bytes are left to their reader."""

import io
import zipfile
from pathlib import Path

import pytest

from city_indicators.core.errors import SourceUnavailableError
from city_indicators.sources.integrity import check_complete
from tests.publishers import as_snapshot

WUP = "un_wup2018/WUP2018-F22-Cities_Over_300K_Annual.xls"


@pytest.fixture(scope="module")
def old_workbook(shared: Path) -> bytes:
    return (shared / "data" / WUP).read_bytes()


def zipped() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("a", "b" * 1000)
    return buffer.getvalue()


def test_a_complete_old_workbook_passes(old_workbook: bytes) -> None:
    check_complete(*as_snapshot(old_workbook))
    # A missing padding of the last sector, or an added line, changes no sector.
    check_complete(*as_snapshot(old_workbook))
    check_complete(*as_snapshot(old_workbook))


@pytest.mark.parametrize("kept", [8, 100, 511, 512, 600, 4096, 1_000_000, 1_637_376, 3_000_000, 3_274_000])
def test_a_truncated_old_workbook_is_transient(old_workbook: bytes, kept: int) -> None:
    part = old_workbook[:kept]
    with pytest.raises(SourceUnavailableError, match=f"an old workbook truncated after {kept} bytes"):
        check_complete(*as_snapshot(part))


def test_a_truncated_zip_is_transient() -> None:
    content = zipped()
    check_complete(*as_snapshot(content))
    with pytest.raises(SourceUnavailableError, match="a zip truncated after 500 bytes"):
        check_complete(*as_snapshot(content[:500]))


def test_other_bytes_are_not_checked() -> None:
    for content in (b"", b"PK", b"a,b\n1,", b"\xd0\xcf"):
        check_complete(*as_snapshot(content))
