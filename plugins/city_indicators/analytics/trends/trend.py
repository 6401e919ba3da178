"""Trends of series: growth, slope, trend test, level changes; a reason if there is too little data.

Method: docs/explanation/trends.md.

All series of one length are computed at once; tests compare with libraries.
"""

from typing import Any, Final

import numpy as np
import pandas as pd

from city_indicators.analytics.trends.declared import Declared, LeastPoints, Window
from city_indicators.analytics.trends.series import SeriesBatch, checked, lay_out, marked, with_absent
from city_indicators.analytics.trends.statistics import (
    growth,
    level_shifts,
    mann_kendall,
    pettitt,
    slopes,
    theil_sen,
    without_autocorrelation,
)

TREND: Final = [
    *("indicator", "ref_area", "time_window", "n", "first_year", "last_year", "first_value", "last_value"),
    *(
        "split_year",
        "projections",
        "estimated",
        "is_short",
        "is_even",
        "autocorrelation",
        "is_autocorrelated",
    ),
    *("cagr", "log_growth", "growth_reason", "slope", "slope_low", "slope_high", "slope_reason"),
    *("mk_s", "mk_z", "mk_p", "mk_tau", "mk_z_corrected", "mk_p_corrected", "q_value", "trend"),
    *("trend_reason", "pettitt_year", "pettitt_p", "shift_years", "break_reason"),
]
MEASURED: Final = (
    *("autocorrelation", "is_autocorrelated", "cagr", "log_growth", "slope", "slope_low", "slope_high"),
    *("mk_s", "mk_z", "mk_p", "mk_tau", "mk_z_corrected", "mk_p_corrected", "pettitt_year", "pettitt_p"),
    *("is_even", "is_constant"),
)


def trends(observations: pd.DataFrame, declared: Declared) -> pd.DataFrame:
    """The trend of every indicator and place in every window, also if a window has no data.

    `observations` has indicator, ref_area, time_period (a year), obs_value (in one unit an indicator) and
    obs_status, at most one row an indicator, place and year. Projections (F) are never used; a break in
    series (B) splits the series. Returns the columns TREND: annual growth as a share, slope and its bounds in
    units per year; the year of a level change is the first of the new level. Each reason column states why
    the results before it are missing, and is empty if they are not.

    Raises:
        TrendError: a place has two observations of an indicator in one year.
    """
    rows = checked(observations)
    tables = [_of_window(rows, window, declared) for window in declared.windows]
    return pd.concat(tables, ignore_index=True)[TREND]


def _of_window(rows: pd.DataFrame, window: Window, declared: Declared) -> pd.DataFrame:
    heads, batches = lay_out(marked(rows, window))
    heads = with_absent(heads, rows)
    least = declared.least_points
    measured = {name: np.full(len(heads), np.nan) for name in MEASURED}
    shifts = np.full(len(heads), None, dtype=object)
    for part in (part for batch in batches for part in batch.parts()):
        for name, values in _measured(part, least).items():
            measured[name][part.rows] = values
        if part.observations.shape[1] >= least.breaks:
            shifts[part.rows] = _shift_years(part)
    table = heads.assign(**measured, shift_years=shifts, time_window=window.id)
    for name in ("is_even", "is_autocorrelated", "is_constant"):
        table[name] = table[name].astype("boolean")
    table["pettitt_year"] = table["pettitt_year"].astype("Int64")
    table["is_short"] = table["n"] < least.short
    return _assessed(_without_constants(table), declared)


def _measured(batch: SeriesBatch, least: LeastPoints) -> dict[str, Any]:
    """The statistics that the number of points allows, by name."""
    years, values = batch.years, batch.observations
    points = values.shape[1]
    steps = np.diff(years, axis=1)
    even = (steps == steps[:, :1]).all(axis=1)
    found: dict[str, Any] = {"is_even": even, "is_constant": (values == values[:, :1]).all(axis=1)}
    if points >= least.growth:
        found["cagr"], found["log_growth"] = growth(years, values)
    if points >= least.slope:
        pairs = slopes(years, values)
        test = mann_kendall(values, pairs)
        found["slope"], found["slope_low"], found["slope_high"] = theil_sen(pairs, test.variance)
        if points >= least.mann_kendall:
            corrected = without_autocorrelation(values, found["slope"] * steps[:, 0], test)
            found |= {"mk_s": test.s, "mk_z": test.z, "mk_p": test.p, "mk_tau": test.tau}
            found |= {
                "mk_z_corrected": np.where(even, corrected.z, np.nan),
                "mk_p_corrected": np.where(even, corrected.p, np.nan),
                "autocorrelation": np.where(even, corrected.first, np.nan),
                "is_autocorrelated": np.where(even, corrected.significant, np.nan),
            }
    if points >= least.breaks:
        change = pettitt(values)
        found["pettitt_year"] = years[np.arange(len(years)), change.before]
        found["pettitt_p"] = change.p
    return found


def _shift_years(batch: SeriesBatch) -> Any:
    """A list of years for each series, in an array of objects."""
    years = np.empty(len(batch.rows), dtype=object)
    for number, positions in enumerate(level_shifts(batch.observations)):
        years[number] = [int(year) for year in batch.years[number, positions]]
    return years


def _without_constants(table: pd.DataFrame) -> pd.DataFrame:
    """Remove test results of constant series, for which they are meaningless; growth and slope are zero."""
    constant = table["is_constant"].fillna(False)
    tests = [name for name in MEASURED if name.startswith(("mk_", "pettitt_", "autocorrelation"))]
    tests += ["is_autocorrelated", "shift_years"]
    return table.assign(**{name: table[name].mask(constant) for name in tests})


def _assessed(table: pd.DataFrame, declared: Declared) -> pd.DataFrame:
    """Add false discovery rates, trend verdicts and reasons to the table."""
    least = declared.least_points
    n = table["n"]
    nothing = n.eq(0)
    constant = table["is_constant"].fillna(False)
    q = false_discovery_rates(table["mk_p_corrected"], table["indicator"])
    found = q.le(declared.false_discovery_rate)
    direction = np.where(~found, "none_found", np.where(table["mk_z"] > 0, "increasing", "decreasing"))
    return table.assign(
        q_value=q,
        trend=pd.Series(direction, index=table.index, dtype=object).where(q.notna(), None),
        growth_reason=_first_reason(
            no_observed_value=nothing, too_short=n < least.growth, not_positive=table["cagr"].isna()
        ),
        slope_reason=_first_reason(no_observed_value=nothing, too_short=n < least.slope),
        trend_reason=_first_reason(
            no_observed_value=nothing,
            too_short=n < least.mann_kendall,
            constant=constant,
            uneven_spacing=~table["is_even"].fillna(True),
            correction_undefined=q.isna(),
        ),
        break_reason=_first_reason(no_observed_value=nothing, too_short=n < least.breaks, constant=constant),
    )


def false_discovery_rates(p: pd.Series, family: pd.Series) -> pd.Series:
    """Benjamini and Hochberg's adjusted p within each family; missing where p is missing."""
    from scipy.stats import false_discovery_control

    known = p.dropna()
    if known.empty:
        return p
    adjusted = known.groupby(family[known.index], observed=True).transform(
        lambda of_one: false_discovery_control(of_one.to_numpy())
    )
    return adjusted.reindex(p.index)


def _first_reason(**holds: pd.Series) -> pd.Series:
    """The name of the first condition that holds in each row, else None."""
    reasons = pd.Series(None, index=next(iter(holds.values())).index, dtype=object)
    for name in reversed(holds):
        reasons[holds[name].astype(bool)] = name
    return reasons
