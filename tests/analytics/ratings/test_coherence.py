"""Coherence statistics, compared with results by hand."""

from typing import Any

import pandas as pd
import pytest

from city_indicators.analytics.ratings.coherence import coherence
from city_indicators.analytics.ratings.engine import rate
from tests.analytics.ratings.small import method, observations

# A and B correlate, C is opposite to A: deviations -1.5, -0.5, 0.5, 1.5, with two swapped in B.
UNITS = {
    "w": {"A": 1, "B": 1, "C": 4},
    "x": {"A": 2, "B": 3, "C": 3},
    "y": {"A": 3, "B": 2, "C": 2},
    "z": {"A": 4, "B": 4, "C": 1},
}


def found(units: dict[str, dict[str, float]], *indicators: str, **changes: Any) -> pd.DataFrame:
    table = coherence(rate(method(*indicators, **changes), sorted(units), observations(units)).steps)
    table["flag"] = table["flag"].astype(object).where(table["flag"].notna(), None)
    return table.set_index(["statistic", "part", "other"]).sort_index()


def of_pillar(table: pd.DataFrame, statistic: str) -> pd.Series:
    (row,) = (row for _, row in table.loc[[statistic]].iterrows())
    return row


def test_correlations_and_their_flags() -> None:
    table = found(UNITS, "A", "B", "C").loc["correlation"]
    # Sums of squares 5; of products 1.5² × 2 - 0.5² × 2 = 4 of A and B, minus that of B and C.
    assert table["value"].to_dict() == pytest.approx({("A", "B"): 0.8, ("A", "C"): -1, ("B", "C"): -0.8})
    assert table["flag"].to_dict() == {("A", "B"): None, ("A", "C"): "negative", ("B", "C"): "negative"}
    # With two degrees of freedom the p-value of r is 1 - |r|.
    assert table.loc[("A", "B"), "p_value"] == pytest.approx(0.2, abs=1e-9)
    assert table.loc[("A", "C"), "p_value"] == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize(("last", "flag"), [(3.4, "redundant"), (2.5, None)])
def test_highly_correlated_indicators_are_redundant(last: float, flag: str | None) -> None:
    """Of 1, 2, 3, 4 with 1, 2, 3, 3.4 r is 0.984, with 1, 2, 2.5, 2.5 it is 0.913; the bound is 0.92."""
    units = {
        unit: {"A": value, "B": min(value, last)} for unit, value in zip("wxyz", (1, 2, 3, 4), strict=True)
    }
    assert found(units, "A", "B").loc[("correlation", "A", "B"), "flag"] == flag


def test_alpha_by_hand() -> None:
    """Variances 5/3 each; of the sum of A and B 18/3, so 2 × (1 - 10/18) = 8/9; with C below zero."""
    alpha = of_pillar(found(UNITS, "A", "B"), "cronbach_alpha")
    assert alpha["value"] == pytest.approx(8 / 9, abs=1e-12)
    assert (alpha["threshold"], alpha["flag"]) == (0.7, None)
    # The sum is 6, 8, 7, 9: variance 5/3, so 1.5 × (1 - 3) = -3.
    alpha = of_pillar(found(UNITS, "A", "B", "C"), "cronbach_alpha")
    assert alpha["value"] == pytest.approx(-3, abs=1e-12)
    assert alpha["flag"] == "unreliable"


def test_the_first_component_by_hand() -> None:
    """Of a correlation of 0.8 it has (1 + 0.8) / 2 of the variance, and equal loadings."""
    table = found(UNITS, "A", "B")
    assert of_pillar(table, "first_component_share")["value"] == pytest.approx(0.9, abs=1e-12)
    loadings = table.loc["pca_weight"]
    assert loadings["value"].tolist() == pytest.approx([0.5**0.5] * 2, abs=1e-12)
    assert loadings["flag"].isna().all()


def test_an_indicator_against_its_pillar_is_flagged() -> None:
    loadings = found(UNITS, "A", "B", "C").loc["pca_weight"].reset_index().set_index("part")
    assert loadings["value"].sum() > 0
    assert loadings["flag"].to_dict() == {"A": None, "B": None, "C": "against_its_pillar"}
    assert loadings.loc["C", "value"] == pytest.approx(-loadings.loc["A", "value"], abs=1e-12)


def test_importance_against_weight() -> None:
    """The index is (A + B)/2: 1, 2.5, 2.5, 4; r of A with it 4.5 / √(5 × 4.5), squared 0.9."""
    table = found(UNITS, "A", "B").reset_index().set_index(["statistic", "part"])["value"]
    assert table["importance", "A"] == pytest.approx(0.9, abs=1e-12)
    assert table["weight", "A"] == 0.5


def test_an_indicator_against_the_index_is_flagged() -> None:
    leaves = [{"indicator": name, "weight": weight} for name, weight in (("A", 0.9), ("C", 0.1))]
    table = found(UNITS, weighting="given", indicators=leaves).reset_index().set_index(["statistic", "part"])
    assert table.loc[("importance", "C"), "flag"] == "negative"
    assert table.loc[("importance", "A"), "flag"] is None
    assert table.loc[("weight", "C"), "value"] == 0.1


def test_parts_that_cancel_out_have_no_alpha() -> None:
    assert "cronbach_alpha" not in found(UNITS, "A", "C").index.get_level_values("statistic")


def test_too_few_units_or_one_value_have_no_statistics() -> None:
    two = {unit: UNITS[unit] for unit in "wx"}
    assert found(two, "A", "B").loc["correlation", "value"].isna().all()
    assert "cronbach_alpha" not in found(two, "A", "B").index.get_level_values("statistic")
    level = {unit: {**own, "B": 7} for unit, own in UNITS.items()}
    assert found(level, "A", "B").loc["correlation", "value"].isna().all()
    assert "cronbach_alpha" not in found(level, "A", "B").index.get_level_values("statistic")


def test_rounding_of_one_value_has_no_statistics() -> None:
    """Sums of the same three tenths differ in the last digit, and would correlate with anything."""
    equal = [0.1 + 0.2, 0.3, 0.4 - 0.1, 0.3]
    units = {unit: {**own, "A": value} for (unit, own), value in zip(UNITS.items(), equal, strict=True)}
    table = found(units, "A", "B")
    assert table.loc["correlation"]["value"].isna().all()
    assert set(table.index.get_level_values("statistic")) == {"correlation", "importance", "weight"}
