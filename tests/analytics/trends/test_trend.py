"""Trends of single series: compared with results by hand, and unusual data."""

import math

import numpy as np
import pandas as pd
import pytest

from city_indicators.analytics.trends import series
from city_indicators.analytics.trends.trend import TREND, trends
from city_indicators.core.errors import TrendError
from tests.analytics.trends.series import declared, observations, trend

# China's CO2 per head, t per year: Global Carbon Budget, processed by Our World in Data, CC BY 4.0.
CHINA = [7.0648346, 6.953239, 7.084865, 7.2818375, 7.5264, 7.6471825, 8.025529, 7.9642863, 8.366814]
RISING = [float(year) for year in range(1, 21)]
WAVE = [10 + math.sin(year) for year in range(20)]


def test_a_series_worked_by_hand() -> None:
    """The same steps as in docs/explanation/trends.md."""
    found = trend(observations(dict(enumerate(CHINA, 2015))))
    assert (found.n, found.first_year, found.last_year) == (9, 2015, 2023)
    assert found.cagr == pytest.approx((8.366814 / 7.0648346) ** (1 / 8) - 1, abs=1e-12)
    # Least squares: deviations of the years are -4 … 4, their squares sum to 60.
    logs = [math.log(observation) for observation in CHINA]
    assert found.log_growth == pytest.approx(sum((t - 4) * log for t, log in enumerate(logs)) / 60, abs=1e-12)
    # Two of 36 pairs fall, 2015-2016 and 2021-2022: S = 34 - 2.
    assert found.mk_s == 32
    assert found.mk_tau == pytest.approx(32 / 36)
    # Variance 9·8·23/18 = 92.
    assert found.mk_z == pytest.approx(31 / math.sqrt(92), abs=1e-12)
    assert found.mk_p == pytest.approx(math.erfc(31 / math.sqrt(92) / math.sqrt(2)), abs=1e-12)
    slopes = sorted((CHINA[j] - CHINA[i]) / (j - i) for i in range(9) for j in range(i + 1, 9))
    assert found.slope == pytest.approx((slopes[17] + slopes[18]) / 2, abs=1e-12)
    # 1.96·√92 = 18.8: the bounds are slopes no. (36 - 18.8)/2 = 8.6, so 9, and no. 27.4 + 1, so 28, of 36.
    assert (found.slope_low, found.slope_high) == (slopes[8], slopes[27])
    assert (found.is_short, found.break_reason, found.trend) == (True, "too_short", "increasing")
    assert pd.isna(found.pettitt_p)
    assert pd.isna(found.shift_years)


@pytest.mark.parametrize(
    ("values", "growth", "slope", "trend_", "breaks"),
    [
        ([5.0], "too_short", "too_short", "too_short", "too_short"),
        ([5.0, 6.0], "too_short", "too_short", "too_short", "too_short"),
        ([5.0, 6.0, 7.0], None, "too_short", "too_short", "too_short"),
        (RISING[:5], None, None, "too_short", "too_short"),
        (WAVE[:8], None, None, None, "too_short"),
        (WAVE[:15], None, None, None, None),
    ],
)
def test_what_is_too_short_is_missing_with_a_reason(
    values: list[float], growth: str | None, slope: str | None, trend_: str | None, breaks: str | None
) -> None:
    found = trend(observations(values))
    reasons = [found.growth_reason, found.slope_reason, found.trend_reason, found.break_reason]
    assert [None if pd.isna(reason) else reason for reason in reasons] == [growth, slope, trend_, breaks]
    columns = (["cagr", "log_growth"], ["slope", "slope_low"], ["mk_p", "trend"], ["pettitt_p"])
    for names, reason in zip(columns, (growth, slope, trend_, breaks), strict=True):
        assert found[names].isna().tolist() == [reason is not None] * len(names)


def test_a_constant_series_has_a_growth_and_a_slope_of_nothing_and_no_test() -> None:
    found = trend(observations([7.0] * 20))
    assert (found.cagr, found.log_growth, found.slope, found.slope_low, found.slope_high) == (0, 0, 0, 0, 0)
    assert (found.trend_reason, found.break_reason) == ("constant", "constant")
    tests = ["mk_s", "mk_p", "mk_p_corrected", "q_value", "trend", "pettitt_year", "shift_years"]
    assert found[tests].isna().all()


@pytest.mark.parametrize("observation", [0.0, -3.0])
def test_zero_and_negative_values_have_no_growth(observation: float) -> None:
    found = trend(observations([*RISING, observation]))
    assert found[["cagr", "log_growth"]].isna().all()
    assert found.growth_reason == "not_positive"
    assert found[["slope", "mk_p"]].notna().all()


def test_projections_are_never_used() -> None:
    observed = trend(observations(RISING))
    with_projections = observations([*RISING, 900.0, 9000.0], {2021: "F", 2022: "F"})
    found = trend(with_projections)
    assert found.projections == 2
    pd.testing.assert_series_equal(found.drop("projections"), observed.drop("projections"))
    alone = trend(observations([1.0, 2.0], {2001: "F", 2002: "F"}))
    assert (alone.n, alone.projections, alone.trend_reason) == (0, 2, "no_observed_value")
    assert pd.isna(alone.first_year)


def test_a_break_in_series_starts_the_series_again() -> None:
    with_breaks = [*([1000.0] * 3), *RISING]
    found = trend(observations(with_breaks, {2002: "B", 2004: "B"}))
    since = trend(observations(dict(enumerate(RISING, 2004))))
    assert (found.n, found.first_year, found.split_year) == (20, 2004, 2004)
    pd.testing.assert_series_equal(found.drop("split_year"), since.drop("split_year"))
    # Nothing comparable is lost to a flag at the very beginning.
    assert pd.isna(trend(observations(RISING, {2001: "B"})).split_year)


def test_uneven_years_are_not_corrected_for_autocorrelation() -> None:
    years = [*range(2001, 2011), 2014, *range(2016, 2022)]
    found = trend(observations({year: float(year) for year in years}))
    assert (found.n, found.is_even, found.slope) == (17, False, 1.0)
    assert found.trend_reason == "uneven_spacing"
    assert found[["mk_p", "pettitt_p"]].notna().all()
    corrected = ["mk_p_corrected", "q_value", "trend", "autocorrelation", "is_autocorrelated"]
    assert found[corrected].isna().all()
    # Every fifth year is even.
    found = trend(observations({year: float(year**2 % 7) for year in range(1950, 2025, 5)}))
    assert (found.is_even, pd.isna(found.trend_reason)) == (True, True)


def test_the_year_of_a_level_change_is_the_first_of_the_new_level() -> None:
    found = trend(observations([1.0, 1.1] * 10 + [5.0, 5.1] * 10))
    assert (found.pettitt_year, found.shift_years) == (2021, [2021])
    found = trend(observations([1.0, 1.1] * 10 + [5.0, 5.1] * 10 + [9.0, 9.1] * 10))
    assert found.shift_years == [2021, 2041]


def test_short_and_autocorrelated_series_are_marked() -> None:
    walk = np.random.default_rng(3).normal(size=40).cumsum()
    found = trend(observations(list(walk)))
    assert (found.is_short, found.is_autocorrelated) == (False, True)
    assert found.autocorrelation > 1.96 / math.sqrt(40)
    assert found.mk_p_corrected > found.mk_p
    noise = trend(observations(list(np.random.default_rng(3).normal(size=19))))
    assert (noise.is_short, noise.is_autocorrelated) == (True, False)


def test_windows_use_their_own_years() -> None:
    found = trend(observations(RISING), first=2005, last=2012)
    assert (found.n, found.first_year, found.last_year) == (8, 2005, 2012)


def test_a_series_that_ends_before_a_window_has_a_row_with_a_reason() -> None:
    """Of one place 20 years to 2020, of the other four years to 2004: nothing since 2015."""
    table = trends(
        pd.concat([observations(RISING), observations(RISING[:4], ref_area="there")]), declared(first=2015)
    ).set_index("ref_area")
    assert list(table["n"]) == [6, 0]
    there = table.loc["there"]
    assert (there.projections, there.estimated, there.is_short) == (0, 0, True)
    for reason in ("growth_reason", "slope_reason", "trend_reason", "break_reason"):
        assert there[reason] == "no_observed_value"
    assert pd.isna(there[["first_year", "last_year", "split_year", "slope", "trend", "is_even"]]).all()
    alone = trend(observations(RISING[:4]), first=2015)
    assert (alone.n, alone.trend_reason) == (0, "no_observed_value")


def test_other_series_change_only_the_false_discovery_rate() -> None:
    generator = np.random.default_rng(1)
    many = [
        observations(list(generator.normal(size=length).cumsum()), None, f"place-{length}", indicator)
        for length in range(1, 40)
        for indicator in ("I", "J")
    ]
    together = pd.concat(many).sample(frac=1, random_state=1)
    found = trends(together, declared()).set_index(["indicator", "ref_area"])
    for one in many:
        alone = trend(one)
        of_many = found.loc[(alone.indicator, alone.ref_area)]
        same = alone.index.difference(["indicator", "ref_area", "q_value", "trend"])
        pd.testing.assert_series_equal(of_many[same], alone[same], check_names=False)


def test_processing_in_parts_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    generator = np.random.default_rng(2)
    many = pd.concat(
        observations(list(generator.normal(size=20)), None, f"place-{number}") for number in range(9)
    )
    at_once = trends(many, declared())
    monkeypatch.setattr(series, "PAIRS_AT_ONCE", 400)
    pd.testing.assert_frame_equal(trends(many, declared()), at_once)


def test_two_values_of_one_year_are_refused() -> None:
    with pytest.raises(TrendError, match="here has more than one observation of I in 2003"):
        trends(pd.concat([observations(RISING), observations({2003: 1.0})]), declared())


def test_no_observation_gives_no_row() -> None:
    assert list(trends(observations([]), declared()).columns) == TREND
