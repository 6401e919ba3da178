"""Numbers, dates and lists by the rules of a language, as CLDR gives them."""

from datetime import UTC, date, datetime

import pytest

from city_indicators.delivery.numbers import Numbers

NBSP = "\N{NO-BREAK SPACE}"


@pytest.mark.parametrize(
    ("language", "shown"),
    [
        ("en", ["64.7", "12,409,738", "64.7%", "-3.2%", "+0.50", "0"]),
        ("ru", ["64,7", f"12{NBSP}409{NBSP}738", f"64,7{NBSP}%", f"-3,2{NBSP}%", "+0,50", "0"]),
        ("zh", ["64.7", "12,409,738", "64.7%", "-3.2%", "+0.50", "0"]),
        # Groups of two above the thousands, as in no other of these.
        ("hi", ["64.7", "1,24,09,738", "64.7%", "-3.2%", "+0.50", "0"]),
    ],
)
def test_numbers_follow_the_language(language: str, shown: list[str]) -> None:
    show = Numbers.of(language)
    assert [
        show.decimals(64.71),
        show.number(12_409_738.2),
        show.percent(0.647),
        show.difference(-0.032),
        show.change(0.5),
        show.change(0.001),
    ] == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0.0, "0"),
        (1234.56, "1234.6"),
        (0.000123456, "0.00012346"),
        (9999.96, "10000"),
        (10_000, "10,000"),
        (-15_000.4, "-15,000"),
    ],
)
def test_a_value_has_five_digits(value: float, shown: str) -> None:
    assert Numbers.of("en").number(value) == shown


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (None, "–"),
        (0, "0 secs"),
        (0.6, "1 sec"),
        (96, "1 min 36 secs"),
        (3600, "1 hr"),
        (2 * 86_400 + 3 * 3600 + 59 * 60, "2 days 3 hrs"),
    ],
)
def test_a_length_of_time_has_its_two_largest_units(seconds: float | None, shown: str) -> None:
    assert Numbers.of("en").duration(seconds) == shown


def test_a_length_of_time_follows_the_language() -> None:
    assert [Numbers.of(language).duration(96) for language in ("ru", "zh")] == ["1 мин 36 с", "1分钟 36秒"]


@pytest.mark.parametrize(
    ("language", "day", "joint", "listed"),
    [
        ("en", "28 Nov 2026", ", ", "a, b and c"),
        ("ru", "28 нояб. 2026\N{NARROW NO-BREAK SPACE}г.", ", ", "a, b и c"),
        ("zh", "2026年11月28日", " ", "a、b和c"),
    ],
)
def test_days_times_and_lists_follow_the_language(language: str, day: str, joint: str, listed: str) -> None:
    show = Numbers.of(language)
    assert show.day(date(2026, 11, 28)) == day
    assert show.moment(datetime(2026, 11, 28, 22, 30, tzinfo=UTC)) == f"{day}{joint}22:30 UTC"
    assert show.enumeration(["a", "b", "c"]) == listed


@pytest.mark.parametrize(
    ("value", "shown"),
    [(11.59553193, "11,59553193"), (60000.5, "60000,5"), (7.18e-07, "0,000000718"), (0.0, "0")],
)
def test_an_exact_value_has_all_its_digits(value: float, shown: str) -> None:
    assert Numbers.of("ru").exact(value) == shown


@pytest.mark.parametrize(
    ("language", "signs", "grouping"),
    [
        ("en", [".", ",", "%"], [3, 3, 3]),
        ("ru", [",", NBSP, f"{NBSP}%"], [3, 3, 3]),
        ("hi", [".", ",", "%"], [3, 2, 2]),
    ],
)
def test_charts_have_the_signs_and_groups_of_the_language(
    language: str, signs: list[str], grouping: list[int]
) -> None:
    locale = Numbers.of(language).in_charts()
    assert [locale[name] for name in ("decimal", "thousands", "percent")] == signs
    assert locale["grouping"][:3] == grouping


@pytest.mark.parametrize(
    ("byte_count", "shown"), [(0, "0,0 кБ"), (8192, "8,2 кБ"), (999_999, "1 000 кБ"), (12_345_678, "12 МБ")]
)
def test_sizes_are_in_units_of_the_language(byte_count: int, shown: str) -> None:
    assert Numbers.of("ru").size(byte_count).replace(NBSP, " ") == shown


def test_what_is_absent_is_a_dash() -> None:
    show = Numbers.of("en")
    assert {
        *(show.number(None), show.decimals(None), show.percent(None)),
        *(show.exact(None), show.difference(None), show.change(None), show.day(None), show.moment(None)),
    } == {"–"}
