"""Every code in the tables of the research has a label."""

import re

import pytest

from city_indicators.delivery.exports import texts
from city_indicators.warehouse.dictionary import load_dictionary

TABLES = ("trend", "convergence", "city_system", "megatrend", "pair_comparison", "best_practice_evidence")
DESCRIPTIONS = {
    (table, column): text
    for table in TABLES
    for column, text in load_dictionary()["report"].tables[table].columns.items()
    if column.endswith(("_reason", "_because")) or column in {"trend", "verdict", "level", "direction"}
}


def codes(text: str) -> set[str]:
    """The codes in a text of the dictionary, for example "Why: too_short or constant."."""
    listed = re.findall(r"\b(?:[a-z]+_[a-z_]+|constant|diverging|overshooting|negative)\b", text)
    return set(listed) - {"q_value"}


@pytest.mark.parametrize(("table", "column"), DESCRIPTIONS)
def test_a_code_has_its_labels(table: str, column: str) -> None:
    assert codes(DESCRIPTIONS[table, column]) <= texts.codes().get(column, {}).keys()


def test_the_dictionary_lists_the_codes() -> None:
    assert codes(DESCRIPTIONS["trend", "trend_reason"]) == {
        *("no_observed_value", "too_short", "constant", "uneven_spacing", "correction_undefined")
    }
    assert codes(DESCRIPTIONS["convergence", "beta_reason"]) == {
        *("one_year", "too_few_places", "not_positive", "constant", "diverging", "overshooting")
    }
