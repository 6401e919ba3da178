"""What breaks off is told apart from what is merely strange, so that it is asked for again."""

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


def test_a_whole_old_workbook_passes(old_workbook: bytes) -> None:
    check_complete(*as_snapshot(old_workbook))
    # Programs that do not pad the last sector, and servers that add a line, change no sector.
    check_complete(*as_snapshot(old_workbook))
    check_complete(*as_snapshot(old_workbook))


@pytest.mark.parametrize("kept", [8, 100, 511, 512, 600, 4096, 1_000_000, 1_637_376, 3_000_000, 3_274_000])
def test_an_old_workbook_cut_off_anywhere_is_asked_for_again(old_workbook: bytes, kept: int) -> None:
    part = old_workbook[:kept]
    with pytest.raises(SourceUnavailableError, match=f"an old workbook broken off after {kept} bytes"):
        check_complete(*as_snapshot(part))


def test_a_zip_cut_off_is_asked_for_again() -> None:
    content = zipped()
    check_complete(*as_snapshot(content))
    with pytest.raises(SourceUnavailableError, match="a zip broken off after 500 bytes"):
        check_complete(*as_snapshot(content[:500]))


def test_other_bytes_are_left_to_their_reader() -> None:
    for content in (b"", b"PK", b"a,b\n1,", b"\xd0\xcf"):
        check_complete(*as_snapshot(content))
