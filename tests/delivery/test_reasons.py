"""Reasons of rejected rows in the language of a reader: the values of the row stay as they were stored."""

import pytest

from city_indicators.delivery.reasons import message_of, reason_in, templates
from city_indicators.ingest.validation.rules import load_rules

RANGE = "-1e+09 is outside the plausible range of POP_CITY"


def test_the_values_of_the_row_stand_in_the_translated_sentence() -> None:
    assert reason_in("ru", "plausible_range", RANGE) == (
        "-1e+09 вне правдоподобного диапазона показателя POP_CITY"
    )
    assert reason_in("zh", "plausible_range", RANGE) == "-1e+09超出POP_CITY的合理范围"
    assert reason_in("en", "plausible_range", RANGE) == RANGE


@pytest.mark.parametrize(
    ("rule", "reason"),
    [
        ("plausible_range", "a sentence that an earlier release wrote"),
        ("keeps_the_form", "the column unit is missing"),
        ("a_rule_of_the_past", RANGE),
    ],
)
def test_a_sentence_that_no_rule_writes_today_stays(rule: str, reason: str) -> None:
    assert reason_in("ru", rule, reason) == reason


def test_every_filled_in_reason_is_read_again_in_each_language() -> None:
    formats = {rule.id: rule for rule in load_rules().row_rules}
    row = {
        **dict.fromkeys(("obs_value", "shortfall", "mix_sum", "change", "revision", "difference"), 0.5),
        **dict.fromkeys(("previous_value", "known_value", "other_value"), 7.25),
        **dict.fromkeys(("occurrence", "distinct_values"), 3),
        **dict.fromkeys(("indicator", "area_code", "unit_measure", "obs_status", "geo_basis"), "CODE"),
        **dict.fromkeys(("ref_area", "time_period", "previous_period", "other_source"), "x y"),
        "value_as_published": "1 % of 2",
    }
    assert len(templates()) > 10
    for rule, template in templates().items():
        stored = formats[rule].reason_for(row)
        for language in ("ru", "zh"):
            shown = reason_in(language, rule, stored)
            assert shown != stored, rule
            assert "{" not in shown
        assert "% " not in message_of(template)
