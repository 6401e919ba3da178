"""Which rows the shipped rules accept and reject, and with which reason."""

import csv
import json
import random
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from city_indicators.catalog import Catalogue, Series
from city_indicators.core.intervals import Interval
from city_indicators.core.snapshots import Snapshot
from city_indicators.ingest.normalise import COLUMNS, normalise
from city_indicators.ingest.validation.validate import REJECTED_COLUMNS, ValidationResult
from city_indicators.sources.records import Record

NAN = float("nan")
GDP = {"indicator": "GDP_PC_PPP", "unit_measure": "INTL_USD_2021", "obs_value": 30000.0}
PM25 = {"indicator": "PM25_EXPOSURE", "unit_measure": "UG_M3", "obs_value": 9.5}

ACCEPTED: list[dict[str, Any]] = [
    {},
    {"obs_value": 0.0},
    {"obs_value": 100.0},
    {"obs_value": 0.1},
    {"obs_value": 99.9},
    {"obs_status": "E"},
    {"obs_status": "F"},
    GDP,
    {**GDP, "unit_measure": "INTL_USD_2017"},
    {**GDP, "geo_basis": "city"},
    {**GDP, "obs_value": 250_000.0},
    PM25,
]
NO_AREA = {"ref_area": None, "area_code": "V4"}
NO_NUMBER = {"obs_value": NAN, "value_as_published": ".."}
FAULT = {"fault": "population_is_exact", "fault_reason": "1000 people is rounded"}
REJECTED: list[tuple[dict[str, Any], str, str]] = [
    (
        NO_AREA,
        "known_area",
        "the source sent the area 'V4', which is not in the catalogue and was not requested",
    ),
    (NO_NUMBER, "value_is_number", "'..' is not a number"),
    ({"unit_measure": "PS"}, "known_unit", "URB_SHARE is not measured in the unit 'PS'"),
    (
        {**GDP, "unit_measure": "PT"},
        "known_unit",
        "GDP_PC_PPP is not measured in the unit 'PT'",
    ),
    (
        {**GDP, "unit_measure": None},
        "unit_is_given",
        "the title of the series contains no declared unit of GDP_PC_PPP",
    ),
    (
        {"obs_status": "X"},
        "allowed_status",
        "the status 'X' is not one of the allowed codes of SDMX CL_OBS_STATUS",
    ),
    ({"geo_basis": "city"}, "allowed_basis", "URB_SHARE does not allow the basis 'city'"),
    ({"obs_value": 100.5}, "plausible_range", "100.5 is outside the plausible range of URB_SHARE"),
    ({"obs_value": -0.1}, "plausible_range", "-0.1 is outside the plausible range of URB_SHARE"),
    ({**GDP, "obs_value": 100.0}, "plausible_range", "100 is outside the plausible range of GDP_PC_PPP"),
    ({**PM25, "obs_value": 0.4}, "plausible_range", "0.4 is outside the plausible range of PM25_EXPOSURE"),
    (
        {"distinct_values": 2},
        "one_value_per_key",
        "the source gives 2 different values for RUS, URB_SHARE, 2018",
    ),
    # A form's own rules are checked first, each under its own name.
    (FAULT, "population_is_exact", "1000 people is rounded"),
    ({**FAULT, **NO_AREA, **NO_NUMBER}, "population_is_exact", "1000 people is rounded"),
    ({"occurrence": 3}, "no_repeat", "the row repeats an earlier row of the same response, occurrence 3"),
    # Several faults at once: the first rule of the file gives the reason.
    (
        {**NO_AREA, **NO_NUMBER, "unit_measure": None, "obs_status": "X", "distinct_values": 2},
        "known_area",
        "the source sent the area 'V4', which is not in the catalogue and was not requested",
    ),
    ({**NO_NUMBER, "unit_measure": "PS", "occurrence": 2}, "value_is_number", "'..' is not a number"),
    (
        {"obs_value": 100.5, "distinct_values": 2, "occurrence": 2},
        "plausible_range",
        "100.5 is outside the plausible range of URB_SHARE",
    ),
]
ALL_INDICATORS = ("URB_SHARE", "GDP_PC_PPP", "PM25_EXPOSURE")


@pytest.fixture(scope="module")
def result(rows_of: Any, validated: Any) -> ValidationResult:
    """All rows above validated together, in an order that is not that of their numbers."""
    rows = rows_of(*ACCEPTED, *(change for change, _, _ in REJECTED))
    shuffled = rows.sample(frac=1, random_state=5)
    return validated(shuffled, indicators=ALL_INDICATORS)


def test_accepts_exactly_the_good_rows(result: ValidationResult) -> None:
    assert sorted(result.accepted["row_no"]) == list(range(len(ACCEPTED)))


@pytest.mark.parametrize(
    ("number", "rule", "reason"),
    [(len(ACCEPTED) + n, rule, reason) for n, (_, rule, reason) in enumerate(REJECTED)],
)
def test_rejects_each_bad_row_once_by_the_first_rule(
    result: ValidationResult, number: int, rule: str, reason: str
) -> None:
    rejected = result.rejected.query("pointer == @pointer", local_dict={"pointer": f"/1/{number}"})
    assert rejected[["rule", "reason"]].to_dict("records") == [{"rule": rule, "reason": reason}]


def test_rejected_rows_keep_what_a_replay_needs(
    result: ValidationResult,
) -> None:
    assert list(result.accepted.columns) == COLUMNS
    assert list(result.rejected.columns) == REJECTED_COLUMNS
    assert set(result.rejected["raw_row"]) == {"{}"}


@pytest.mark.parametrize("column", ["ref_area", "obs_value", "unit_measure", "obs_status", "geo_basis"])
def test_never_accepts_a_missing_value(rows_of: Any, validated: Any, column: str) -> None:
    verdict = validated(rows_of({column: None}, {}))
    assert verdict.accepted["row_no"].tolist() == [1]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_read_is_always_accepted_plus_rejected(rows_of: Any, validated: Any, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311
    bad = [change for change, _, _ in REJECTED]
    changes = [chance.choice(bad if chance.random() < 0.3 else ACCEPTED) for _ in range(200)]
    rows = rows_of(*changes)
    verdict = validated(rows, indicators=ALL_INDICATORS)
    is_bad = [any(change is one for one in bad) for change in changes]
    assert len(verdict.accepted) + len(verdict.rejected) == 200
    assert verdict.accepted["row_no"].tolist() == [n for n in range(200) if not is_bad[n]]
    assert verdict.rejected["pointer"].tolist() == [f"/1/{n}" for n in range(200) if is_bad[n]]


def test_result_documents_are_strict_json(result: ValidationResult) -> None:
    for validation in result.validations:
        text = json.dumps(validation.document, allow_nan=False)
        assert json.loads(text)["results"] is not None


def test_the_summary_counts_the_checks_that_failed(result: ValidationResult) -> None:
    rows, _, gate = (validation.summary() for validation in result.validations)
    assert (rows["suite"], gate["suite"]) == ("publisher.rows", "publisher.gate")
    assert (rows["evaluated"], gate["evaluated"]) == (17, 6)
    assert rows["success"] is gate["success"] is False


def test_rejects_numbers_damaged_by_a_spreadsheet(
    shared: Path, catalogue: Catalogue, validated: Callable[..., ValidationResult]
) -> None:
    """Percentages and GDP of our countries from a file with damaged decimal points."""
    file = shared / "data/wdi_corrupted_specimen/world_bank_development_indicators.csv"
    countries = {country.name_en: code for code, country in catalogue.countries.items()}
    series = {
        "individuals_using_internet%": Series(
            code="internet", indicator="URB_SHARE", geo_basis="country", unit="PT"
        ),
        "GDP_current_US": Series(
            code="gdp", indicator="GDP_PC_PPP", geo_basis="country", unit="INTL_USD_2021"
        ),
    }
    content = file.read_bytes()
    at = datetime(2026, 11, 23, tzinfo=UTC)
    snapshot = Snapshot("publisher", "https://publisher.example/wdi.csv", "0" * 64, len(content), "", at)
    table = csv.DictReader(content.decode("utf-8-sig").splitlines(), delimiter=";")
    records = [
        Record(of, countries[row["country"]], row["date"][-4:], row[column] or None, column, snapshot, "", "")
        for row in table
        if row["country"] in countries
        for column, of in series.items()
    ]
    interval = Interval(at.date().replace(year=1960, month=1, day=1), at.date().replace(month=1, day=1))
    observations = normalise(records, catalogue.sources["world_bank"], catalogue, interval).observations
    verdict = validated(observations, indicators=("URB_SHARE", "GDP_PC_PPP"))

    damaged = observations["value_as_published"].str.count(r"\.") > 1
    assert damaged.sum() > 1000
    rules = verdict.rejected.set_index("pointer")["rule"]
    # "Egypt, Arab Rep." is in two cells there, so the date of its rows is no date.
    assert set(rules) == {"value_is_number", "plausible_range", "jump_bound", "period_is_a_year"}
    dated = observations["fault"].isna()
    assert (verdict.rejected["rule"] == "value_is_number").sum() == (damaged & dated).sum()
    assert (verdict.accepted["value_as_published"].str.count(r"\.") == 1).all()
    assert set(verdict.accepted["indicator"]) == {"URB_SHARE"}
    assert verdict.accepted["obs_value"].between(0, 100).all()
    assert len(verdict.refusals) == 1


def test_validates_an_empty_load(rows_of: Any, validated: Any) -> None:
    verdict = validated(rows_of())
    assert (len(verdict.accepted), len(verdict.rejected), verdict.refusals) == (0, 0, ())
    assert list(verdict.accepted.columns) == COLUMNS
    assert list(verdict.rejected.columns) == REJECTED_COLUMNS
    assert isinstance(verdict.accepted, pd.DataFrame)
    rows, _, gate = (validation.summary() for validation in verdict.validations)
    assert rows["success"] is True
    # It only has the warning that nothing was read.
    assert (gate["success"], gate["failed"]) == (False, 1)
    for validation in verdict.validations:
        json.dumps(validation.document, allow_nan=False)
