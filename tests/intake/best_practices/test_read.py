"""Reads files of cases: each row is accepted as a case or refused by a rule."""

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
    ("changes", "rule", "message"),
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
        ({"submitted_on": "2025-02-29"}, "date", "not a day of the calendar"),
        ({"submitted_on": "2026-07-01"}, "future", "is in the future"),
        ({"indicator": "HAPPINESS"}, "indicator", "'HAPPINESS'"),
        ({"links": ""}, "required", "links: is empty"),
        ({"links": "www.example.org"}, "link", "'www.example.org'"),
        ({"links": "https://example.org/a; javascript:alert(1)"}, "link", "javascript"),
        ({"evidence_links": "http://example.org/e"}, "secure_link", "begins with https://"),
        ({"name_en": "=1+1"}, "formula", "name_en: contains a formula"),
        ({"note": "a\x00b"}, "control_character", "note"),
    ],
)
def test_refuses_a_row_with_a_wrong_cell_by_its_rule(
    changes: dict[str, str], rule: str, message: str
) -> None:
    found, reason = refused(**changes)
    assert found == rule
    assert message in reason


def test_reports_all_faults_of_a_row() -> None:
    _, reason = refused(country="XXX", cycle="9", links="no")
    assert [part.partition(":")[0] for part in reason.split("; ")] == ["country", "cycle", "links"]


def test_accepts_a_complete_row_with_typed_values() -> None:
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
def test_finds_a_city_only_by_exact_name_and_country(city: str, country: str, ref_area: str) -> None:
    (row,) = reading(csv_of({**GOOD, "city": city, "country": country})).accepted
    assert row.case.ref_area == ref_area
    assert row.case.city == city


def test_skips_empty_rows_and_accepts_or_refuses_all_others() -> None:
    content = csv_of(GOOD, {}, {**GOOD, "case_id": "Bad Id"}, {**GOOD, "case_id": "third"})
    validated = reading(content)
    assert [row.row for row in validated.accepted] == [2, 5]
    assert [(row.row, row.rule) for row in validated.refused] == [(4, "slug")]
    assert validated.read == 3


def test_refuses_too_many_cells_and_reads_quoted_line_breaks() -> None:
    header = ",".join(REQUIRED)
    rows = ['a-1,"Mos\ncow",RUS,https://example.org', "a-2,Moscow,RUS,https://example.org,more"]
    content = "\n".join([header.replace(",links", ",links"), *rows]).encode()
    validated = reading(content)
    assert [(row.row, row.rule) for row in validated.refused] == [(2, "name_or_stage"), (4, "cells")]


def test_reads_numbers_and_dates_of_a_workbook() -> None:
    cells = {**GOOD, "cycle": 6, "sdgs": 11.0, "start_year": 2020, "submitted_on": date(2024, 1, 31)}
    (row,) = reading(xlsx_of(cells), "C.XLSX").accepted
    assert (row.case.cycle, row.case.sdgs, row.case.start_year) == ("6", ("11",), 2020)
    assert row.case.submitted_on == date(2024, 1, 31)


def test_refuses_a_formula_with_its_column() -> None:
    validated = reading(xlsx_of({**GOOD, "start_year": "=YEAR(NOW())"}, GOOD), "c.xlsx")
    assert [(row.row, row.rule, row.reason) for row in validated.refused] == [
        (2, "formula", "start_year: contains a formula instead of its value")
    ]
    assert [row.row for row in validated.accepted] == [3]


@pytest.mark.parametrize(
    ("content", "name", "message"),
    [
        (csv_of(GOOD).replace(b"outcome", b"result"), "c.csv", "the column 'result' is unknown"),
        (csv_of(GOOD).replace(b"outcome", b"note"), "c.csv", "the column 'note' is given more than once"),
        (b"case_id,city\n", "c.csv", "the column 'country' is missing; the column 'links' is missing"),
        (b"", "c.csv", "is empty"),
        (csv_of(GOOD), "c.ods", "neither .csv nor .xlsx"),
        (csv_of(GOOD), "c.xlsx", "is not a workbook"),
        (csv_of(GOOD).decode("utf-8-sig").replace("Moscow", "Москва").encode("cp1251"), "c.csv", "UTF-8"),
        (csv_of(GOOD) + b'"', "c.csv", "is not CSV"),
        (b"x" * (10 * 1024 * 1024 + 1), "c.csv", "bytes, more than"),
    ],
)
def test_reports_fault_and_next_step_of_a_file_in_another_format(
    content: bytes, name: str, message: str
) -> None:
    with pytest.raises(SourceContractError, match="Next step") as caught:
        reading(content, name)
    assert message in str(caught.value)
    assert f"best_practice_cases: {name}:" in str(caught.value)
