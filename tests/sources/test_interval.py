"""The years of a data interval, and cells as text."""

from datetime import date, datetime
from itertools import pairwise

import pytest

from city_indicators.core.intervals import Interval
from city_indicators.sources.records import as_text

NEW_YEAR = date(2020, 1, 1)


@pytest.mark.parametrize(
    ("start", "end", "years"),
    [
        (NEW_YEAR, date(2021, 1, 1), [2020]),
        (NEW_YEAR, date(2023, 1, 1), [2020, 2021, 2022]),
        (NEW_YEAR, date(2020, 2, 1), [2020]),
        (date(2020, 2, 1), date(2020, 3, 1), []),
        (date(2019, 7, 1), date(2020, 7, 1), [2020]),
        (date(2019, 12, 31), date(2020, 1, 1), []),
    ],
)
def test_the_years_of_an_interval_begin_within_it(start: date, end: date, years: list[int]) -> None:
    assert list(Interval(start, end).years) == years


def test_adjacent_intervals_have_every_year_once() -> None:
    cuts = [date(2015, 1, 1), date(2016, 7, 1), date(2016, 8, 1), date(2018, 1, 1), date(2020, 1, 1)]
    owned = [year for start, end in pairwise(cuts) for year in Interval(start, end).years]
    assert owned == [2015, 2016, 2017, 2018, 2019]


def test_reaching_back_adds_the_years_before_and_keeps_the_end() -> None:
    assert list(Interval(NEW_YEAR, date(2021, 1, 1)).reaching_back(3).years) == [2017, 2018, 2019, 2020]


def test_reaching_back_from_a_leap_day_finds_a_day() -> None:
    assert list(Interval(date(2024, 2, 29), date(2026, 1, 1)).reaching_back(1).years) == [2024, 2025]


def test_an_interval_ahead_is_as_long_and_begins_later() -> None:
    assert list(Interval(date(2001, 1, 1), date(2003, 1, 1)).ahead(25).years) == [2026, 2027]
    assert Interval(NEW_YEAR, date(2021, 1, 1)).ahead(0) == Interval(NEW_YEAR, date(2021, 1, 1))


@pytest.mark.parametrize("cell", [None, "", "  ", float("nan")])
def test_an_empty_cell_is_none(cell: object) -> None:
    assert as_text(cell) is None


@pytest.mark.parametrize(
    ("cell", "given"), [(" 5.0 ", "5.0"), (0, 0), (0.0, 0.0), ("..", ".."), ("NaN", "NaN")]
)
def test_a_filled_cell_stays_as_published(cell: object, given: object) -> None:
    assert as_text(cell) == given


@pytest.mark.parametrize(
    ("cell", "part"), [(datetime(2018, 9, 12), "2018-09-12"), ({"low": 1}, "low"), ([1, 2], "1, 2")]
)
def test_a_cell_of_another_kind_stays_visible_as_text(cell: object, part: str) -> None:
    text = as_text(cell)
    assert isinstance(text, str)
    assert part in text
