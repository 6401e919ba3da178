"""Chooses the observations of a rating: one per indicator, and for a ratio two of the same geographic basis.

A value of a city must not be divided by one of its country, or the other way round.
"""

from collections.abc import Collection, Mapping
from typing import Final

import pandas as pd

from city_indicators.analytics.ratings.method import Method
from city_indicators.analytics.ratings.panel import KEY, PART, SIZES, UNIT, cell
from city_indicators.analytics.ratings.steps import LARGEST
from city_indicators.core.errors import MethodError

# The geographic basis of national observations.
NATIONAL: Final = "country"
PREFIX: Final = "denominator_"


def chosen(method: Method, values: pd.DataFrame) -> pd.DataFrame:
    """At most one row per period, unit and part (an indicator by its id), with its denominator's observation.

    `values` has at most one national and one other row per period, unit and indicator, by geo_basis; without
    this column, one row. The row that is not national is preferred; for a ratio, the pair that is not
    national, then the national pair, then an observation without its denominator. An observation of a
    geographic basis that the method does not list for a part is left out. Added columns are `indicator_id`,
    `denominator` (an indicator), and the columns of its observation with the prefix `denominator_`.

    Raises:
        MethodError: an observation is repeated, infinite or too large, or has no geo_basis to be limited by.
    """
    national = values["geo_basis"] == NATIONAL if "geo_basis" in values else False
    candidates = values.assign(national=national)
    if (repeated := candidates.duplicated([*KEY, "national"])).any():
        raise MethodError(f"{cell(values[repeated].iloc[0])} has several values: pass one of them")
    if (large := values["obs_value"].abs() > LARGEST).any():
        row = values[large].iloc[0]
        raise MethodError(
            f"{cell(row)}: {row['obs_value']:g} is beyond ±{LARGEST:g}, within which sums and powers stay "
            "finite. Next step: give it in a greater unit, or leave it empty"
        )
    kind = candidates["indicator"].dtype
    numerators = candidates.merge(_parts(method).astype({"indicator": kind, "denominator": kind}))
    numerators = numerators[_allowed(numerators, method)]
    names = {name: f"{PREFIX}{name}" for name in values if name not in UNIT}
    denominators = candidates.rename(columns={**names, "indicator": "denominator"})
    pairs = numerators.merge(denominators, "left", [*UNIT, "denominator", "national"])
    alone = pairs["denominator"].notna() & pairs[f"{PREFIX}obs_value"].isna()
    preferred = pairs.assign(alone=alone).sort_values(["alone", "national"], kind="stable")
    return preferred.drop_duplicates(PART).drop(columns=["alone", "national"])


def _parts(method: Method) -> pd.DataFrame:
    """The indicators of a method, by id, with their denominators, and that of the size classes."""
    parts = [(leaf.id, leaf.indicator, leaf.denominator) for leaf in method.entries]
    sizes = [(SIZES, method.size_classes.indicator, None)] if method.size_classes else []
    return pd.DataFrame([*parts, *sizes], columns=["indicator_id", "indicator", "denominator"])


def of_bases(values: pd.DataFrame, column: str, limits: Mapping[str, Collection[str]]) -> "pd.Series[bool]":
    """Which values are of a geographic basis that is allowed for what a column names, or not limited."""
    allowed = pd.Series(True, values.index)
    for name, bases in limits.items():
        allowed &= (values[column] != name) | values["geo_basis"].isin(bases)
    return allowed


def _allowed(values: pd.DataFrame, method: Method) -> "pd.Series[bool]":
    """Which values are of a geographic basis that the method allows."""
    limits = {leaf.id: leaf.geo_basis for leaf in method.entries if leaf.geo_basis}
    if limits and "geo_basis" not in values:
        raise MethodError(
            f"the method limits the geo_basis of {sorted(limits)}, but the values have no geo_basis. "
            "Next step: add a column geo_basis, or leave out the limit"
        )
    return of_bases(values, "indicator_id", limits)
