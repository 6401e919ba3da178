"""Vectorised statistics equal those of the libraries, series by series."""

import math

import numpy as np
import pandas as pd
import pymannkendall  # noqa: TID253
import pytest
from ruptures import Pelt  # noqa: TID253
from scipy.stats import theilslopes  # noqa: TID253
from statsmodels.stats.multitest import multipletests  # noqa: TID253

from city_indicators.analytics.trends.statistics import (
    Array,
    level_shifts,
    mann_kendall,
    slopes,
    theil_sen,
    without_autocorrelation,
)
from city_indicators.analytics.trends.trend import false_discovery_rates

LENGTHS = (5, 8, 9, 15, 33, 60)


def observations(points: int) -> Array:
    """Noise, walks, trends and steps, half of them with many ties."""
    generator = np.random.default_rng(points)
    noise = generator.normal(size=(40, points))
    kinds = [
        noise,
        noise.cumsum(axis=1),
        noise + np.arange(points),
        noise + 4 * (np.arange(points) > points / 2),
    ]
    smooth = np.concatenate(kinds)
    return np.concatenate([smooth, smooth.round(0)])


@pytest.mark.parametrize("points", LENGTHS)
def test_slopes_and_the_test_for_a_trend(points: int) -> None:
    values = observations(points)
    # Years with gaps, different in every row.
    generator = np.random.default_rng(1)
    years = np.sort(generator.permuted(np.tile(np.arange(2 * points), (len(values), 1)), axis=1)[:, :points])
    pairs = slopes(years.astype(float), values)
    test = mann_kendall(values, pairs)
    found = np.column_stack(
        [*theil_sen(pairs, test.variance), test.s, test.variance, test.z, test.p, test.tau]
    )
    expected = []
    for at, series in zip(years, values, strict=True):
        sen = theilslopes(series, at)
        mk = pymannkendall.original_test(series)
        expected.append([sen[0], sen[2], sen[3], mk.s, mk.var_s, mk.z, mk.p, mk.Tau])
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-12)


@pytest.mark.filterwarnings("ignore:invalid value:RuntimeWarning")
@pytest.mark.parametrize("points", LENGTHS[1:])
def test_the_correction_for_autocorrelation(points: int) -> None:
    values = observations(points)
    years = np.tile(np.arange(points, dtype=float), (len(values), 1))
    pairs = slopes(years, values)
    test = mann_kendall(values, pairs)
    found = without_autocorrelation(values, np.median(pairs, axis=1), test)
    expected = [pymannkendall.hamed_rao_modification_test(series) for series in values]
    z = np.array([result.z for result in expected])
    # If the corrected variance is not positive, the library divides by zero and has no z, or ±inf.
    z[np.isinf(z)] = np.nan
    assert np.isfinite(z).sum() > len(z) / 2
    with_s = test.s != 0
    np.testing.assert_allclose(found.z[with_s], z[with_s], rtol=1e-9)
    known = np.isfinite(z) & with_s
    np.testing.assert_allclose(found.p[known], np.array([r.p for r in expected])[known], atol=1e-12)


@pytest.mark.parametrize("points", LENGTHS[3:])
def test_shifts_of_level(points: int) -> None:
    values = observations(points)
    for found, series in zip(level_shifts(values), values, strict=True):
        standard = (series - series.mean()) / series.std()
        search = Pelt(model="l2", min_size=3, jump=1).fit(standard)
        expected = search.predict(pen=2 * math.log(points))
        if found != expected[:-1]:
            # With tied values the same minimum may be reached in two ways.
            cost = search.cost.sum_of_costs
            assert cost([*found, points]) + len(found) * 2 * math.log(points) <= (
                cost(expected) + (len(expected) - 1) * 2 * math.log(points) + 1e-9
            )


def test_false_discovery_rates_of_each_family() -> None:
    p = pd.Series(np.random.default_rng(1).random(60)).mask(lambda s: s > 0.9)
    family = pd.Series(["a", "b", "c"] * 20)
    found = false_discovery_rates(p, family)
    for name in "abc":
        known = p[family == name].dropna()
        expected = multipletests(known, method="fdr_bh")[1]
        np.testing.assert_allclose(found[known.index], expected, rtol=1e-12)
    assert (found.isna() == p.isna()).all()
