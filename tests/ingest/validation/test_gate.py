"""The gate: which share of a load may be rejected and which share of stored observations may be withdrawn."""

import json
from datetime import date
from typing import Any

import pytest

from city_indicators.catalog import Catalogue
from city_indicators.core.errors import CatalogueError
from city_indicators.ingest.validation.rules import Rule, checks, load_rules
from city_indicators.ingest.validation.suite import run
from city_indicators.ingest.validation.validate import gate_summary

BAD = {"obs_value": 101.0}


def area(number: int) -> str:
    return f"R{number}"


def rows(good: int, bad: int) -> list[dict[str, Any]]:
    return [{"ref_area": area(n), **(BAD if n < bad else {})} for n in range(good + bad)]


def keys(count: int, first: int = 0) -> list[tuple[str, str, str]]:
    return [(area(n), "URB_SHARE", "2018") for n in range(first, first + count)]


def test_passes_with_a_tenth_rejected(rows_of: Any, validated: Any) -> None:
    verdict = validated(rows_of(*rows(good=27, bad=3)))
    assert (len(verdict.accepted), len(verdict.rejected), verdict.refusals) == (27, 3, ())


@pytest.mark.parametrize(("good", "bad"), [(6, 2), (1, 28)])
def test_does_not_check_the_rejected_share_of_fewer_than_thirty_rows(
    rows_of: Any, validated: Any, good: int, bad: int
) -> None:
    verdict = validated(rows_of(*rows(good=good, bad=bad)))
    assert (len(verdict.accepted), len(verdict.rejected), verdict.refusals) == (good, bad, ())


def test_refuses_more_than_a_tenth_rejected_with_the_counts(rows_of: Any, validated: Any) -> None:
    assert validated(rows_of(*rows(good=26, bad=4))).refusals == (
        "4 of 30 rows were rejected, more than a tenth: the source or its mapping changed",
    )


def test_passes_with_a_tenth_withdrawn(rows_of: Any, validated: Any) -> None:
    assert validated(rows_of(*rows(good=9, bad=0)), *keys(10)).refusals == ()


def test_refuses_more_than_a_tenth_withdrawn_with_the_counts(rows_of: Any, validated: Any) -> None:
    assert validated(rows_of(*rows(good=9, bad=0)), *keys(11)).refusals == (
        "2 of 11 stored observations of this interval are gone from the source: coverage shrank",
    )


def test_both_reasons_are_given(rows_of: Any, validated: Any) -> None:
    refusals = validated(rows_of(*rows(good=26, bad=4)), *keys(4, first=28)).refusals
    assert [reason.split(" ", 4)[:4] for reason in refusals] == [
        ["4", "of", "30", "rows"],
        ["2", "of", "4", "stored"],
    ]


def test_refuses_a_source_that_gives_no_rows(rows_of: Any, validated: Any) -> None:
    assert validated(rows_of(), *keys(3)).refusals == (
        "3 of 3 stored observations of this interval are gone from the source: coverage shrank",
        "1 stored periods are gone from the source, the first is URB_SHARE 2018: coverage shrank",
        "1 indicators lost their latest period, the first is URB_SHARE 2018",
    )


def of_years(*years: int) -> list[tuple[str, str, str]]:
    return [(area(n), "URB_SHARE", str(year)) for year in years for n in range(20)]


def given(*years: int) -> list[dict[str, Any]]:
    return [{"ref_area": area, "time_period": year} for area, _, year in of_years(*years)]


def test_refuses_a_missing_year_even_if_it_is_a_small_share(rows_of: Any, validated: Any) -> None:
    stored = of_years(*range(2000, 2020))
    assert validated(rows_of(*given(*range(2000, 2010), *range(2011, 2020))), *stored).refusals == (
        "1 stored periods are gone from the source, the first is URB_SHARE 2010: coverage shrank",
    )


def test_refuses_a_missing_latest_period(rows_of: Any, validated: Any) -> None:
    stored = of_years(*range(2000, 2020))
    assert validated(rows_of(*given(*range(2000, 2019))), *stored).refusals == (
        "1 stored periods are gone from the source, the first is URB_SHARE 2019: coverage shrank",
        "1 indicators lost their latest period, the first is URB_SHARE 2019",
    )


def test_one_observation_keeps_a_period(rows_of: Any, validated: Any) -> None:
    one_of_2019 = [{"ref_area": "R0", "time_period": "2019"}]
    rows = rows_of(*given(*range(2000, 2019)), *one_of_2019)
    assert validated(rows, *of_years(*range(2000, 2020))).refusals == ()


def summary(rows_of: Any, stored_keys: Any, given: int, rejected: int, *stored: Any) -> dict[str, Any]:
    observations = rows_of(*rows(good=given - rejected, bad=rejected))
    (observations,) = gate_summary(observations, observations.head(rejected), stored_keys(*stored)).to_dict(
        "records"
    )
    return observations


def test_the_summary_counts_read_rejected_stored_and_withdrawn(rows_of: Any, stored_keys: Any) -> None:
    assert summary(rows_of, stored_keys, 8, 2, *keys(5, first=6)) == {
        "row_no": 0,
        "read": 8,
        "rejected": 2,
        "rejected_share": 0.25,
        "stored": 5,
        "withdrawn": 3,
        "withdrawn_share": 0.6,
        "periods_gone": 0,
        "first_period_gone": "",
        "latest_periods_gone": 0,
        "first_latest_gone": "",
        "only_rejected": 0,
        "nothing_read": 0,
    }


def test_a_rejected_observation_is_not_withdrawn(rows_of: Any, stored_keys: Any) -> None:
    assert summary(rows_of, stored_keys, 3, 3, *keys(3))["withdrawn"] == 0


def test_new_observations_do_not_offset_withdrawn_ones(rows_of: Any, stored_keys: Any) -> None:
    observations = summary(rows_of, stored_keys, 10, 0, *keys(4, first=8))
    assert (observations["withdrawn"], observations["withdrawn_share"]) == (2, 0.5)


@pytest.mark.parametrize(
    "other", [("R1", "URB_SHARE", "2018"), ("R0", "CO2_PC", "2018"), ("R0", "URB_SHARE", "1999")]
)
def test_an_observation_is_identified_by_area_indicator_and_period(
    rows_of: Any, stored_keys: Any, other: tuple[str, str, str]
) -> None:
    assert summary(rows_of, stored_keys, 1, 0, other)["withdrawn"] == 1


def test_an_unknown_area_matches_no_stored_observation(rows_of: Any, stored_keys: Any) -> None:
    observations = rows_of({"ref_area": None})
    (observations,) = gate_summary(observations, observations, stored_keys(*keys(1))).to_dict("records")
    assert (observations["read"], observations["rejected"], observations["withdrawn"]) == (1, 1, 1)


def test_both_shares_are_zero_if_nothing_is_stored_or_read(rows_of: Any, stored_keys: Any) -> None:
    observations = summary(rows_of, stored_keys, 0, 0)
    assert (observations["rejected_share"], observations["withdrawn_share"]) == (0.0, 0.0)


def test_refuses_a_load_of_which_every_row_is_rejected(rows_of: Any, validated: Any) -> None:
    assert validated(rows_of(*rows(good=0, bad=29))).refusals == (
        "all 29 rows were rejected: the load would publish nothing",
    )


def test_a_load_without_rows_gets_a_warning(rows_of: Any, validated: Any) -> None:
    verdict = validated(rows_of())
    assert (verdict.refusals, verdict.load_warnings) == (
        (),
        ("the source gives no observation for the interval",),
    )


@pytest.mark.parametrize(("share", "failed"), [(0.0, []), (0.1, []), (0.1001, [0, 1]), (1.0, [0, 1])])
def test_both_gates_are_set_at_a_tenth(
    catalogue: Catalogue, rows_of: Any, stored_keys: Any, share: float, failed: list[int]
) -> None:
    nothing = rows_of()
    observations = gate_summary(nothing, nothing, stored_keys(), partial=True).assign(
        rejected_share=share, withdrawn_share=share
    )
    result = run("gate", checks(load_rules().gate_rules, catalogue, []), observations)
    assert sorted(result.failures) == failed
    json.dumps(result.document, allow_nan=False)


def test_a_rule_that_cannot_be_evaluated_is_an_error(catalogue: Catalogue, rows_of: Any) -> None:
    misspelt = Rule(
        id="misspelt",
        since=date(2026, 11, 23),
        severity="warning",
        expectation="expect_column_values_to_not_be_null",
        column="obs_valeu",
        reason="never given",
    )
    with pytest.raises(CatalogueError, match=r"misspelt: failed without pointing at a row: .*does not exist"):
        run("rows", checks([misspelt], catalogue, []), rows_of({}))


def test_a_failed_rule_that_points_at_no_row_is_an_error(catalogue: Catalogue, rows_of: Any) -> None:
    on_the_column = Rule(
        id="mean",
        since=date(2026, 11, 23),
        severity="warning",
        expectation="expect_column_mean_to_be_between",
        column="obs_value",
        arguments={"max_value": 50},
        reason="never given",
    )
    with pytest.raises(CatalogueError, match=r"mean: .*does not validate single rows"):
        run("rows", checks([on_the_column], catalogue, []), rows_of({}))


def test_a_load_is_complete_unless_it_says_otherwise(rows_of: Any, stored_keys: Any) -> None:
    nothing = rows_of()
    (observations,) = gate_summary(nothing, nothing, stored_keys()).to_dict("records")
    assert observations["nothing_read"] == 1
    (observations,) = gate_summary(nothing, nothing, stored_keys(), partial=True).to_dict("records")
    assert observations["nothing_read"] == 0
