"""Rules on changes, mixes and other sources, on hand-made rows and on defects that publishers shipped."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest

from city_indicators.catalog import Catalogue
from city_indicators.ingest.validation.context import KNOWN_COLUMNS
from city_indicators.ingest.validation.load_checks.assess import NOTHING_HELD
from city_indicators.ingest.validation.rules import load_rules
from city_indicators.ingest.validation.validate import ValidationResult, validate_observations

WASTE = {"ref_area": "bangkok", "indicator": "WASTE_COLLECTION", "geo_basis": "city"}
SHARE = {"indicator": "ELEC_RES_SHARE"}


@pytest.fixture
def validated_with(catalogue: Catalogue, stored_keys: Any) -> Callable[..., ValidationResult]:
    def validate_rows(rows: pd.DataFrame, *known: tuple[Any, ...]) -> ValidationResult:
        frame = pd.DataFrame(known, columns=KNOWN_COLUMNS).astype({"obs_value": float})
        indicators = list(dict.fromkeys(rows["indicator"]))
        held = replace(NOTHING_HELD, known=frame)
        return validate_observations(
            "publisher", rows, stored_keys(), load_rules(), catalogue, indicators, held
        )

    return validate_rows


def rejected(result: ValidationResult) -> list[tuple[str, str]]:
    return list(zip(result.rejected["time_period"], result.rejected["rule"], strict=True))


def series(*observations: tuple[str, float], **changes: Any) -> list[dict[str, Any]]:
    return [{**WASTE, "time_period": year, "obs_value": value, **changes} for year, value in observations]


def test_rejects_a_jump_from_45_to_100(rows_of: Any, validated_with: Any) -> None:
    result = validated_with(rows_of(*series(("2015", 45.0), ("2018", 100.0))))
    assert rejected(result) == [("2018", "jump_bound")]
    (reason,) = result.rejected["reason"]
    assert reason.startswith(
        "100 is a change of +122% from 45 in 2015, more than allowed for WASTE_COLLECTION"
    )


def test_a_declared_break_may_jump(rows_of: Any, validated_with: Any) -> None:
    rows = series(("2015", 45.0)) + series(("2018", 100.0), obs_status="B")
    assert rejected(validated_with(rows_of(*rows))) == []


def test_rejects_emissions_that_fall_by_half_within_a_year(rows_of: Any, validated_with: Any) -> None:
    # Carbon Monitor Cities: 64.0, 58.0 and 28.7 Mt; 58.0 / 28.7 = 2.02.
    rows = [
        {
            "ref_area": "abu-dhabi",
            "indicator": "GHG_TOTAL",
            "geo_basis": "city",
            "unit_measure": "TCO2E",
            "time_period": year,
            "obs_value": value,
        }
        for year, value in (("2019", 64.0e6), ("2020", 58.0e6), ("2021", 28.7e6))
    ]
    assert rejected(validated_with(rows_of(*rows))) == [("2021", "jump_bound")]


@pytest.mark.parametrize(
    ("observations", "jumps"),
    [
        # The bound is 0.3 a year: 40 × 1.3 = 52.
        ([("2018", 40.0), ("2019", 52.0)], []),
        ([("2018", 40.0), ("2019", 52.1)], ["2019"]),
        # Down as up: 52.1 / 40.
        ([("2018", 52.1), ("2019", 40.0)], ["2019"]),
        # The observation after a jump is rejected too: both wait for a decision.
        ([("2018", 40.0), ("2019", 90.0), ("2020", 40.0)], ["2019", "2020"]),
        # Growth compounds: five years allow 1.3⁵ = 3.713; six years are too long ago; the order of the rows
        # does not matter.
        ([("2015", 100.0), ("2010", 27.0)], []),
        ([("2015", 100.0), ("2010", 26.9)], ["2015"]),
        ([("2010", 26.9), ("2016", 100.0)], []),
        # A change from or to zero has no relative size.
        ([("2018", 0.0), ("2019", 50.0), ("2020", 0.0)], ["2019", "2020"]),
    ],
)
def test_a_jump_is_measured_from_the_previous_observation(
    rows_of: Any, validated_with: Any, observations: list[tuple[str, float]], jumps: list[str]
) -> None:
    result = validated_with(rows_of(*series(*observations)))
    assert sorted(rejected(result)) == [(year, "jump_bound") for year in jumps]


def test_a_city_may_grow_by_nearly_half_every_year(rows_of: Any, validated_with: Any) -> None:
    """Shenzhen, World Urbanization Prospects: 35 % a year, five years on end."""
    shenzhen = {"ref_area": "shenzhen", "indicator": "POP_AGGLO", "geo_basis": "agglomeration"}
    rows = [
        {**shenzhen, "unit_measure": "PS", "time_period": year, "obs_value": people}
        for year, people in (("1985", 193_113.0), ("1990", 875_000.0))
    ]
    assert rejected(validated_with(rows_of(*rows))) == []


@pytest.mark.parametrize(
    ("observations", "jumps"),
    [
        ([("2018", -5.0), ("2019", 5.0)], ["2019"]),
        ([("2018", 5.0), ("2019", -5.0)], ["2019"]),
        # No bound allows a change of sign, over however many years.
        ([("2014", -90.0), ("2019", 90.0)], ["2019"]),
        ([("2018", -40.0), ("2019", -52.0)], []),
        ([("2018", -52.1), ("2019", -40.0)], ["2019"]),
        ([("2018", 0.0), ("2019", -50.0)], ["2019"]),
    ],
)
def test_a_change_of_sign_is_a_jump(
    rows_of: Any,
    stored_keys: Any,
    catalogue: Catalogue,
    observations: list[tuple[str, float]],
    jumps: list[str],
) -> None:
    declared = below_zero(catalogue)
    rows = rows_of(*series(*observations))
    result = validate_observations(
        "publisher", rows, stored_keys(), load_rules(), declared, ["WASTE_COLLECTION"]
    )
    assert rejected(result) == [(year, "jump_bound") for year in jumps]


def test_without_a_bound_a_sign_may_change(rows_of: Any, stored_keys: Any, catalogue: Catalogue) -> None:
    declared = below_zero(catalogue, max_change=None)
    rows = rows_of(*series(("2014", -90.0), ("2019", 90.0)))
    result = validate_observations(
        "publisher", rows, stored_keys(), load_rules(), declared, ["WASTE_COLLECTION"]
    )
    assert rejected(result) == []


def below_zero(catalogue: Catalogue, **changes: Any) -> Catalogue:
    changed = catalogue.indicators["WASTE_COLLECTION"].model_copy(
        update={"range": (-100.0, 100.0), **changes}
    )
    return catalogue.model_copy(update={"indicators": {**catalogue.indicators, "WASTE_COLLECTION": changed}})


@pytest.mark.parametrize(
    ("wrong", "rule"),
    [
        ({"obs_value": 9e12}, "plausible_range"),
        ({"obs_value": 90.0, "distinct_values": 2}, "one_value_per_key"),
        ({"obs_value": 90.0, "fault": "broken", "fault_reason": "it breaks the form"}, "broken"),
        ({"obs_value": 90.0, "shortfall": 5.0}, "total_covers_parts"),
    ],
)
def test_a_wrong_observation_does_not_reject_the_next_one(
    rows_of: Any, validated_with: Any, wrong: dict[str, Any], rule: str
) -> None:
    rows = [{**WASTE, "time_period": "2019", **wrong}, *series(("2020", 41.0))]
    assert rejected(validated_with(rows_of(*rows))) == [("2019", rule)]


def test_the_stored_observation_replaces_a_wrong_previous_one(rows_of: Any, validated_with: Any) -> None:
    known = ("bangkok", "WASTE_COLLECTION", "2019", "publisher", 40.0, "PT")
    rows = rows_of(*series(("2019", 9e12), ("2020", 90.0)))
    assert rejected(validated_with(rows, known)) == [("2019", "plausible_range"), ("2020", "jump_bound")]


def test_the_previous_observation_may_be_in_the_warehouse(rows_of: Any, validated_with: Any) -> None:
    known = ("bangkok", "WASTE_COLLECTION", "2017", "publisher", 45.0, "PT")
    assert rejected(validated_with(rows_of(*series(("2018", 100.0))), known)) == [("2018", "jump_bound")]
    other_source = ("bangkok", "WASTE_COLLECTION", "2017", "another", 45.0, "PT")
    other_unit = ("bangkok", "WASTE_COLLECTION", "2017", "publisher", 45.0, "KG")
    for elsewhere in (other_source, other_unit):
        assert rejected(validated_with(rows_of(*series(("2018", 100.0))), elsewhere)) == []


def test_a_jump_is_measured_from_the_value_of_this_load(rows_of: Any, validated_with: Any) -> None:
    """The stored value of 2017 is revised by the load itself: 58 is 41% above 41, but only 30% above 44.7."""
    known = ("bangkok", "WASTE_COLLECTION", "2017", "publisher", 41.0, "PT")
    rows = rows_of(*series(("2017", 44.7), ("2018", 58.0)))
    assert rejected(validated_with(rows, known)) == []
    lower = ("bangkok", "WASTE_COLLECTION", "2017", "publisher", 52.0, "PT")
    result = validated_with(rows_of(*series(("2017", 44.0), ("2018", 58.0))), lower)
    assert rejected(result) == [("2018", "jump_bound")]
    assert "from 44 in 2017" in result.rejected["reason"].iloc[0]


def test_rejects_a_revision_beyond_the_bound(rows_of: Any, validated_with: Any) -> None:
    known = ("RUS", "GDP_PC_PPP", "2018", "publisher", 30.0, "INTL_USD_2021")
    gdp = {"indicator": "GDP_PC_PPP", "unit_measure": "INTL_USD_2021", "obs_value": 30_000.0}
    result = validated_with(rows_of(gdp), known)
    assert rejected(result) == [("2018", "revision_bound")]
    assert "30000 is a revision of +99900% from the stored 30" in result.rejected["reason"].iloc[0]


@pytest.mark.parametrize(("nuclear", "rule"), [(40.5, []), (40.6, ["mix_within_total"] * 2)])
def test_the_shares_of_a_mix_sum_to_at_most_100_percent(
    rows_of: Any, validated_with: Any, nuclear: float, rule: list[str]
) -> None:
    other_year = {**SHARE, "time_period": "2019", "obs_value": 90.0}
    rows = rows_of(
        {**SHARE, "obs_value": 60.0}, {"indicator": "ELEC_NUCLEAR_SHARE", "obs_value": nuclear}, other_year
    )
    assert [found for _, found in rejected(validated_with(rows))] == rule


def test_a_repeated_share_does_not_break_the_mix(rows_of: Any, validated_with: Any) -> None:
    again = {**SHARE, "obs_value": 60.0, "occurrence": 2}
    result = validated_with(rows_of({**SHARE, "obs_value": 60.0}, again))
    assert rejected(result) == [("2018", "no_repeat")]


@pytest.mark.parametrize(
    ("other", "warnings"), [(67.0, []), (66.9, ["other_sources_agree"]), (0.0, ["other_sources_agree"])]
)
def test_warns_if_another_source_differs_with_both_values(
    rows_of: Any, validated_with: Any, other: float, warnings: list[str]
) -> None:
    # (74.4 - 67.0) / 74.4 = 9.9 %, (74.4 - 66.9) / 74.4 = 10.1 %; the tolerance is 10 %.
    result = validated_with(rows_of(SHARE), ("RUS", "ELEC_RES_SHARE", "2018", "another", other, "PT"))
    assert len(result.accepted) == 1
    assert rejected(result) == []
    assert list(result.warnings["rule"]) == warnings
    for reason in result.warnings["reason"]:
        assert "74.4 differs by" in reason
        assert f"from {other:g} of another" in reason


@pytest.mark.parametrize("order", [1, -1])
def test_compares_with_the_most_different_source(rows_of: Any, validated_with: Any, order: int) -> None:
    """Of 74.4, 74.0 differs by 0.5% and 60 by 19%; the nearer source must not hide the other one."""
    others = [
        ("RUS", "ELEC_RES_SHARE", "2018", source, value, "PT")
        for source, value in (("near", 74.0), ("far", 60.0))
    ]
    result = validated_with(rows_of(SHARE), *others[::order])
    assert list(result.warnings["rule"]) == ["other_sources_agree"]
    assert "from 60 of far" in result.warnings["reason"].iloc[0]


def test_does_not_compare_other_units_or_years(rows_of: Any, validated_with: Any) -> None:
    other_unit = ("RUS", "ELEC_RES_SHARE", "2018", "another", 1.0, "PS")
    other_year = ("RUS", "ELEC_RES_SHARE", "2017", "another", 1.0, "PT")
    assert validated_with(rows_of(SHARE), other_unit, other_year).warnings.empty
