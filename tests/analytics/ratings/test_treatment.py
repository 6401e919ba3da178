"""Outliers, by hand."""

from math import log
from typing import Any

import numpy as np
import pytest

from city_indicators.analytics.ratings.steps import Treatment
from city_indicators.analytics.ratings.treatment import skewness_and_kurtosis, treat
from tests.analytics.ratings.small import array, column, method, rated

PLAIN = [0.0, 1, 2, 3, 4, 5, 6, 7, 8]


def treated(values: list[float], **how: Any) -> list[float]:
    found: list[float] = treat(array(values), Treatment(**how)).observations[0, :, 0].tolist()
    return found


def test_skewness_and_kurtosis_are_the_unbiased_ones_of_the_figures_that_are_there() -> None:
    from scipy.stats import kurtosis, skew

    rows = np.array([[1, 2, 4, 8, 16, 32, np.nan], [3, 1, np.nan, 4, 1, 5, 9]])
    found = skewness_and_kurtosis(rows)
    for row, own in enumerate(rows):
        known = own[~np.isnan(own)]
        assert found[0][row] == pytest.approx(skew(known, bias=False), abs=1e-12)
        assert found[1][row] == pytest.approx(kurtosis(known, bias=False), abs=1e-12)


def test_an_outlier_is_set_to_the_next_figure() -> None:
    assert treated([*PLAIN, 100]) == [*PLAIN, 8]
    assert treated([-100, *PLAIN]) == [0, *PLAIN]


def test_what_is_not_skewed_stays_as_it_is() -> None:
    assert treated(PLAIN) == PLAIN
    assert treated([5.0] * 9) == [5.0] * 9
    assert treated([0, 0, 1000]) == [0, 0, 1000]


def test_outliers_go_one_value_at_a_time_until_the_rest_passes() -> None:
    twenty = [float(number) for number in range(20)]
    values = [*twenty, 1e3, 1e5]
    assert treated(values) == [*twenty, 19, 19]
    assert treated(values, winsorise=1, otherwise="none") == values
    # Two of eleven observations are no outliers any more.
    assert treated([*PLAIN, 100, 1000]) == [*PLAIN, 100, 100]


def test_both_bounds_must_be_reached() -> None:
    from scipy.stats import kurtosis, skew

    values = [*PLAIN, 100]
    beyond = skew(values, bias=False), kurtosis(values, bias=False)
    assert treated(values, skewness=beyond[0] + 0.01) == values
    assert treated(values, kurtosis=beyond[1] + 0.01) == values
    assert treated(values, skewness=beyond[0] - 0.01, kurtosis=beyond[1] - 0.01) == [*PLAIN, 8]


def test_what_winsorising_does_not_help_is_transformed_from_the_untreated_figures() -> None:
    """One step leaves 100 twice, which is still skewed: the logarithm is of 1000, not of 100."""
    values = [*[0.0] * 20, 1, 100, 1000]
    found = treated(values, winsorise=1, otherwise="log")
    # Offset 0.01 × 1000 = 10.
    assert found[0] == pytest.approx(log(10), abs=1e-12)
    assert found[-3:] == pytest.approx([log(11), log(110), log(1010)], abs=1e-12)


def test_box_cox_is_of_figures_that_begin_at_one() -> None:
    values = [2.0, *[3.0] * 20, 10, 1001]
    square_root = treated(values, winsorise=0, otherwise="boxcox", power=0.5)
    assert square_root[0] == 0
    assert square_root[-2:] == pytest.approx([2 * (3 - 1), 2 * (1000**0.5 - 1)], abs=1e-12)
    assert treated(values, winsorise=0, otherwise="boxcox")[-1] == pytest.approx(log(1000), abs=1e-12)


def test_what_nothing_helps_stays_as_it_was() -> None:
    values = [*[0.0] * 20, 1, 100, 1000]
    assert treated(values, winsorise=1) == values


def test_missing_figures_stay_missing() -> None:
    found = treated([*PLAIN, np.nan, 100])
    assert np.isnan(found[9])
    assert found[10] == 8


def test_every_treated_figure_is_recorded() -> None:
    units = {
        f"u{number}": {"A": value, "B": value, "C": 1 + value} for number, value in enumerate([*PLAIN, 100])
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
