"""Checks how a load revises the values that are held: how many, how far, and by a common factor or offset."""

from typing import Any, Final

import numpy as np
import pandas as pd

from city_indicators.ingest.validation.load_checks.compare import SAME, Texts, listed, percent

LARGEST_SHARE: Final = 0.25
"""The largest share of held values that one load may revise by more than the source usually does."""
FEWEST: Final = 3
"""From how many values on a share or a common change means something."""
FEWEST_FOR_LINE: Final = 8
"""From how many values on a line through them (a factor and an offset) is no coincidence."""
TENFOLD: Final = 0.9
"""How far two values are apart (compare.apart) if one is ten times the other."""
NOTICEABLE: Final = 0.02
"""Changes below this share of the spread of all values are no large revision: 0 days to 1 day."""
SCATTER: Final = 0.02
"""How far common changes may scatter, as a share of the change, for rounding."""
RESTATED: Final = 0.33
"""One place may restate its series by a common factor up to 1.5."""
NOTED: Final = 0.1
"""From this size on a single revision is mentioned."""
FEWEST_RANKED: Final = 8
LOWEST_CORRELATION: Final = 0.8
"""The lowest rank correlation between a year as held and as the load gives it."""


def unusual(pairs: pd.DataFrame, usual: dict[str, float]) -> Texts:
    """Indicators of which too many held values are revised beyond the usual size.

    `pairs` are those of compare.paired; `usual` is the size of past revisions by indicator (warehouse.held
    .usual_revisions), 0 for a source that has not revised the indicator so far.
    """
    found: Texts = {}
    for indicator, group in pairs.groupby("indicator"):
        size = usual.get(str(indicator), 0.0)
        beyond = group["apart"].abs() > max(size, SAME)
        if beyond.sum() >= FEWEST and beyond.mean() > LARGEST_SHARE:
            median = group.loc[beyond, "apart"].abs().median()
            history = f"by more than its history shows ({percent(size)})" if size else "for the first time"
            found[str(indicator)] = (
                f"{beyond.sum()} of {len(group)} held values of {indicator} are revised {history}, "
                f"by {percent(median)} in the median"
            )
    return found


def large(pairs: pd.DataFrame) -> Texts:
    """Indicators with a value that is revised tenfold or more, or changes its sign."""
    found: Texts = {}
    for indicator, group in pairs.groupby("indicator"):
        tenfold = group[(group["apart"].abs() >= TENFOLD) & _shows(group)]
        if len(tenfold):
            found[str(indicator)] = (
                f"{len(tenfold)} held values of {indicator} are revised tenfold or more, the first is "
                f"{_in_words(tenfold.iloc[0])}"
            )
    return found


def noted(pairs: pd.DataFrame, usual: dict[str, float]) -> Texts:
    """Indicators with a value that is revised noticeably and beyond the usual size, however few there are.

    The first revisions of an indicator are mentioned whatever their size. `pairs` and `usual` are those of
    `unusual`.
    """
    found: Texts = {}
    for indicator, group in pairs.groupby("indicator"):
        size = usual.get(str(indicator), 0.0)
        least, how = max(size, NOTED), f"by {percent(max(size, NOTED))} or more"
        beyond = group[(group["apart"].abs() >= least) & _shows(group)]
        if not size and beyond.empty:
            beyond, how = group[group["apart"].abs() > SAME], "for the first time"
        if len(beyond):
            largest = beyond.sort_values("apart", key=np.abs).iloc[-1]
            found[str(indicator)] = (
                f"{len(beyond)} of {len(group)} held values of {indicator} are revised {how}, the most is "
                f"{_in_words(largest)}"
            )
    return found


def _shows(pairs: pd.DataFrame) -> "pd.Series[bool]":
    """Whether changes are noticeable beside the spread of all values."""
    values = pd.concat([pairs["obs_value"], pairs["held_value"]])
    change = (pairs["obs_value"] - pairs["held_value"]).abs()
    return change.ge(NOTICEABLE * float(values.max() - values.min()))


def _in_words(pair: "pd.Series[Any]") -> str:
    return f"{pair['ref_area']} {pair['time_period']} ({pair['held_value']:.6g} to {pair['obs_value']:.6g})"


def transformed(pairs: pd.DataFrame) -> Texts:
    """Indicators whose revisions share one factor, offset or line: in all, in a year, or of a place."""
    revised = pairs[pairs["apart"].abs() > SAME]
    found: Texts = {}
    for by, what in ((["indicator"], ""), (["indicator", "time_period"], " of {1}")):
        for key, group in revised.groupby(by):
            if change := common_change(group):
                found.setdefault(
                    str(key[0]), f"all revisions of {key[0]}{what.format(*key)} share one change: {change}"
                )
    places: dict[str, list[str]] = {}
    others = revised[~revised["indicator"].isin(found)]
    size = others["apart"].abs().groupby([others["indicator"], others["ref_area"]]).transform("median")
    for (indicator, place), group in others[size > RESTATED].groupby(["indicator", "ref_area"]):
        if change := common_change(group):
            places.setdefault(str(indicator), []).append(f"{place} {change}")
    for indicator, names in places.items():
        found.setdefault(
            indicator, f"all revisions of a place share one change in {indicator}: {listed(names)}"
        )
    return found


def common_change(revised: pd.DataFrame) -> str | None:
    """The factor, offset or line that all revisions share, in words; None if they share none."""
    value, held = revised["obs_value"].to_numpy(float), revised["held_value"].to_numpy(float)
    if len(value) < FEWEST or len(np.unique(held)) < FEWEST:
        return None
    if (held != 0).all() and _same(ratios := value / held, ratios - 1):
        return f"×{np.median(ratios):.6g}"
    if _same(offsets := value - held, offsets):
        return f"{np.median(offsets):+.6g}"
    if len(value) >= FEWEST_FOR_LINE and len(np.unique(held)) >= FEWEST_FOR_LINE:
        slope, intercept = np.polyfit(held, value, 1)
        residual = value - (slope * held + intercept)
        if np.sqrt(np.mean(residual**2)) <= SCATTER * np.sqrt(np.mean((value - held) ** 2)):
            return f"×{slope:.4g} {intercept:+.4g}"
    return None


def _same(each: Any, change: Any) -> bool:
    """Whether all changes are one change, within the scatter of rounding."""
    low, high = np.quantile(each, [0.05, 0.95]) if len(each) >= 20 else (each.min(), each.max())
    return bool(high - low <= SCATTER * abs(np.median(change)))


def reordered(pairs: pd.DataFrame) -> Texts:
    """Indicators with a year in which the ranks of places turn over."""
    found: Texts = {}
    for (indicator, year), group in pairs.groupby(["indicator", "time_period"]):
        if min(group["obs_value"].nunique(), group["held_value"].nunique()) < FEWEST_RANKED:
            continue
        correlation = group["obs_value"].rank().corr(group["held_value"].rank())
        if correlation < LOWEST_CORRELATION:
            found.setdefault(
                str(indicator),
                f"places of {indicator} {year} have other ranks than held (correlation {correlation:.2f})",
            )
    return found
