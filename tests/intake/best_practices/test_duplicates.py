"""Refuses probable duplicates and accepts different cases of one city."""

import csv
import io
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from city_indicators.intake.best_practices.duplicates import Identity, likeness_of, refuse_duplicates
from city_indicators.intake.best_practices.read import read
from city_indicators.intake.best_practices.vocabulary import load_code_lists
from demo.paths import SAMPLE

CODE_LISTS = load_code_lists()
THRESHOLD = CODE_LISTS.vocabularies.title_likeness


def entry(
    name: str | None, city: str = "Mezitli", cycle: str | None = "4", case_id: str = "a", **more: str
) -> Identity:
    names = (name, more.get("ru"), more.get("zh"))
    ref_area = CODE_LISTS.ref_area("TUR", city)
    return Identity(case_id, "TUR", city, ref_area, cycle, more.get("stage"), names)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Mezitli Women Producers Market", "Women Producers' Market of Mezitli", True),
        ("Youth Lead the Change: Participatory Budgeting", "Youth lead the change - youth budgeting", False),
        ("Climate Resilient Neighbourhood", "Climate-Resilient Neighborhood", True),
        ("Waste sorting in schools", "Waste sorting in markets", False),
        ("Green roofs", "Green roads", False),
    ],
)
def test_the_declared_likeness_separates_same_and_different_titles(one: str, other: str, same: bool) -> None:
    assert (likeness_of(entry(one), entry(other)) >= THRESHOLD) is same


def test_only_cases_of_the_same_city_and_cycle_are_alike() -> None:
    market = entry("Producers Market")
    assert likeness_of(market, entry("Producers Market")) == 100
    assert likeness_of(market, entry("Producers Market", cycle=None)) == 100
    assert likeness_of(market, entry("Producers Market", city="Mersin")) == 0
    assert likeness_of(market, entry("Producers Market", cycle="5")) == 0
    istanbul = entry("Producers Market", city="Istanbul")
    assert likeness_of(istanbul, entry("Producers Market", city="Стамбул")) == 100


def test_phases_that_began_in_different_years_are_different_cases() -> None:
    first, second = (replace(entry("Water Supply", cycle=None), start_year=year) for year in (1987, 1995))
    assert likeness_of(first, second) == 0
    assert likeness_of(first, replace(second, start_year=1987)) == 100
    assert likeness_of(first, replace(second, start_year=None)) == 100


def test_compares_titles_within_a_language() -> None:
    assert likeness_of(entry(None, ru="Рынок"), entry("Market")) == 0
    assert likeness_of(entry("A", zh="妇女生产者市场"), entry("B", zh="妇女生产者市场")) == 100


def test_entries_without_a_title_are_equal_if_cycle_and_stage_are() -> None:
    assert likeness_of(entry(None, stage="winner"), entry(None, stage="winner")) == 100
    assert likeness_of(entry(None, stage="winner"), entry(None, stage="medal")) == 0


def test_accepts_the_first_of_two_similar_rows_and_refuses_repeated_ids() -> None:
    lines = [
        "case_id,city,country,name_en,links",
        "a,Mersin,TUR,Mezitli Women Producers Market,https://example.org",
        "b,Mersin,TUR,Women Producers' Market of Mezitli,https://example.org",
        "a,Mersin,TUR,Another thing,https://example.org",
        "c,Mersin,TUR,Another thing,https://example.org",
    ]
    reading = read("\n".join(lines).encode(), "c.csv", CODE_LISTS, date(2026, 1, 1))
    validated = refuse_duplicates(reading, [], THRESHOLD)
    assert [row.row for row in validated.accepted] == [2, 5]
    assert [(row.row, row.rule) for row in validated.refused] == [
        (3, "probable_duplicate"),
        (4, "repeated_id"),
    ]
    assert "95 % like that of case a of the same city" in validated.refused[0].reason
    assert validated.read == reading.read


def test_accepts_the_same_initiative_in_a_later_cycle() -> None:
    reading = read(
        (SAMPLE / "best_practices.csv").read_bytes(), "best_practices.csv", CODE_LISTS, date(2026, 1, 1)
    )
    validated = refuse_duplicates(reading, [], THRESHOLD)
    boston = {
        row.case.cycle: Identity.of(row.case) for row in validated.accepted if row.case.city == "Boston"
    }
    assert set(boston) == {"2", "3"}
    assert validated.refused == ()


def test_the_award_list_has_one_pair_of_titles_above_the_threshold(shared: Path) -> None:
    from rapidfuzz import fuzz, utils

    file = shared / "data" / "guangzhou_award" / "guangzhou_award.csv"
    rows = csv.DictReader(io.StringIO(file.read_text(encoding="utf-8")))
    titles = sorted(row["initiative"] for row in rows if row["initiative"])
    likenesses = sorted(
        fuzz.token_sort_ratio(one, other, processor=utils.default_process)
        for n, one in enumerate(titles)
        for other in titles[:n]
    )
    assert likenesses[-1] > THRESHOLD > 60 > likenesses[-2]
