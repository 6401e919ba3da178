"""Convergence, inequality and city systems, compared with results by hand."""

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest

from city_indicators.analytics.trends.city_system import city_systems
from city_indicators.analytics.trends.concentration import gini, herfindahl, primacy, theil, zipf
from city_indicators.analytics.trends.convergence import convergence
from tests.analytics.trends.series import SHIPPED, declared, observations

TEN = [f"place-{number}" for number in range(10)]
MEMBERS = {("all", "city"): TEN}
STARTS = np.exp(np.linspace(1, 3, 10))


def panel(years: int, path: Any, places: list[str] = TEN) -> pd.DataFrame:
    """Observations of places from 2001 on, calculated by `path(start, t)`."""
    return pd.concat(
        observations([path(start, t) for t in range(years)], None, place)
        for place, start in zip(places, STARTS, strict=True)
    )


def rows_of_two_halves() -> pd.DataFrame:
    """Half of the places have data for the first years, the others for the last."""
    rows = panel(6, lambda start, t: start + t)
    early = rows["time_period"] < "2004"
    return rows[early == rows["ref_area"].isin(TEN[:5])]


def only(rows: pd.DataFrame, **changes: Any) -> Any:
    table = convergence(rows, MEMBERS, declared(**changes))
    assert len(table) == 1
    return table.iloc[0]


def test_places_that_approach_each_other_converge() -> None:
    """Logarithms approach 2 by 10 % of the gap each year: speed -ln 0.9, sigma falls to 0.9 of its value."""
    found = only(panel(11, lambda start, t: math.exp(2 + (math.log(start) - 2) * 0.9**t)))
    assert (found.first_year, found.last_year, found.years, found.places) == (2001, 2011, 11, 10)
    assert found.beta == pytest.approx((0.9**10 - 1) / 10)
    assert found.speed == pytest.approx(-math.log(0.9))
    assert found.half_life == pytest.approx(math.log(2) / -math.log(0.9))
    spread = np.linspace(1, 3, 10).std(ddof=1)
    assert (found.sigma_first, found.sigma_last) == pytest.approx((spread, spread * 0.9**10))
    # All of 55 pairs fall; variance 11·10·27/18 = 165.
    assert found.sigma_mk_z == pytest.approx(-54 / math.sqrt(165))
    assert found.sigma_slope < 0
    assert (found.rank_kendall, found.rank_spearman) == pytest.approx((1, 1))
    assert found.gini_last < found.gini_first
    reasons = ["sigma_reason", "sigma_corrected_reason", "beta_reason", "inequality_reason", "rank_reason"]
    assert found[reasons].isna().all()
    assert found.compared_places == TEN


def test_uneven_years_have_no_corrected_p_but_a_reason() -> None:
    rows = panel(11, lambda start, t: math.exp(2 + (math.log(start) - 2) * 0.9**t))
    found = only(rows[rows["time_period"] != "2005"])
    assert (found.sigma_reason, found.sigma_corrected_reason) == (None, "uneven_spacing")
    assert pd.isna(found.sigma_mk_p_corrected)
    assert found.sigma_mk_p < 0.001
    short = only(panel(4, lambda start, t: start ** (1 + 0.1 * t)))
    assert (short.sigma_reason, short.sigma_corrected_reason) == ("too_few_years", "too_few_years")


def test_diverging_or_overshooting_places_have_no_half_life() -> None:
    parting = only(panel(4, lambda start, t: start ** (1 + 0.1 * t)))
    assert (parting.beta > 0, parting.beta_reason, pd.isna(parting.half_life)) == (True, "diverging", True)
    assert (parting.sigma_reason, pd.isna(parting.sigma_mk_p)) == ("too_few_years", True)
    assert parting.sigma_last == pytest.approx(1.3 * parting.sigma_first)
    turning = only(panel(2, lambda start, t: start if t == 0 else 1 / start))
    assert (turning.beta_reason, turning.rank_kendall) == ("overshooting", pytest.approx(-1))


def test_only_places_with_both_ends_are_compared() -> None:
    rows = panel(10, lambda start, t: start + t)
    last_of_first = (rows["ref_area"] == TEN[0]) & (rows["time_period"] == "2010")
    nine_in_ten = {"least_places": SHIPPED.least_places.model_copy(update={"present": 0.9})}
    found = only(rows[~last_of_first], **nine_in_ten)
    # 9 of 10 are enough for a year; the tenth place is left out of all years.
    assert (found.last_year, found.places, found.places_left_out) == (2010, 9, 1)
    assert found.beta_reason == "too_few_places"
    assert found[["beta", "sigma_first"]].isna().all()
    assert found.gini_first == pytest.approx(gini(STARTS[1:]))
    thin = rows[(rows["time_period"] < "2009") | (rows["ref_area"] < TEN[5])]
    assert only(thin, **nine_in_ten).last_year == 2008
    # Between the ends a year may lack some places; sigma is then that of the others.
    between = (rows["ref_area"] == TEN[0]) & (rows["time_period"] == "2005")
    assert only(rows[~between]).years == 9
    with_one_less = only(rows[~between], **nine_in_ten)
    assert (with_one_less.years, with_one_less.places) == (10, 10)
    spread = [np.log(STARTS + t).std(ddof=1) for t in range(10)]
    spread[4] = np.log(STARTS[1:] + 4).std(ddof=1)
    slopes = [(spread[j] - spread[i]) / (j - i) for i in range(10) for j in range(i + 1, 10)]
    assert with_one_less.sigma_slope == pytest.approx(np.median(slopes))
    broken = rows.assign(obs_status=np.where(last_of_first, "B", "A"))
    assert only(broken, **nine_in_ten).places_left_out == 1
    projected = rows.assign(obs_status=np.where(rows["time_period"] > "2008", "F", "A"))
    assert only(projected).last_year == 2008


def test_a_missing_result_has_a_reason() -> None:
    with_zero = only(panel(9, lambda start, t: 0.0 if t == 3 and start == STARTS[0] else start + t))
    assert (with_zero.sigma_reason, with_zero.beta_reason) == ("not_positive", "not_positive")
    assert pd.isna(with_zero.inequality_reason)
    alike = only(panel(9, lambda _, t: 5.0 + t))
    assert (alike.beta_reason, alike.rank_reason, alike.gini_first) == ("constant", "constant", 0)
    growing_alike = only(panel(9, lambda start, t: start * 1.05**t))
    assert (growing_alike.beta_reason, pd.isna(growing_alike.beta)) == ("constant", True)
    below = only(panel(9, lambda start, t: start - 5 + t))
    assert (below.inequality_reason, pd.isna(below.gini_first)) == ("negative", True)
    apart = only(rows_of_two_halves())
    assert (apart.places, apart.places_left_out, apart.beta_reason) == (0, 10, "too_few_places")
    one = only(panel(1, lambda start, _: start))
    reasons = ["sigma_reason", "beta_reason", "inequality_reason", "rank_reason"]
    assert one[reasons].tolist() == ["one_year"] * 4
    nothing = only(panel(2, lambda *_: 0.0))
    assert nothing.inequality_reason == "no_sum"


def test_groups_contain_their_own_places() -> None:
    rows = pd.concat([panel(3, lambda start, t: start + t), observations([1.0, 2.0], None, "elsewhere")])
    members = {("few", "city"): TEN[:3], ("all", "city"): TEN, ("none", "country"): ["XXX"]}
    found = convergence(rows, members, declared()).set_index("city_group")
    assert found["places"].to_dict() == {"few": 3, "all": 10}


def test_measures_worked_by_hand() -> None:
    four = np.array([1.0, 2.0, 3.0, 4.0])
    # Mean absolute difference 1.25 over twice the mean, 5.
    assert gini(four) == pytest.approx(0.25)
    assert theil(np.array([0.0, 2.0])) == pytest.approx(math.log(2))
    assert herfindahl(four) == pytest.approx(0.3)
    assert primacy(four) == pytest.approx((4 / 3, 0.4, 4 / 6))
    assert np.isnan(primacy(np.array([1.0]))[0])
    # Sizes that follow the law exactly: rank - 1/2 = size^-1.2.
    sizes = (np.arange(1, 31) - 0.5) ** (-1 / 1.2)
    assert zipf(sizes, 20) == pytest.approx((1.2, 1.2 * math.sqrt(0.1), 20))


def test_city_systems_by_year_with_reasons() -> None:
    rows = panel(2, lambda start, t: start * (1 + t)).assign(
        indicator="POP_AGGLO", obs_status=lambda r: np.where(r["time_period"] == "2002", "F", "A")
    )
    few = {("all", "city"): TEN, ("four", "city"): TEN[:4], ("two", "city"): TEN[:2]}
    found = city_systems(rows, few, declared()).set_index("city_group")
    assert list(found["time_period"]) == [2001, 2001, 2001]
    assert found["gini"]["all"] == pytest.approx(gini(STARTS))
    assert found["zipf_exponent"]["all"] == pytest.approx(zipf(STARTS, 50)[0])
    assert (found["zipf_reason"]["four"], found["size_reason"]["two"]) == ("too_few_places", "too_few_places")
    assert found["size_reason"].isna().tolist() == [True, True, False]
    assert pd.isna(found["zipf_exponent"]["four"])
    assert found["primacy_four"]["four"] == pytest.approx(primacy(STARTS[:4])[2])
    assert city_systems(rows.assign(indicator="CO2_PC"), few, declared()).empty
