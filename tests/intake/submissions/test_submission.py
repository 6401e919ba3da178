"""Reads city submissions, CSV and XLSX, and refuses single rows by the rules of the form."""

import io
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import openpyxl  # noqa: TID253
import pandas as pd
import pytest

from city_indicators.catalog import Catalogue, Source
from city_indicators.core.errors import SourceContractError
from city_indicators.core.intervals import EVERY_YEAR
from city_indicators.core.snapshots import Snapshot
from city_indicators.ingest.normalise import KEY, normalise
from city_indicators.ingest.parse import Parsed, parse_files
from city_indicators.ingest.validation.rules import load_rules
from city_indicators.ingest.validation.validate import validate_observations
from city_indicators.intake.submissions import connector as submission
from city_indicators.intake.submissions import file as submission_file
from city_indicators.intake.submissions.file import COLUMNS
from city_indicators.orchestration.formats import register_formats
from city_indicators.sources.records import Record
from tests.publishers import as_snapshot

register_formats()

GOOD = {
    "city": "moscow",
    "indicator": "ELEC_USE",
    "period": "2023",
    "value": "60100",
    "unit": "GWh",
    "contact_role": "statistics office",
    "submitted_on": "2024-03-31",
    "evidence_url": "https://city.example/report.pdf",
    "note": "",
}


def form(*changes: dict[str, str], delimiter: str = ",") -> bytes:
    """A form as CSV, of good rows with the given changes."""
    lines = [delimiter.join(COLUMNS)]
    lines += [delimiter.join(f'"{cell}"' for cell in {**GOOD, **change}.values()) for change in changes]
    return ("\n".join(lines) + "\n").encode()


def workbook(*rows: list[object], sheet: str = "form") -> bytes:
    book = openpyxl.Workbook()
    active: Any = book.active
    active.title = sheet
    for row in ([*COLUMNS], *rows):
        active.append(row)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


@pytest.fixture
def source(catalogue: Catalogue) -> Source:
    return catalogue.sources["city_submission"]


@pytest.fixture
def read(source: Source) -> Callable[[bytes], list[Record]]:
    def records(content: bytes) -> list[Record]:
        return list(submission.read(source, iter([as_snapshot(content)]), EVERY_YEAR))

    return records


@pytest.fixture
def parsed(catalogue: Catalogue, tmp_path: Path) -> Callable[[bytes], Parsed]:
    """A form validated by all rules."""

    def parse(content: bytes) -> Parsed:
        file = tmp_path / "form.csv"
        file.write_bytes(content)
        return parse_files("city_submission", [file], catalogue)

    return parse


def observations(parsed: Parsed) -> list[tuple[object, ...]]:
    columns = ["ref_area", "indicator", "time_period", "obs_value", "unit_measure"]
    return list(parsed.accepted[columns].itertuples(index=False, name=None))


@pytest.mark.parametrize(
    ("change", "value"),
    [
        # A gigacalorie of heat engineering is 1.163 MWh; pint's default would give 1162.2 GWh.
        ({"indicator": "HEAT_USE", "value": "1000000", "unit": "Gcal"}, 1163.0),
        ({"indicator": "HEAT_USE", "value": "1000", "unit": "тыс. Гкал"}, 1163.0),
        ({"indicator": "HEAT_USE", "value": "3600", "unit": "TJ"}, 1000.0),
        ({"value": "60.1", "unit": "TWh"}, 60100.0),
        ({"value": "601", "unit": "亿千瓦时"}, 60100.0),
        ({"value": "60100", "unit": "ГВт·ч"}, 60100.0),
        ({"value": "60100", "unit": "吉瓦时"}, 60100.0),
        ({"indicator": "POP_CITY", "value": "13104.177", "unit": "1000 person"}, 13104177.0),
        ({"indicator": "POP_CITY", "value": "1000205", "unit": "people"}, 1000205.0),
        ({"indicator": "ELEC_RES_SHARE", "value": "12.5", "unit": "%"}, 12.5),
        ({"indicator": "T_MEAN_YEAR", "value": "-1.5", "unit": "°C"}, -1.5),
        ({"indicator": "METRO_KM", "value": "466.8", "unit": "km"}, 466.8),
        ({"indicator": "GREEN_PC", "value": "16.5", "unit": "м² на человека"}, 16.5),
        ({"indicator": "WASTE_GENERATED", "value": "785.5", "unit": "万吨"}, 7855000.0),
        ({"indicator": "WASTE_GENERATED", "value": "8000", "unit": "1000 t"}, 8000000.0),
        ({"indicator": "WASTE_GENERATED", "value": "8000000", "unit": "short_ton"}, 7257477.92),
    ],
)
def test_converts_a_value_to_the_indicators_unit(
    parsed: Callable[[bytes], Parsed], change: dict[str, str], value: float
) -> None:
    done = parsed(form(change))
    assert len(done.rejected) == 0
    assert done.accepted["obs_value"].tolist() == pytest.approx([value], rel=1e-14)
    assert done.accepted["unit_as_published"].tolist() == [change["unit"]]
    assert done.accepted["geo_basis"].tolist() == ["city"]


@pytest.mark.parametrize("name", ["sao-paulo", "São Paulo", "Сан-Паулу", "圣保罗", "Sa\u0303o Paulo"])
def test_finds_a_city_by_its_id_and_its_three_names(parsed: Callable[[bytes], Parsed], name: str) -> None:
    assert parsed(form({"city": name})).accepted["ref_area"].tolist() == ["sao-paulo"]


def test_no_two_cities_share_a_name_in_any_language(catalogue: Catalogue) -> None:
    owners: dict[str, set[str]] = {}
    for city in catalogue.cities.values():
        for name in (city.ref_area, city.name_en, city.name_ru, city.name_zh):
            owners.setdefault(name, set()).add(city.ref_area)
    assert {name for name, cities in owners.items() if len(cities) > 1} == set()


WASTE = {"indicator": "WASTE_GENERATED", "value": "8000000"}

BREACHES: dict[str, tuple[dict[str, str], str, str]] = {
    "misspelt city": ({"city": "Mosow"}, "city_is_known", "'Mosow' is not a city of the catalogue"),
    "part of a name": ({"city": "Rio"}, "city_is_known", "'Rio'"),
    "country": ({"city": "RUS"}, "city_is_known", "'RUS'"),
    "no city": ({"city": ""}, "city_is_known", "''"),
    "unknown indicator": ({"indicator": "WASTE_BURNT"}, "indicator_is_in_the_form", "'WASTE_BURNT'"),
    "indicator of others": ({"indicator": "POP_COUNTRY"}, "indicator_is_in_the_form", "choose one of"),
    "month": ({"period": "2023-05"}, "period_is_a_year", "'2023-05' is not a year"),
    "five digits": ({"period": "20233"}, "period_is_a_year", "'20233'"),
    "long ago": ({"period": "1989"}, "period_is_a_year", "from 1990 on"),
    "no unit": ({"unit": ""}, "unit_fits", "'' does not convert to GWh"),
    "unit of another kind": ({"unit": "km"}, "unit_fits", "'km' does not convert to GWh"),
    "unit with a computation": ({"unit": "GWh**9**9"}, "unit_fits", "does not convert"),
    "ton that may be short": ({**WASTE, "unit": "tons"}, "unit_fits", "write t, short_ton or long_ton"),
    "thousand tons": ({**WASTE, "unit": "1000 tons"}, "unit_fits", "write t, short_ton or long_ton"),
    "kilotons": ({**WASTE, "unit": "ktons"}, "unit_fits", "write t, short_ton or long_ton"),
    "tons a head": (
        {"indicator": "CO2_PC", "value": "7", "unit": "tons/person"},
        "unit_fits",
        "write t, short_ton or long_ton",
    ),
    "unknown unit": ({"unit": "barrelz"}, "unit_fits", "'barrelz'"),
    "no contact": ({"contact_role": ""}, "contact_is_a_role", "no contact role is given"),
    "address of a person": ({"contact_role": "a.b@city.example"}, "contact_is_a_role", "write the role only"),
    "telephone": ({"contact_role": "office 4951234567"}, "contact_is_a_role", "write the role only"),
    "no date": ({"submitted_on": ""}, "date_is_given", "'' is not a date"),
    "another way of dates": ({"submitted_on": "31.03.2024"}, "date_is_given", "write it as 2025-03-31"),
    "before the year ends": ({"submitted_on": "2023-12-30"}, "period_is_over", "before the end of 2023"),
    "future": ({"submitted_on": "2026-11-24"}, "date_has_come", "is in the future"),
    "no evidence": ({"evidence_url": ""}, "evidence_is_linked", "no evidence is given"),
    "open link": ({"evidence_url": "http://city.example/a"}, "evidence_is_linked", "is not an https address"),
    "no link": ({"evidence_url": "annual report"}, "evidence_is_linked", "'annual report'"),
    "half a person": (
        {"indicator": "POP_CITY", "unit": "people", "value": "1000205.5"},
        "population_is_exact",
        "is not an integer",
    ),
    "rounded": (
        {"indicator": "POP_CITY", "unit": "people", "value": "13104000"},
        "population_is_exact",
        "13104000 people is rounded to thousands",
    ),
    "rounded in thousands": (
        {"indicator": "POP_CITY", "unit": "1000 person", "value": "13104"},
        "population_is_exact",
        "13104000 people is rounded to thousands",
    ),
    "decimal comma": ({"value": "60,1"}, "value_is_number", "'60,1' is not a number"),
    "out of range": ({"value": "60.1"}, "plausible_range", "60.1 is outside the plausible range"),
}


@pytest.mark.parametrize(("change", "rule", "message"), BREACHES.values(), ids=BREACHES.keys())
def test_refuses_a_row_by_its_rule_and_reads_the_others(
    catalogue: Catalogue, source: Source, change: dict[str, str], rule: str, message: str
) -> None:
    content = form({"indicator": "WASTE_RECYCLED", "value": "12", "unit": "%"}, change)
    records = submission.read(source, iter([as_snapshot(content)]), EVERY_YEAR)
    normalised = normalise(records, source, catalogue, EVERY_YEAR)
    indicators = [series.indicator for series in source.series]
    nothing_stored = pd.DataFrame(columns=KEY)
    verdict = validate_observations(
        source.id, normalised.observations, nothing_stored, load_rules(), catalogue, indicators
    )
    assert verdict.refusals == ()
    assert verdict.accepted["indicator"].tolist() == ["WASTE_RECYCLED"]
    ((pointer, found, reason),) = verdict.rejected[["pointer", "rule", "reason"]].itertuples(
        index=False, name=None
    )
    assert (pointer, found) == ("line 3", rule)
    assert message in reason
    assert (normalised.out_of_scope, normalised.empty_cells) == (0, 0)


@pytest.mark.parametrize(
    ("day", "fault"), [("2026-11-23", None), ("2026-11-24", None), ("2026-11-25", "date_has_come")]
)
def test_accepts_a_day_once_it_has_begun_anywhere(source: Source, day: str, fault: str | None) -> None:
    snapshot, content = as_snapshot(form({"submitted_on": day}))
    # At 11:00 UTC the next day has begun at the date line.
    received = Snapshot(**{**vars(snapshot), "fetched_at": datetime(2026, 11, 23, 11, tzinfo=UTC)})
    (record,) = submission.read(source, iter([(received, content)]), EVERY_YEAR)
    assert (record.fault.rule if record.fault else None) == fault


def share(indicator: str, value: str, **change: str) -> dict[str, str]:
    return {"indicator": indicator, "value": value, "unit": "%", **change}


def test_refuses_only_the_mix_that_exceeds_100_percent(
    parsed: Callable[[bytes], Parsed],
) -> None:
    done = parsed(
        form(
            share("ELEC_GAS_SHARE", "60.5", city="Москва"),
            share("ELEC_NUCLEAR_SHARE", "30"),
            share("ELEC_RES_SHARE", "10"),
            # The shares of another year or another city are another mix.
            share("ELEC_GAS_SHARE", "60.5", period="2022"),
            share("ELEC_NUCLEAR_SHARE", "39.5", period="2022"),
            share("ELEC_RES_SHARE", "99", city="beijing"),
            # Low-carbon sources overlap with nuclear and renewable ones, so they are not part of the mix.
            share("ELEC_LOWCARBON_SHARE", "40"),
        )
    )
    assert set(done.rejected["rule"]) == {"mix_is_within_100"}
    assert done.rejected["pointer"].tolist() == ["line 2", "line 3", "line 4"]
    assert "of moscow in 2023 add up to 100.5 %, more than 100" in done.rejected["reason"].iloc[0]
    assert [observation[:3] for observation in observations(done)] == [
        ("moscow", "ELEC_GAS_SHARE", "2022"),
        ("moscow", "ELEC_NUCLEAR_SHARE", "2022"),
        ("beijing", "ELEC_RES_SHARE", "2023"),
        ("moscow", "ELEC_LOWCARBON_SHARE", "2023"),
    ]


def test_accepts_shares_of_exactly_100_percent(parsed: Callable[[bytes], Parsed]) -> None:
    mix = {"ELEC_GAS_SHARE": "33.4", "ELEC_NUCLEAR_SHARE": "33.3", "ELEC_RES_SHARE": "33.3"}
    done = parsed(form(*(share(indicator, value) for indicator, value in mix.items())))
    assert len(done.accepted) == 3


def test_a_negative_share_does_not_lower_the_sum(parsed: Callable[[bytes], Parsed]) -> None:
    mix = {"ELEC_GAS_SHARE": "60", "ELEC_NUCLEAR_SHARE": "-20", "ELEC_RES_SHARE": "50"}
    done = parsed(form(*(share(indicator, value) for indicator, value in mix.items())))
    assert done.rejected["rule"].tolist() == ["mix_is_within_100", "plausible_range", "mix_is_within_100"]


def test_rows_without_a_value_are_empty_cells(parsed: Callable[[bytes], Parsed]) -> None:
    empty = {"value": "", "contact_role": "", "submitted_on": "", "evidence_url": ""}
    done = parsed(form({}, {**empty, "indicator": "HEAT_USE"}, {**empty, "city": "", "period": ""}))
    assert (len(done.accepted), len(done.rejected), done.empty_cells, done.out_of_scope) == (1, 0, 2, 0)


def test_refuses_both_of_two_values_for_one_observation(parsed: Callable[[bytes], Parsed]) -> None:
    done = parsed(form({}, {"value": "60200", "city": "Moscow"}))
    assert done.rejected["rule"].tolist() == ["one_value_per_key", "one_value_per_key"]


def test_reads_semicolons_and_a_byte_order_mark(read: Callable[[bytes], list[Record]]) -> None:
    (record,) = read(b"\xef\xbb\xbf" + form({"note": "a; b"}, delimiter=";"))
    assert (record.area_code, record.value, record.fault) == ("moscow", "60100", None)


def test_refuses_only_the_row_with_too_many_cells(read: Callable[[bytes], list[Record]]) -> None:
    torn = ",".join(["moscow", "HEAT_USE", "2023", "35", "4", "GWh", *list(GOOD.values())[5:]])
    first, second = read(form({}) + torn.encode() + b"\n")
    assert first.fault is None
    assert second.fault is not None
    assert second.fault.rule == "row_fits_header"
    assert "10 cells, the header 9" in second.fault.reason


def cells(value: object, unit: str = "GWh") -> list[object]:
    day = datetime(2024, 3, 31)
    return ["moscow", "ELEC_USE", 2023, value, unit, "office", day, "https://city.example/r", None]


def test_reads_a_workbook_like_csv(read: Callable[[bytes], list[Record]]) -> None:
    (record,) = read(workbook(cells(60100.5)))
    assert (record.pointer, record.time_period, record.value) == ("form!2", "2023", "60100.5")
    assert record.fault is None


def test_refuses_a_formula_with_its_cell(read: Callable[[bytes], list[Record]]) -> None:
    first, second = read(workbook(cells("=50000+100"), cells(60100)))
    assert first.fault is not None
    assert first.fault.rule == "cell_holds_a_value"
    assert "cell D2 holds the formula =50000+100" in first.fault.reason
    assert second.fault is None


def test_refuses_a_cell_in_percentage_format(
    read: Callable[[bytes], list[Record]],
) -> None:
    book = openpyxl.load_workbook(io.BytesIO(workbook(cells(0.354, "%"))))
    sheet: Any = book["form"]
    sheet["B2"], sheet["D2"].number_format = "ELEC_RES_SHARE", "0.0%"
    stream = io.BytesIO()
    book.save(stream)
    (record,) = read(stream.getvalue())
    assert record.fault is not None
    assert "cell D2 is formatted as a percentage and holds 0.354" in record.fault.reason


UNREADABLE: dict[str, tuple[bytes, str]] = {
    "column missing": (b"city,indicator\nmoscow,ELEC_USE\n", "missing or repeated: "),
    "column twice": ((",".join([*COLUMNS, "value"]) + "\n").encode(), r"\['value'\]"),
    "nothing": (b"", "must name each column once"),
    "Latin letters of another encoding": ("city,Москва".encode("cp1251"), "nor text in UTF-8"),
    "quote that does not end": (form({}) + b'"moscow', "is not CSV"),
    "no workbook": (b"PK\x03\x04nothing", "the workbook cannot be read"),
    "another workbook": (workbook(sheet="data").replace(b"xl/workbook.xml", b"xl/w0rkbook.xml"), "cannot be"),
    "old workbook": (b"\xd0\xcf\x11\xe0" + b"\xff" * 8, "nor text in UTF-8"),
    "too large": (b"x" * (10 * 1024 * 1024 + 1), "10485761 bytes, more than the 10485760"),
}


@pytest.mark.parametrize(("content", "message"), UNREADABLE.values(), ids=UNREADABLE.keys())
def test_reports_fault_and_next_step_of_a_file_that_is_not_a_form(
    read: Callable[[bytes], list[Record]], content: bytes, message: str
) -> None:
    with pytest.raises(SourceContractError, match=message) as caught:
        read(content)
    assert "Next step: fill in a new form" in str(caught.value)


def test_refuses_a_workbook_that_unpacks_to_too_many_bytes(
    read: Callable[[bytes], list[Record]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(submission_file, "MAX_UNPACKED_BYTES", 100)
    with pytest.raises(SourceContractError, match="unpacks to"):
        read(workbook(cells(1)))


@pytest.mark.parametrize(
    ("changes", "first", "end"),
    [
        ([{"period": "2021"}, {"period": "2023"}], 2021, 2024),
        ([{"period": "2021", "unit": "km"}, {"period": "2023"}], 2023, 2024),
        ([{"period": "soon"}], 2026, 2027),
    ],
)
def test_a_load_covers_the_valid_years_of_the_form(
    source: Source, changes: list[dict[str, str]], first: int, end: int
) -> None:
    interval = submission.interval(source, *as_snapshot(form(*changes)))
    assert (interval.start.year, interval.end.year) == (first, end)


def test_the_form_has_the_highest_precedence_and_is_not_fetched(catalogue: Catalogue) -> None:
    submitted = [source.id for source in catalogue.sources.values() if source.is_submission]
    assert "city_submission" in submitted
    ranks = {source.id: source.precedence for source in catalogue.sources.values()}
    assert min(ranks, key=lambda key: ranks[key]) == "city_submission"
