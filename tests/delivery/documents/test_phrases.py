"""Phrases that follow from values, worked out by hand in three languages."""

from typing import Any

import pytest

from city_indicators.core.languages import words
from city_indicators.delivery.documents.edition import Computed, Frozen
from city_indicators.delivery.documents.phrases import (
    compared,
    counted,
    measured,
    moved,
    overlap,
    place,
)
from city_indicators.delivery.documents.shown import Shown
from city_indicators.delivery.web.labels import Labels
from tests.methods import LENIENT

NAMES = {
    "moscow": ("Moscow", "Москва", "莫斯科"),
    "guangzhou": ("Guangzhou", "Гуанчжоу", "广州"),
}


def city(
    ref_area: str, rank: int | None, low: float | None = None, high: float | None = None
) -> dict[str, Any]:
    named = dict(zip(("city_name_en", "city_name_ru", "city_name_zh"), NAMES[ref_area], strict=True))
    return {"ref_area": ref_area, "rank": rank, "n_ranked": 42, "rank_p05": low, "rank_p95": high, **named}


def shown(language: str, before: dict[str, Any] | None = None) -> Shown:
    def frozen(edition: str, cities: list[dict[str, Any]], previous: Frozen | None) -> Frozen:
        rows = {row["ref_area"]: row for row in cities}
        return Frozen({"edition": edition}, LENIENT, None, rows, {}, {}, [], [], previous)  # type: ignore[arg-type]

    earlier = frozen("2022.1", [before] if before else [], None)
    return Shown(Computed(None, frozen("2023.1", [], earlier)), language)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("language", "number", "noun", "text"),
    [
        ("en", 1, "city", "1 city"),
        ("en", 2, "city", "2 cities"),
        ("ru", 1, "city", "1 город"),
        ("ru", 3, "city", "3 города"),
        ("ru", 5, "city", "5 городов"),
        ("ru", 11, "city", "11 городов"),
        ("ru", 21, "indicator", "21 показатель"),
        ("ru", 112, "source", "112 источников"),
        ("ru", 2, "year", "2 года"),
        ("ru", 10, "year", "10 лет"),
        ("zh", 5, "city", "5 个城市"),
        ("zh", 1, "indicator", "1 个指标"),
    ],
)
def test_a_noun_has_the_form_of_its_number(language: str, number: int, noun: str, text: str) -> None:
    assert counted(words(language), number, noun) == text


def test_an_unknown_noun_has_no_forms() -> None:
    with pytest.raises(LookupError, match="the noun 'goose' has no forms, only city, country"):
        counted(words("en"), 2, "goose")


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Moscow ranks higher than Guangzhou: rank 3 against rank 9"),
        ("ru", "Москва стоит в рейтинге выше, чем Гуанчжоу: 3-е место против 9-го"),
        ("zh", "莫斯科的排名高于广州：第3位对第9位"),
    ],
)
def test_a_city_is_higher_if_the_likely_ranks_do_not_overlap(language: str, text: str) -> None:
    first, second = city("moscow", 3, 2, 5), city("guangzhou", 9, 6, 12)
    assert compared(shown(language), first, second) == text


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Guangzhou ranks lower than Moscow: rank 9 against rank 3"),
        ("ru", "Гуанчжоу стоит в рейтинге ниже, чем Москва: 9-е место против 3-го"),
        ("zh", "广州的排名低于莫斯科：第9位对第3位"),
    ],
)
def test_the_other_one_is_lower(language: str, text: str) -> None:
    first, second = city("moscow", 3, 2, 5), city("guangzhou", 9, 6, 12)
    assert compared(shown(language), second, first) == text


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Moscow (rank 3, likely 2–6) and Guangzhou (rank 9, likely 6–12) are not clearly different"),
        (
            "ru",
            "Москва (место 3, вероятное 2–6) и Гуанчжоу (место 9, вероятное 6–12) отчётливо не различаются",
        ),
        ("zh", "莫斯科（第3位，可能为2–6）与广州（第9位，可能为6–12）没有明显差异"),
    ],
)
def test_cities_whose_likely_ranks_touch_are_not_clearly_different(language: str, text: str) -> None:
    first, second = city("moscow", 3, 2, 6), city("guangzhou", 9, 6, 12)
    assert compared(shown(language), first, second) == text


def test_without_intervals_ranks_are_compared() -> None:
    assert not overlap(city("moscow", 3), city("guangzhou", 9))
    assert (
        compared(shown("en"), city("moscow", 3), city("guangzhou", 3)) == "Moscow and Guangzhou share rank 3"
    )


def test_a_city_without_a_rank_is_not_compared() -> None:
    with pytest.raises(LookupError, match="'moscow' has no rank"):
        compared(shown("en"), city("moscow", None), city("guangzhou", 3))


@pytest.mark.parametrize(
    ("language", "now", "before", "text"),
    [
        ("en", (3, 2, 4), (9, 6, 12), "Moscow rises from rank 9 to rank 3"),
        ("ru", (3, 2, 4), (9, 6, 12), "Москва поднимается с 9-го места на 3-е"),
        ("zh", (3, 2, 4), (9, 6, 12), "莫斯科由第9位升至第3位"),
        ("en", (9, 6, 12), (3, 2, 4), "Moscow falls from rank 3 to rank 9"),
        ("ru", (9, 6, 12), (3, 2, 4), "Москва опускается с 3-го места на 9-е"),
        ("zh", (9, 6, 12), (3, 2, 4), "莫斯科由第3位降至第9位"),
        ("en", (3, 2, 4), (3, 1, 9), "Moscow keeps rank 3"),
        (
            "ru",
            (3, 2, 7),
            (9, 6, 12),
            "Москва переходит с 9-го места на 3-е, что не является отчётливым изменением: вероятные места "
            "двух выпусков пересекаются",
        ),
        ("zh", (3, 2, 7), (9, 6, 12), "莫斯科由第9位变为第3位，但没有明显差异：两版的可能排名区间重叠"),
        ("en", (3, 2, 4), (None,), "Moscow takes rank 3; it had no rank in edition 2022.1"),
        ("ru", (None,), (9, 6, 12), "Москва больше не имеет места; в выпуске 2022.1 было 9-е"),
        ("zh", (None,), (None,), "莫斯科没有排名，与2022.1版相同"),
    ],
)
def test_a_change_is_named_unless_the_likely_ranks_overlap(
    language: str, now: tuple[Any, ...], before: tuple[Any, ...], text: str
) -> None:
    assert moved(shown(language, city("moscow", *before)), city("moscow", *now)) == text


@pytest.mark.parametrize(
    ("language", "text"),
    [("en", "rank 3 of 42"), ("ru", "3-е место из 42"), ("zh", "第3位（共42个城市）")],
)
def test_a_place_is_among_all(language: str, text: str) -> None:
    assert place(shown(language), city("moscow", 3)) == text


@pytest.mark.parametrize(
    ("unit", "text"),
    [
        ("CODE", "climate: Moscow – no target; Guangzhou – net zero or equivalent"),
        ("YEAR", "climate: Moscow, 0, is lower than Guangzhou, 2"),
    ],
)
def test_codes_are_not_higher_or_lower(unit: str, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    edition = shown("en")
    indicator = "CLIMATE_TARGET" if unit == "CODE" else "NETZERO_YEAR"
    edition.frozen.indicators.update(
        {
            (place, indicator): {"raw_value": value, "unit_measure": unit}
            for place, value in (("moscow", 0), ("guangzhou", 2))
        }
    )
    names = {("indicator", indicator): "climate"}
    monkeypatch.setitem(edition.__dict__, "labels", Labels(None, "en", names))  # type: ignore[arg-type]
    assert measured(edition, indicator, city("moscow", 9), city("guangzhou", 3)) == text
