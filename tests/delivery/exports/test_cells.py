"""What a cell of a workbook holds, and what it never computes."""

import csv
import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest

from city_indicators.delivery.exports.cells import MAX_TEXT, fill, line, shown, styled


@contextmanager
def sheet() -> Iterator[tuple[Any, Callable[[], list[tuple[Any, ...]]]]]:
    """A sheet to write, and what reads its cells once it is saved."""
    import openpyxl

    book, file = openpyxl.Workbook(write_only=True), io.BytesIO()
    yield book.create_sheet("s"), lambda: list(openpyxl.load_workbook(file)["s"].iter_rows())
    book.save(file)


@pytest.mark.parametrize(
    "text",
    [
        '=HYPERLINK("http://x.example","click")',
        "+1",
        "-2+3",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "\n=1",
        "＝1+1",
        "－1",
    ],
)
def test_a_text_that_would_be_a_formula_has_an_apostrophe(text: str) -> None:
    # A workbook has one kind of line end.
    assert shown(text, "…") == f"'{text}".replace("\r", "\n")


@pytest.mark.parametrize("text", ["a=b", "1-2", "'=1", "中文", "Москва", " =1", "", "x\u00a0y", "#N/A"])
def test_any_other_text_stays_as_it_is(text: str) -> None:
    assert shown(text, "…") == text


def test_what_is_read_back_is_text_and_stays_text_in_a_csv_saved_from_it() -> None:
    with sheet() as (written, read):
        line(written, ['=HYPERLINK("http://x.example")', "#N/A", "+7 (495) 777-77-77"])
    (row,) = read()
    assert [cell.data_type for cell in row] == ["s", "s", "s"]
    saved = io.StringIO()
    csv.writer(saved).writerow([cell.value for cell in row])
    (again,) = csv.reader(io.StringIO(saved.getvalue()))
    assert again == ['\'=HYPERLINK("http://x.example")', "#N/A", "'+7 (495) 777-77-77"]


def test_numbers_days_and_times_stay_what_they_are() -> None:
    moscow = timezone(timedelta(hours=3))
    assert shown(-1.5, "…") == -1.5
    assert shown(True, "…") is True
    assert shown(None, "…") is None
    assert shown(date(2024, 2, 29), "…") == date(2024, 2, 29)
    # A sheet knows no time zones: 15:00 in Moscow is noon in UTC.
    assert shown(datetime(2024, 2, 29, 15, tzinfo=moscow), "…") == datetime(2024, 2, 29, 12)


def test_what_a_cell_cannot_hold_becomes_text() -> None:
    assert [shown(x, "…") for x in (float("nan"), float("inf"), float("-inf"))] == ["NaN", "∞", "−∞"]
    assert shown(date(1812, 9, 14), "…") == "1812-09-14"
    assert shown(datetime(1812, 9, 14, 5, tzinfo=UTC), "…") == "1812-09-14T05:00:00"
    assert shown(["BRICS", "MEGACITIES"], "…") == "BRICS, MEGACITIES"
    assert shown(["=1", "x"], "…") == "'=1, x"
    assert shown("bell\a, vertical\vtab", "…") == "bell\ufffd, vertical\ufffdtab"


def test_a_long_text_ends_with_the_note_that_it_was_cut() -> None:
    longest = "x" * MAX_TEXT
    assert shown(longest, "… cut") == longest
    assert shown(longest + "y", "… cut") == "x" * (MAX_TEXT - 5) + "… cut"


def test_a_cell_filled_again_keeps_nothing_of_the_row_before() -> None:
    with sheet() as (written, read):
        cell = styled(written, "0.0%")
        for value in ("text", 0.25, None, "=1"):
            fill(cell, value)
            written.append([cell])
    cells = [row[0] for row in read()]
    assert [(cell.value, cell.data_type) for cell in cells] == [
        ("text", "s"),
        (0.25, "n"),
        (None, "n"),
        ("'=1", "s"),
    ]
    assert cells[1].number_format == "0.0%"
