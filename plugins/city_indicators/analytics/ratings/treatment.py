"""Treats outliers: winsorising and transformations. Arrays have the axes (draw, unit, indicator).

Winsorising by skewness and kurtosis as in W. Becker and others, COINr (JOSS 2022), after the practice of the
JRC: an indicator is treated if both reach their bounds; then the most extreme values are set to the next
ones, one value at a time. Skewness and excess kurtosis are the sample's (type 2 of Joanes and Gill, 1998).
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from city_indicators.analytics.ratings.steps import Treatment
from city_indicators.analytics.ratings.structure import Floats

LOG_OFFSET: Final = 0.01
LEAST_VALUES: Final = 4


@dataclass(frozen=True)
class Treated:
    """Treated values, and whether they were transformed, by draw and indicator."""

    observations: Floats
    transformed: np.ndarray


def treat(values: Floats, how: Treatment) -> Treated:
    """Treat the indicators with outliers, unless they have fewer than four values or only one distinct."""
    draws, _, indicators = values.shape
    columns = np.ascontiguousarray(np.moveaxis(values, 1, 2)).reshape(draws * indicators, -1)
    bad = np.flatnonzero(_fails(columns, how))
    treated = columns.copy()
    if how.winsorise and len(bad):
        treated[bad] = _winsorised(columns[bad], how)
    still = bad[_fails(treated[bad], how)] if len(bad) else bad
    transformed = np.zeros(len(columns), dtype=bool)
    if how.otherwise == "none":
        treated[still] = columns[still]
    else:
        treated[still] = _transformed(columns[still], how)
        transformed[still] = True
    shaped = np.moveaxis(treated.reshape(draws, indicators, -1), 2, 1)
    return Treated(np.ascontiguousarray(shaped), transformed.reshape(draws, indicators))


def skewness_and_kurtosis(columns: Floats) -> tuple[Floats, Floats]:
    """The sample skewness and excess kurtosis of each row, without missing values."""
    count = np.sum(~np.isnan(columns), axis=1).astype(float)
    with np.errstate(divide="ignore", invalid="ignore"):
        centred = columns - (np.nansum(columns, axis=1) / count)[:, None]
        squares = centred * centred
        second = np.nansum(squares, axis=1) / count
        skew = np.nansum(squares * centred, axis=1) / count / second**1.5
        excess = np.nansum(squares * squares, axis=1) / count / second**2 - 3
        skew = skew * np.sqrt(count * (count - 1)) / (count - 2)
        excess = ((count + 1) * excess + 6) * (count - 1) / ((count - 2) * (count - 3))
    enough = (count >= LEAST_VALUES) & (second > 0)
    return np.where(enough, skew, 0.0), np.where(enough, excess, 0.0)


def _fails(columns: Floats, how: Treatment) -> np.ndarray:
    skew, kurtosis = skewness_and_kurtosis(columns)
    fails: np.ndarray = (np.abs(skew) >= how.skewness) & (kurtosis >= how.kurtosis)
    return fails


def _winsorised(columns: Floats, how: Treatment) -> Floats:
    """Winsorise each row until it passes the test, at most so many times."""
    treated = columns.copy()
    active = np.arange(len(treated))
    for _ in range(how.winsorise):
        rows = treated[active]
        high = skewness_and_kurtosis(rows)[0] > 0
        # With the sign reversed, the lowest values of a row are its highest.
        turned = np.where(high[:, None], rows, -rows)
        top = np.nanmax(turned, axis=1)[:, None]
        following = np.nanmax(np.where(turned == top, -np.inf, turned), axis=1, initial=-np.inf)[:, None]
        capped = np.where((turned == top) & np.isfinite(following), following, turned)
        treated[active] = np.where(high[:, None], capped, -capped)
        active = active[_fails(treated[active], how)]
        if not len(active):
            break
    return treated


def _transformed(columns: Floats, how: Treatment) -> Floats:
    low, high = np.nanmin(columns, axis=1)[:, None], np.nanmax(columns, axis=1)[:, None]
    if how.otherwise == "log":
        logs: Floats = np.log(columns - low + LOG_OFFSET * (high - low))
        return logs
    from_one = columns - low + 1
    powers: Floats = np.log(from_one) if how.power == 0 else (from_one**how.power - 1) / how.power
    return powers
