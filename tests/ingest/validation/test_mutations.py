"""For every declared rule, one change of good rows that breaks exactly that rule."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest

from city_indicators.catalog import Catalogue
from city_indicators.ingest.validation import validate
from city_indicators.ingest.validation.context import KNOWN_COLUMNS
from city_indicators.ingest.validation.load_checks.assess import NOTHING_HELD
from city_indicators.ingest.validation.rules import load_rules
from city_indicators.ingest.validation.validate import ValidationResult, validate_observations
from tests.ingest.validation.conftest import COMPARED

NAN = float("nan")
Validate = Callable[..., ValidationResult]

# The changes of a good row of URB_SHARE (or the rows) that break the rule of that name.
BREAKS: dict[str, list[dict[str, Any]]] = {
    "keeps_the_form": [{"fault": "evidence_is_linked", "fault_reason": "no link"}],
    "known_area": [{"ref_area": None}],
    "value_is_number": [{"obs_value": NAN}],
    "has_status": [{"obs_status": None}],
    "has_basis": [{"geo_basis": None}],
    "known_unit": [{"unit_measure": "PS"}],
    "unit_is_given": [{"unit_measure": None}],
    "allowed_status": [{"obs_status": "X"}],
    "allowed_basis": [{"geo_basis": "metro"}],
    "plausible_range": [{"time_period": "2012", "obs_value": 100.1}],
    "total_covers_parts": [{"shortfall": 0.1}],
    "mix_within_total": [
        {"indicator": "ELEC_RES_SHARE", "obs_value": 60.0},
        {"indicator": "ELEC_NUCLEAR_SHARE", "obs_value": 41.0},
    ],
    "jump_bound": [{"time_period": "2019", "obs_value": 20.0}],
    "revision_bound": [{"time_period": "2020", "obs_value": 60.0}],
    "other_sources_agree": [{"indicator": "ELEC_RES_SHARE", "time_period": "2021", "obs_value": 20.0}],
    "one_value_per_key": [{"distinct_values": 2}],
    "no_repeat": [{"occurrence": 2}],
}
# Observations in the warehouse: the previous one, the revised one, and one of another source.
KNOWN_OBSERVATIONS = [
    ("RUS", "URB_SHARE", "2017", "publisher", 74.4, "PT"),
    ("RUS", "URB_SHARE", "2020", "publisher", 92.0, "PT"),
    ("RUS", "ELEC_RES_SHARE", "2021", "another", 10.0, "PT"),
]
AREAS = [f"R{number}" for number in range(40)]
GATE_BREAKS: dict[str, tuple[list[dict[str, Any]], list[tuple[str, str, str]]]] = {
    "rejected_share": (
        [{"ref_area": a, "obs_value": NAN if n < 5 else 1.0} for n, a in enumerate(AREAS)],
        [],
    ),
    "withdrawn_share": (
        [{"ref_area": area} for area in AREAS[5:]],
        [(area, "URB_SHARE", "2018") for area in AREAS],
    ),
    "periods_stay": (
        [{"ref_area": area} for area in AREAS],
        [*((area, "URB_SHARE", "2018") for area in AREAS), ("R0", "URB_SHARE", "2010")],
    ),
    # A missing latest period is always a missing period too.
    "latest_period_stays": (
        [{"ref_area": area} for area in AREAS],
        [*((area, "URB_SHARE", "2018") for area in AREAS), ("R0", "URB_SHARE", "2019")],
    ),
    "something_is_accepted": ([{"obs_value": NAN}], []),
    "something_is_read": ([], []),
}


@pytest.fixture
def validate_mutant(catalogue: Catalogue, rows_of: Any, stored_keys: Any) -> Validate:
    def validate_rows(changes: list[dict[str, Any]], *stored: tuple[str, str, str]) -> ValidationResult:
        rows: pd.DataFrame = rows_of(*changes).astype(COMPARED)
        known = pd.DataFrame(KNOWN_OBSERVATIONS, columns=KNOWN_COLUMNS)
        indicators = list(dict.fromkeys(rows["indicator"]))
        held = replace(NOTHING_HELD, known=known)
        return validate_observations(
            "publisher", rows, stored_keys(*stored), load_rules(), catalogue, indicators, held
        )

    return validate_rows


def fired(result: ValidationResult, suite: int) -> set[str]:
    results = result.validations[suite].document["results"]
    return {each["expectation_config"]["meta"]["rule"] for each in results if not each["success"]}


def test_every_rule_has_its_mutation() -> None:
    rules = load_rules()
    assert [rule.id for rule in rules.row_rules] == list(BREAKS)
    assert [rule.id for rule in rules.gate_rules] == list(GATE_BREAKS)


def test_without_a_change_no_rule_fires(validate_mutant: Validate) -> None:
    result = validate_mutant([{}], ("RUS", "URB_SHARE", "2018"))
    assert (fired(result, 0), fired(result, 2)) == (set(), set())


@pytest.mark.parametrize("rule", BREAKS)
def test_a_change_fires_exactly_its_row_rule(validate_mutant: Validate, rule: str) -> None:
    assert fired(validate_mutant(BREAKS[rule]), 0) == {rule}


@pytest.mark.parametrize("rule", GATE_BREAKS)
def test_a_change_fires_exactly_its_gate_rule(
    catalogue: Catalogue, validate_mutant: Validate, rule: str
) -> None:
    changes, stored = GATE_BREAKS[rule]
    also = {"periods_stay"} if rule == "latest_period_stays" else set()
    assert fired(validate_mutant(changes, *stored), 2) == {rule} | also


def test_indicators_in_several_blocks_give_the_result_of_one_block(
    validate_mutant: Validate, monkeypatch: pytest.MonkeyPatch
) -> None:
    changes = [{}, *(change for changes in BREAKS.values() for change in changes)] * 2
    together = validate_mutant(changes)
    monkeypatch.setattr(validate, "ROWS_AT_A_TIME", 1)
    apart = validate_mutant(changes)
    assert len(together.rejected) > len(BREAKS)
    # URB_SHARE in one block, two shares of one mix in another.
    assert len({change.get("indicator") for change in changes}) == 3
    for name in ("accepted", "rejected", "warnings"):
        pd.testing.assert_frame_equal(getattr(apart, name), getattr(together, name))
    assert (apart.refusals, apart.load_warnings) == (together.refusals, together.load_warnings)
    assert [each.document["results"] for each in apart.validations] == [
        each.document["results"] for each in together.validations
    ]
