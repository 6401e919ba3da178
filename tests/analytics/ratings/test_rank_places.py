"""The places of values among others, against SciPy's ranks."""

import numpy as np
import pytest

from city_indicators.analytics.ratings import places
from city_indicators.analytics.ratings.places import lower


def test_ties_share_the_number_of_lower_values_and_missing_ones_have_none() -> None:
    values = np.array([[3.0, 1.0, np.nan, 3.0, -0.0, 0.0], [np.nan] * 6, [7.0] * 6])
    expected = [[3, 2, np.nan, 3, 0, 0], [np.nan] * 6, [0] * 6]
    np.testing.assert_array_equal(lower(values), expected)
    np.testing.assert_array_equal(lower(values[0]), expected[0])
    assert lower(np.empty((2, 0))).shape == (2, 0)


@pytest.mark.parametrize("at_once", [1, 50, 100_000])
def test_places_are_those_of_scipy_however_many_values_are_sorted_at_once(
    at_once: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    from scipy.stats import rankdata

    monkeypatch.setattr(places, "CELLS_AT_ONCE", at_once)
    random = np.random.default_rng(1)
    values = random.integers(0, 30, (3, 5, 40)).astype(float)
    values[random.random(values.shape) < 0.1] = np.nan
    strided = np.moveaxis(values, 1, 2)
    for given in (values, strided):
        expected = rankdata(given, method="min", axis=-1, nan_policy="omit") - 1
        np.testing.assert_array_equal(lower(given), expected)
