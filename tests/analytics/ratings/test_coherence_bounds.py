"""The bounds of a method's coherence, with results by hand for the units of test_coherence."""

from typing import Any

import pandas as pd
import pytest
from pydantic import ValidationError

from city_indicators.analytics.ratings.bounds import Bounds, checked, statuses
from city_indicators.analytics.ratings.coherence import coherence
from city_indicators.analytics.ratings.engine import rate
from tests.analytics.ratings.small import method, observations
from tests.analytics.ratings.test_coherence import UNITS

WIDE = {
    "cronbach_alpha": -0.99,
    "correlation": (-2, 2),
    "importance": 0,
    "rank_interval": 1,
    "fewest_units": 3,
}
ACCEPTED = {"by": "A. Referee", "on": "2026-11-29", "reason": "the pillar is formative, not reflective"}
# Widths 2, 1 and 0 of three units: a mean of a third of the units.
INTERVALS = pd.DataFrame({"time_period": "", "rank_p05": [1, 1, 3], "rank_p95": [3, 2, 3]})


def bounds(**changes: Any) -> Bounds:
    return Bounds.model_validate({**WIDE, **changes})


def found(*indicators: str, **changes: Any) -> pd.DataFrame:
    table = coherence(rate(method(*indicators), sorted(UNITS), observations(UNITS)).steps)
    rows = checked(bounds(**changes), table, INTERVALS).fillna({"part": "", "other": ""})
    return rows.set_index(["statistic", "part", "other"]).sort_index()


def outside(table: pd.DataFrame) -> list[tuple[str, str, str]]:
    return table.index[table["within_bounds"].eq(False)].tolist()


def test_importance_beside_weight_by_hand() -> None:
    """Squared correlations with A + B + C: 0.8² of A, 1 of B; C goes against it, which counts as 0."""
    values = found("A", "B", "C").loc["importance_to_weight"]["value"]
    assert values.tolist() == pytest.approx([3 * 0.64 / 1.64, 3 / 1.64, 0])


def test_the_mean_width_of_the_likely_ranks() -> None:
    ((value, upper, within),) = (
        found("A", "B", rank_interval=0.3)
        .loc["rank_interval"][["value", "upper_bound", "within_bounds"]]
        .to_numpy()
    )
    assert (value, upper, within) == (pytest.approx(1 / 3), 0.3, False)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, [("cronbach_alpha", "", "")]),
        ({"correlation": (-0.9, 0.92)}, [("correlation", "A", "C"), ("cronbach_alpha", "", "")]),
        ({"correlation": (-1.1, 0.7)}, [("correlation", "A", "B"), ("cronbach_alpha", "", "")]),
        ({"importance": 0.5}, [("cronbach_alpha", "", ""), ("importance_to_weight", "C", "")]),
    ],
)
def test_what_is_outside(changes: dict[str, Any], expected: list[tuple[str, str, str]]) -> None:
    """Alpha is -3; the correlations are 0.8, -1 and -0.8."""
    assert outside(found("A", "B", "C", **changes)) == expected


def test_a_statistic_of_few_units_is_not_checked() -> None:
    """Four units, three for the likely ranks."""
    table = found("A", "B", "C", fewest_units=5, correlation=(-0.1, 0.1), rank_interval=0.1)
    assert table["within_bounds"].isna().all()
    assert set(table["n_units"].dropna()) == {3, 4}


def test_other_statistics_have_no_bounds() -> None:
    table = found("A", "B")
    without = {"weight", "importance", "first_component_share", "pca_weight"}
    assert table.loc[list(without), "within_bounds"].isna().all()
    assert outside(table) == []


@pytest.mark.parametrize(
    ("indicators", "accepted", "status"),
    [
        (("A", "B"), None, "within_bounds"),
        (("A", "B", "C"), None, "draft"),
        (("A", "B", "C"), ACCEPTED, "accepted"),
        (("A", "B"), ACCEPTED, "within_bounds"),
    ],
)
def test_a_method_outside_of_its_bounds_is_a_draft_until_accepted(
    indicators: tuple[str, ...], accepted: dict[str, str] | None, status: str
) -> None:
    table = found(*indicators).reset_index()
    assert statuses(bounds(accepted=accepted), table).to_dict() == {"": status}


@pytest.mark.parametrize("left_out", ["by", "on", "reason"])
def test_nobody_accepts_without_name_date_and_reason(left_out: str) -> None:
    with pytest.raises(ValidationError, match=left_out):
        bounds(accepted={key: value for key, value in ACCEPTED.items() if key != left_out})
    with pytest.raises(ValidationError, match="reason"):
        bounds(accepted={**ACCEPTED, "reason": "fine"})
