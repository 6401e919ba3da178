"""Rows of a case file: each is a case or is refused by name, and no row is lost."""

import io
from datetime import date
from typing import Any

import pytest

from city_indicators.core.errors import SourceContractError
from city_indicators.intake.best_practices.models import COLUMNS, REQUIRED
from city_indicators.intake.best_practices.read import Reading, read
from city_indicators.intake.best_practices.vocabulary import load_code_lists

CODE_LISTS = load_code_lists()
TODAY = date(2026, 6, 30)
GOOD = {
    "case_id": "moscow-green-ring",
    "city": "Moscow",
    "country": "RUS",
    "name_en": "A green ring",
    "links": "https://example.org/ring",
}


def csv_of(*rows: dict[str, str]) -> bytes:
    lines = [";".join(COLUMNS), *(";".join(f'"{row.get(c, "")}"' for c in COLUMNS) for row in rows)]
    return "\r\n".join(lines).encode("utf-8-sig")


def xlsx_of(*rows: dict[str, Any]) -> bytes:
    import openpyxl

    book = openpyxl.Workbook()
    sheet: Any = book.active
    for row in [dict(zip(COLUMNS, COLUMNS, strict=True)), *rows]:
        sheet.append([row.get(column) for column in COLUMNS])
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def reading(content: bytes, name: str = "c.csv") -> Reading:
    return read(content, name, CODE_LISTS, TODAY)


def refused(**changes: str) -> tuple[str, str]:
    validated = reading(csv_of({**GOOD, **changes}))
    assert validated.accepted == ()
    (refusal,) = validated.refused
    assert refusal.row == 2
    return refusal.rule, refusal.reason


@pytest.mark.parametrize(
    ("changes", "rule", "told"),
    [
        ({"case_id": "Moscow ring"}, "slug", "case_id: 'Moscow ring'"),
        ({"case_id": ""}, "required", "case_id: is empty"),
        ({"city": ""}, "required", "city: is empty"),
        ({"country": "Russia"}, "country", "three capital letters"),
        ({"country": "XKX"}, "country", "'XKX'"),
        ({"name_en": ""}, "name_or_stage", "needs `name_en`"),
        ({"cycle": "8"}, "vocabulary", "cycle: '8' is none of: 1, 2, 3, 4, 5, 6, 7"),
        ({"cycle": "6", "stage": "medal of honor"}, "vocabulary", "city_of_your_choice"),
        ({"stage": "winner"}, "stage_of_cycle", "needs the `cycle`"),
        ({"status": "planned"}, "vocabulary", "ongoing, completed"),
        ({"field": "Environment"}, "vocabulary", "social_cultural, economy, environment"),
        ({"innovation_type": "radical"}, "vocabulary", "revolutionary, incremental"),
        ({"innovation_kind": "app"}, "vocabulary", "business_model"),
        ({"sdgs": "11; 18"}, "vocabulary", "'18'"),
        ({"criteria": "impact; beauty"}, "vocabulary", "'beauty'"),
        ({"start_year": "2020/21"}, "year", "four digits"),
        ({"start_year": "2027"}, "plausible_year", "not from 1900 to 2026"),
        ({"start_year": "2025", "submitted_on": "2024-12-31"}, "begun_before", "after its submission"),
        ({"submitted_on": "31.12.2024"}, "date", "year-month-day"),
        ({"submitted_on": "2025-02-29"}, "date", "no day of the calendar"),
        ({"submitted_on": "2026-07-01"}, "future", "has not come yet"),
        ({"indicator": "HAPPINESS"}, "indicator", "'HAPPINESS'"),
        ({"links": ""}, "required", "links: is empty"),
        ({"links": "www.example.org"}, "link", "'www.example.org'"),
        ({"links": "https://example.org/a; javascript:alert(1)"}, "link", "javascript"),
        ({"evidence_links": "http://example.org/e"}, "secure_link", "begins with https://"),
        ({"name_en": "=1+1"}, "formula", "name_en: holds a formula"),
        ({"note": "a\x00b"}, "control_character", "note"),
    ],
)
def test_a_wrong_cell_refuses_the_row_by_name(changes: dict[str, str], rule: str, told: str) -> None:
    found, reason = refused(**changes)
    assert found == rule
    assert told in reason


def test_every_fault_of_a_row_is_told_at_once() -> None:
    _, reason = refused(country="XXX", cycle="9", links="no")
    assert [part.partition(":")[0] for part in reason.split("; ")] == ["country", "cycle", "links"]


def test_a_full_row_becomes_a_case_with_typed_cells() -> None:
    full = {
        "cycle": "5",
        "stage": "deserving",
        "status": "ongoing",
        "field": "environment",
        "innovation_type": "incremental",
        "innovation_kind": "policy",
        "sdgs": "11; 13;11",
        "criteria": "impact",
        "start_year": "2019",
        "indicator": "WASTE_PC",
        "submitted_on": "2020-05-31",
        "evidence_links": "https://example.org/1; https://example.org/2",
    }
    (row,) = reading(csv_of({**GOOD, **full})).accepted
    case = row.case
    assert (case.ref_area, case.start_year, case.submitted_on) == ("moscow", 2019, date(2020, 5, 31))
    assert case.sdgs == ("11", "13")
    assert case.evidence_links == ("https://example.org/1", "https://example.org/2")


@pytest.mark.parametrize(
    ("city", "country", "ref_area"),
    [
        ("Сан-Паулу", "BRA", "sao-paulo"),
        ("圣保罗", "BRA", "sao-paulo"),
        ("SAO PAULO", "BRA", "sao-paulo"),
        ("São Paulo State", "BRA", None),
        ("New York", "USA", None),
        ("Moscow", "USA", None),
        ("Songpa-gu", "KOR", None),
    ],
)
def test_a_city_is_ours_by_exact_name_and_country_only(city: str, country: str, ref_area: str) -> None:
    (row,) = reading(csv_of({**GOOD, "city": city, "country": country})).accepted
    assert row.case.ref_area == ref_area
    assert row.case.city == city


def test_every_row_read_is_accepted_or_refused_and_empty_rows_are_none() -> None:
    content = csv_of(GOOD, {}, {**GOOD, "case_id": "Bad Id"}, {**GOOD, "case_id": "third"})
    validated = reading(content)
    assert [row.row for row in validated.accepted] == [2, 5]
    assert [(row.row, row.rule) for row in validated.refused] == [(4, "slug")]
    assert validated.read == 3


def test_a_row_with_too_many_cells_is_refused_and_a_quoted_cell_may_run_over_lines() -> None:
    header = ",".join(REQUIRED)
    rows = ['a-1,"Mos\ncow",RUS,https://example.org', "a-2,Moscow,RUS,https://example.org,more"]
    content = "\n".join([header.replace(",links", ",links"), *rows]).encode()
    validated = reading(content)
    assert [(row.row, row.rule) for row in validated.refused] == [(2, "name_or_stage"), (4, "cells")]


def test_a_workbook_gives_the_same_case_with_numbers_and_dates_as_cells() -> None:
    cells = {**GOOD, "cycle": 6, "sdgs": 11.0, "start_year": 2020, "submitted_on": date(2024, 1, 31)}
    (row,) = reading(xlsx_of(cells), "C.XLSX").accepted
    assert (row.case.cycle, row.case.sdgs, row.case.start_year) == ("6", ("11",), 2020)
    assert row.case.submitted_on == date(2024, 1, 31)


def test_a_formula_in_a_workbook_is_refused_with_its_column() -> None:
    validated = reading(xlsx_of({**GOOD, "start_year": "=YEAR(NOW())"}, GOOD), "c.xlsx")
    assert [(row.row, row.rule, row.reason) for row in validated.refused] == [
        (2, "formula", "start_year: holds a formula, not its value")
    ]
    assert [row.row for row in validated.accepted] == [3]


@pytest.mark.parametrize(
    ("content", "name", "told"),
    [
        (csv_of(GOOD).replace(b"outcome", b"result"), "c.csv", "the column 'result' is unknown"),
        (csv_of(GOOD).replace(b"outcome", b"note"), "c.csv", "the column 'note' stands more than once"),
        (b"case_id,city\n", "c.csv", "the column 'country' is missing; the column 'links' is missing"),
        (b"", "c.csv", "is empty"),
        (csv_of(GOOD), "c.ods", "neither .csv nor .xlsx"),
        (csv_of(GOOD), "c.xlsx", "is not a workbook"),
        (csv_of(GOOD).decode("utf-8-sig").replace("Moscow", "Москва").encode("cp1251"), "c.csv", "UTF-8"),
        (csv_of(GOOD) + b'"', "c.csv", "is not CSV"),
        (b"x" * (10 * 1024 * 1024 + 1), "c.csv", "bytes, more than"),
    ],
)
def test_a_file_that_is_not_the_template_names_the_fault_and_the_next_step(
    content: bytes, name: str, told: str
) -> None:
    with pytest.raises(SourceContractError, match="Next step") as caught:
        reading(content, name)
    assert told in str(caught.value)
    assert f"best_practice_cases: {name}:" in str(caught.value)
