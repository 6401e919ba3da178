"""Who is ranked: coverage by number, by weight and of values at city level, compared with results by hand."""

from typing import Any

import pytest

from city_indicators.analytics.ratings.method import Method
from city_indicators.core.errors import MethodError
from tests.analytics.ratings.test_engine import X, Y, of, rate


@pytest.mark.parametrize(
    ("least", "reason"), [(0.85, None), (0.8501, "too_few_city_values"), (1, "too_few_city_values")]
)
def test_a_city_rated_by_its_country_is_not_ranked(
    make_method: Any, values_of: Any, least: float, reason: str | None
) -> None:
    """A (0.45) and C (0.4) of x are its own, B is national; y is a city throughout, and always ranked."""
    declared = make_method().model_dump(exclude_unset=True)
    declared["coverage"] = {"city_level": least}
    values = values_of(x=X, y=Y)
    values = values.assign(geo_basis="city")
    values.loc[(values["ref_area"] == "x") & (values["indicator"] == "B"), "geo_basis"] = "country"
    found = rate(Method.model_validate(declared), ["x", "y"], values)
    assert of(found, "x")["reason_code"] == reason
    assert of(found, "x")["score"] == pytest.approx(69.85)
    assert of(found, "x")["status"] == ("ranked" if reason is None else "not_ranked")
    assert of(found, "y")["rank"] == (2 if reason is None else 1)


@pytest.mark.parametrize(
    ("by", "least", "values", "coverage", "reason"),
    [
        # A weighs 0.45, B 0.15, C 0.4; in energy 0.75 and 0.25.
        ("number", {"overall": 0.67}, ("A", "C"), 2 / 3, "too_few_indicators"),
        ("weight", {"overall": 0.85}, ("A", "C"), 0.85, None),
        ("weight", {"overall": 0.86}, ("A", "C"), 0.85, "too_few_indicators"),
        ("number", {"per_pillar": 0.5}, ("B", "C"), 2 / 3, None),
        ("weight", {"per_pillar": 0.5}, ("B", "C"), 0.55, "pillar_incomplete:energy"),
        ("weight", {"per_pillar": 0.75}, ("A", "C"), 0.85, None),
    ],
)
def test_coverage_by_number_or_by_weight(
    make_method: Any, values_of: Any, by: str, least: Any, values: Any, coverage: float, reason: str | None
) -> None:
    declared = make_method().model_dump(exclude_unset=True)
    declared["coverage"] = {"by": by, **least}
    given = values_of(x={name: X[name] for name in values})
    found = of(rate(Method.model_validate(declared), ["x"], given), "x")
    assert found["coverage"] == pytest.approx(coverage, abs=1e-12)
    assert found["reason_code"] == reason


def test_a_share_at_city_level_needs_to_know_the_basis(make_method: Any, values_of: Any) -> None:
    declared = make_method().model_dump(exclude_unset=True)
    declared["coverage"] = {"city_level": 0.5}
    with pytest.raises(MethodError, match=r"coverage\.city_level needs a geo_basis.*Next step"):
        rate(
            Method.model_validate(declared), ["x"], values_of(x=X).drop(columns="geo_basis", errors="ignore")
        )
