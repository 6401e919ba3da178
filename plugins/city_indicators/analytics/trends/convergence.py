"""Convergence of places: sigma and beta convergence, inequality and rank mobility, by group and window."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from city_indicators.analytics.trends.concentration import gini, theil
from city_indicators.analytics.trends.declared import Declared, LeastPlaces, LeastPoints, Window
from city_indicators.analytics.trends.series import checked, marked
from city_indicators.analytics.trends.statistics import Array, mann_kendall, slopes, without_autocorrelation

CONVERGENCE: Final = [
    *("indicator", "city_group", "level", "time_window", "first_year", "last_year", "years", "places"),
    *("places_left_out", "sigma_first", "sigma_last", "sigma_slope", "sigma_mk_z", "sigma_mk_p"),
    *(
        "sigma_mk_p_corrected",
        "sigma_reason",
        "sigma_corrected_reason",
        "beta",
        "beta_se",
        "beta_p",
        "beta_se_hc1",
        "beta_p_hc1",
        "r2",
    ),
    *("speed", "half_life", "beta_reason", "gini_first", "gini_last", "theil_first", "theil_last"),
    *("inequality_reason", "rank_kendall", "rank_spearman", "rank_reason", "compared_places"),
]

ALIKE: Final = 1e-12
"""Logarithms closer than this differ only by rounding."""

Years = NDArray[np.integer[Any]]
Names = NDArray[Any]
Members = Mapping[tuple[str, str], Sequence[str]]
"""The places of each group and level ("city" or "country")."""


def convergence(observations: pd.DataFrame, members: Members, declared: Declared) -> pd.DataFrame:
    """Convergence within every group, for each indicator and window, with the columns CONVERGENCE.

    `observations` is as for trends. The first and the last year are those in which almost all places of the
    best year have a value; only places with values in both, and without a break in series between them, are
    compared. Sigma is computed for the years in which almost all of these places have a value. Growth and
    `beta` are in logarithms per year, `speed` is per year, `half_life` in years.

    Raises:
        TrendError: a place has two observations of an indicator in one year.
    """
    rows = checked(observations)
    names = rows["ref_area"].cat.categories.to_numpy()
    inside = {key: np.isin(names, list(places)) for key, places in members.items()}
    found = [
        {
            **{"indicator": indicator, "city_group": group, "level": level, "time_window": window.id},
            **of_panel(years, observations[:, of_group], declared, names[places[of_group]]),
        }
        for window in declared.windows
        for indicator, years, places, observations in _panels(rows, window)
        for (group, level), chosen in inside.items()
        if (of_group := chosen[places]).any()
    ]
    return pd.DataFrame(found, columns=CONVERGENCE)


def of_panel(years: Years, observations: Array, declared: Declared, names: Names) -> dict[str, Any]:
    """The convergence of one panel: `observations` (years, places `names`), NaN where there is no value."""
    least = declared.least_places
    at, both, left_out = _compared(years, observations, least)
    compared = observations[np.isin(years, at)][:, both]
    first, last = compared[0], compared[-1]
    found: dict[str, Any] = {
        "first_year": int(at[0]),
        "last_year": int(at[-1]),
        "years": len(at),
        "places": len(first),
        "places_left_out": left_out,
        "compared_places": list(names[both]),
    }
    short = _shortage(at, len(first), least.convergence)
    of_logs = short or ("not_positive" if np.nanmin(compared) <= 0 else None)
    of_levels = _shortage(at, len(first), least.concentration) or _no_shares(first, last)
    of_ranks = short or ("constant" if _constant(first) or _constant(last) else None)
    if not of_logs:
        found |= sigma(np.log(compared), at, declared.least_points)
        found |= beta(first, last, found["last_year"] - found["first_year"])
    if not of_levels:
        found |= {"gini_first": gini(first), "gini_last": gini(last)}
        found |= {"theil_first": theil(first), "theil_last": theil(last)}
    if not of_ranks:
        found |= rank_mobility(first, last)
    of_sigma = of_logs or (None if "sigma_mk_p" in found else "too_few_years")
    return found | {
        "sigma_reason": of_sigma,
        "sigma_corrected_reason": of_sigma or _not_corrected(found),
        "beta_reason": of_logs or _no_half_life(found),
        "inequality_reason": of_levels,
        "rank_reason": of_ranks,
    }


def sigma(logs: Array, years: Years, least: LeastPoints) -> dict[str, float]:
    """The standard deviation of the logarithms (n - 1) in the first and last year, and its trend.

    `logs` is (years, places), NaN where there is no value.
    """
    spread = np.nanstd(logs, axis=1, ddof=1)
    found = {"sigma_first": float(spread[0]), "sigma_last": float(spread[-1])}
    if len(spread) < least.mann_kendall:
        return found
    values, at = spread[None, :], years[None, :].astype("float64")
    pairs = slopes(at, values)
    test = mann_kendall(values, pairs)
    slope = np.median(pairs, axis=1)
    found |= {"sigma_slope": float(slope[0]), "sigma_mk_z": float(test.z[0]), "sigma_mk_p": float(test.p[0])}
    steps = np.diff(years)
    if (steps == steps[0]).all():
        corrected = without_autocorrelation(values, slope * steps[0], test)
        found["sigma_mk_p_corrected"] = float(corrected.p[0])
    return found


def beta(first: Array, last: Array, span: int) -> dict[str, float]:
    """Regress annual growth, in logarithms, on the logarithm at the start, over `span` years.

    With p values of least squares and with robust standard errors (HC1). `speed` is -ln(1 + beta·span)/span
    and `half_life` ln 2/speed, both only if places converge. Empty if all places start equal or grow equally.
    Source: Barro and Sala-i-Martin (1992), Journal of Political Economy 100.
    """
    import statsmodels.api as sm

    start = np.log(first)
    growth = (np.log(last) - start) / span
    if min(np.ptp(start), np.ptp(growth)) < ALIKE:
        return {}
    fitted = sm.OLS(growth, sm.add_constant(start)).fit()
    robust = fitted.get_robustcov_results("HC1")
    slope = float(fitted.params[1])
    found = {
        "beta": slope,
        "beta_se": float(fitted.bse[1]),
        "beta_p": float(fitted.pvalues[1]),
        "beta_se_hc1": float(robust.bse[1]),
        "beta_p_hc1": float(robust.pvalues[1]),
        "r2": float(fitted.rsquared),
    }
    if -1 < slope * span < 0:
        found["speed"] = float(-np.log1p(slope * span) / span)
        found["half_life"] = float(np.log(2) / found["speed"])
    return found


def rank_mobility(first: Array, last: Array) -> dict[str, float]:
    """Kendall's tau-b and Spearman's rho between the ranks of the two years: 1 if no rank changed."""
    from scipy.stats import kendalltau, spearmanr

    return {
        "rank_kendall": float(kendalltau(first, last).statistic),
        "rank_spearman": float(spearmanr(first, last).statistic),
    }


def _panels(rows: pd.DataFrame, window: Window) -> Iterator[tuple[str, Years, Years, Array]]:
    """For each indicator: the years, the codes of the places, and the values (years, places)."""
    used = marked(rows, window).query("used")
    for indicator, of_one in used.groupby("indicator", observed=True):
        years, row = np.unique(of_one["time_period"].to_numpy(), return_inverse=True)
        places, column = np.unique(of_one["ref_area"].cat.codes.to_numpy(), return_inverse=True)
        observations = np.full((len(years), len(places)), np.nan)
        observations[row, column] = of_one["obs_value"].to_numpy()
        yield str(indicator), years, places, observations


def _compared(years: Years, observations: Array, least: LeastPlaces) -> tuple[Years, NDArray[np.bool_], int]:
    """The compared years, a mask of the compared places, and the number of places left out.

    Compared places have values in the first and last year, and almost all of them in the years between.
    """
    known = np.isfinite(observations)
    present = known.sum(axis=1)
    enough = np.flatnonzero(present >= least.present * present.max())
    first, last = enough[0], enough[-1]
    both = known[first] & known[last]
    followed = known[:, both].sum(axis=1) >= least.present * both.sum()
    followed[:first] = followed[last + 1 :] = False
    return years[followed], both, int((known.any(axis=0) & ~both).sum())


def _shortage(years: Years, places: int, least: int) -> str | None:
    if years[0] == years[-1]:
        return "one_year"
    return "too_few_places" if places < least else None


def _not_corrected(found: dict[str, Any]) -> str | None:
    if "sigma_mk_p_corrected" not in found:
        return "uneven_spacing"
    return "correction_undefined" if np.isnan(found["sigma_mk_p_corrected"]) else None


def _no_shares(first: Array, last: Array) -> str | None:
    if min(first.min(), last.min()) < 0:
        return "negative"
    return "no_sum" if min(first.sum(), last.sum()) == 0 else None


def _no_half_life(found: dict[str, Any]) -> str | None:
    if "beta" not in found:
        return "constant"
    if "half_life" in found:
        return None
    return "diverging" if found["beta"] >= 0 else "overshooting"


def _constant(values: Array) -> bool:
    return bool((values == values[0]).all())
