"""Treatment of outliers, compared with results by hand."""

from math import log
from typing import Any

import numpy as np
import pytest

from city_indicators.analytics.ratings.steps import Treatment
from city_indicators.analytics.ratings.treatment import skewness_and_kurtosis, treat
from tests.analytics.ratings.small import array, column, method, rated

WITHOUT_OUTLIER = [0.0, 1, 2, 3, 4, 5, 6, 7, 8]


def treated(values: list[float], **how: Any) -> list[float]:
    found: list[float] = treat(array(values), Treatment(**how)).observations[0, :, 0].tolist()
    return found


def test_skewness_and_kurtosis_are_unbiased_and_ignore_gaps() -> None:
    from scipy.stats import kurtosis, skew

    rows = np.array([[1, 2, 4, 8, 16, 32, np.nan], [3, 1, np.nan, 4, 1, 5, 9]])
    found = skewness_and_kurtosis(rows)
    for row, own in enumerate(rows):
        known = own[~np.isnan(own)]
        assert found[0][row] == pytest.approx(skew(known, bias=False), abs=1e-12)
        assert found[1][row] == pytest.approx(kurtosis(known, bias=False), abs=1e-12)


def test_an_outlier_is_set_to_the_next_value() -> None:
    assert treated([*WITHOUT_OUTLIER, 100]) == [*WITHOUT_OUTLIER, 8]
    assert treated([-100, *WITHOUT_OUTLIER]) == [0, *WITHOUT_OUTLIER]


def test_values_without_skew_do_not_change() -> None:
    assert treated(WITHOUT_OUTLIER) == WITHOUT_OUTLIER
    assert treated([5.0] * 9) == [5.0] * 9
    assert treated([0, 0, 1000]) == [0, 0, 1000]


def test_outliers_are_treated_one_value_at_a_time() -> None:
    twenty = [float(number) for number in range(20)]
    values = [*twenty, 1e3, 1e5]
    assert treated(values) == [*twenty, 19, 19]
    assert treated(values, winsorise=1, otherwise="none") == values
    # Two of eleven values are not outliers any more.
    assert treated([*WITHOUT_OUTLIER, 100, 1000]) == [*WITHOUT_OUTLIER, 100, 100]


def test_both_bounds_must_be_reached() -> None:
    from scipy.stats import kurtosis, skew

    values = [*WITHOUT_OUTLIER, 100]
    beyond = skew(values, bias=False), kurtosis(values, bias=False)
    assert treated(values, skewness=beyond[0] + 0.01) == values
    assert treated(values, kurtosis=beyond[1] + 0.01) == values
    assert treated(values, skewness=beyond[0] - 0.01, kurtosis=beyond[1] - 0.01) == [*WITHOUT_OUTLIER, 8]


def test_a_failed_winsorising_transforms_the_original_values() -> None:
    """After one step 100 occurs twice, which is still skewed: the logarithm is taken of 1000, not of 100."""
    values = [*[0.0] * 20, 1, 100, 1000]
    found = treated(values, winsorise=1, otherwise="log")
    # Offset 0.01 × 1000 = 10.
    assert found[0] == pytest.approx(log(10), abs=1e-12)
    assert found[-3:] == pytest.approx([log(11), log(110), log(1010)], abs=1e-12)


def test_box_cox_shifts_values_to_begin_at_one() -> None:
    values = [2.0, *[3.0] * 20, 10, 1001]
    square_root = treated(values, winsorise=0, otherwise="boxcox", power=0.5)
    assert square_root[0] == 0
    assert square_root[-2:] == pytest.approx([2 * (3 - 1), 2 * (1000**0.5 - 1)], abs=1e-12)
    assert treated(values, winsorise=0, otherwise="boxcox")[-1] == pytest.approx(log(1000), abs=1e-12)


def test_untreatable_values_do_not_change() -> None:
    values = [*[0.0] * 20, 1, 100, 1000]
    assert treated(values, winsorise=1) == values


def test_missing_values_stay_missing() -> None:
    found = treated([*WITHOUT_OUTLIER, np.nan, 100])
    assert np.isnan(found[9])
    assert found[10] == 8


def test_every_treatment_is_recorded() -> None:
    units = {
        f"u{number}": {"A": value, "B": value, "C": 1 + value}
        for number, value in enumerate([*WITHOUT_OUTLIER, 100])
    }
    leaves = [
        {"indicator": "A"},
        {"indicator": "B", "treatment": "none"},
        {"indicator": "C", "treatment": {"winsorise": 0, "otherwise": "log"}},
    ]
    rating = rated(method(indicators=leaves, treatment={"winsorise": 5}), units)
    assert column(rating, "A", "treatment") == {**dict.fromkeys(units, "none"), "u9": "winsorised"}
    assert column(rating, "A", "treated_value")["u9"] == 8
    assert set(column(rating, "B", "treatment").values()) == {"none"}
    assert column(rating, "B", "treated_value")["u9"] == 100
    assert set(column(rating, "C", "treatment").values()) == {"log"}
    assert column(rating, "A", "obs_value")["u9"] == 100
