"""The file of rules, and the checks made from it."""

import shutil
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from city_indicators.catalog import Catalogue
from city_indicators.core.errors import CatalogueError
from city_indicators.core.paths import EXPECTATIONS
from city_indicators.ingest.validation.rules import FILE, STATUSES, Check, Rule, RuleSet, checks, load_rules
from city_indicators.ingest.validation.suite import run
from city_indicators.ingest.validation.validate import validate_observations


def rule(**changes: Any) -> Rule:
    given = {
        "id": "a_rule",
        "since": date(2026, 11, 23),
        "severity": "warning",
        "expectation": "expect_column_values_to_be_between",
        "column": "obs_value",
        "reason": "a reason for people",
    }
    return Rule(**{**given, **changes})


def resolved(catalogue: Catalogue, rule_id: str) -> Check:
    made = checks(load_rules().row_rules, catalogue, ["URB_SHARE", "GDP_PC_PPP"])
    (check,) = [c for c in made if c.rule.id == rule_id]
    return check


def test_the_ids_of_the_shipped_rules_are_unique() -> None:
    rules = load_rules()
    ids = [rule.id for rule in (*rules.row_rules, *rules.gate_rules)]
    assert len(set(ids)) == len(ids) > 0


def test_row_rules_are_info_or_warning_and_other_rules_info_or_critical() -> None:
    rules = load_rules()
    assert {rule.severity for rule in rules.row_rules} == {"info", "warning"}
    assert {rule.severity for rule in rules.indicator_rules} == {"info", "critical"}
    assert {rule.severity for rule in rules.gate_rules} == {"info", "critical"}


@pytest.mark.parametrize(
    ("rule_id", "arguments"),
    [
        (
            "known_unit",
            {
                "value_pairs_set": [
                    ("URB_SHARE", "PT"),
                    ("GDP_PC_PPP", "INTL_USD_2021"),
                    ("GDP_PC_PPP", "INTL_USD_2017"),
                ]
            },
        ),
        (
            "allowed_basis",
            {
                "value_pairs_set": [
                    ("URB_SHARE", "country"),
                    *(("GDP_PC_PPP", basis) for basis in ("city", "metro", "region", "country")),
                ]
            },
        ),
        ("allowed_status", {"value_set": STATUSES}),
        ("known_area", {}),
    ],
)
def test_replaces_names_with_a_dollar_by_values_of_the_catalogue(
    catalogue: Catalogue, rule_id: str, arguments: dict[str, Any]
) -> None:
    assert resolved(catalogue, rule_id).arguments == arguments


def test_checks_are_in_the_order_of_the_rules(catalogue: Catalogue) -> None:
    made = checks([rule(id="first"), rule(id="second")], catalogue, ["URB_SHARE", "CO2_PC"])
    assert [c.rule.id for c in made] == ["first", "second"]


def test_arguments_without_a_dollar_are_unchanged(catalogue: Catalogue) -> None:
    (check,) = checks([rule(arguments={"min_value": 1, "value_set": ["$", "x"]})], catalogue, [])
    assert check.arguments == {"min_value": 1, "value_set": ["$", "x"]}


@pytest.mark.parametrize("name", ["$range_mean", "$"])
def test_an_unknown_name_is_reported_with_rule_and_argument(catalogue: Catalogue, name: str) -> None:
    with pytest.raises(CatalogueError) as caught:
        checks([rule(arguments={"min_value": name})], catalogue, ["URB_SHARE"])
    assert f"a_rule.arguments.min_value: unknown {name}" in str(caught.value)


@pytest.mark.parametrize(
    "changes",
    [
        {"expectation": "expect_column_values_to_be_good"},
        {"arguments": {}},
        {"arguments": {"maximum": 5}},
        {"arguments": {"max_value": [5]}},
    ],
)
def test_an_error_of_great_expectations_is_reported_with_the_rule(
    catalogue: Catalogue, rows_of: Any, changes: dict[str, Any]
) -> None:
    slip = rule(**{"arguments": {"max_value": 5}, **changes})
    with pytest.raises(
        CatalogueError, match=f"^{FILE}: a_rule: is not a valid {slip.expectation} .+$"
    ) as caught:
        run("rows", checks([slip], catalogue, []), rows_of({}))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "reason", ["{nothing}", "{obs_value[0]}", "{obs_value.real.x}", "{ref_area:.3g}", "{"]
)
def test_a_reason_that_cannot_be_filled_in_is_reported_with_the_rule(
    catalogue: Catalogue, stored_keys: Any, rows_of: Any, reason: str
) -> None:
    slip = rule(arguments={"max_value": 5}, reason=reason)
    rules = RuleSet(row_rules=[slip], indicator_rules=[], gate_rules=[])
    with pytest.raises(CatalogueError, match=rf"^{FILE}: a_rule\.reason: .* cannot be filled in: \w+Error: "):
        validate_observations("publisher", rows_of({}), stored_keys(), rules, catalogue, ["URB_SHARE"])


SLIPS = {
    "unknown key": ("severity: warning", "severity: warning\n    colour: red", "row_rules.0.colour"),
    "unknown severity": ("severity: warning", "severity: mild", "row_rules.0.severity"),
    "no expectation": ("expect_column_values_to_not_be_null", "column_is_given", "row_rules.1.expectation"),
    "no reason": ("    reason: the source sent the area", "    # the source", "row_rules.1.reason"),
    "no date": ("since: 2026-11-23", "since: yesterday", "row_rules.1.since"),
    "unknown section": ("gate_rules:", "gates:", "gate"),
    "no YAML": ("row_rules:", "row_rules: [", "is not YAML"),
}


@pytest.mark.parametrize(("old", "new", "reported"), SLIPS.values(), ids=SLIPS.keys())
def test_an_error_in_the_file_names_file_and_key(tmp_path: Path, old: str, new: str, reported: str) -> None:
    file = tmp_path / "observations.yaml"
    text = (EXPECTATIONS / "observations.yaml").read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(CatalogueError) as caught:
        load_rules(tmp_path)
    assert str(caught.value).startswith(f"{file}: ")
    assert reported in str(caught.value)


def test_names_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match=r"observations.yaml: \(file\): is absent"):
        load_rules(tmp_path)


def test_loads_a_copy_of_the_shipped_file(tmp_path: Path) -> None:
    shutil.copy(EXPECTATIONS / "observations.yaml", tmp_path)
    assert load_rules(tmp_path) == load_rules()
