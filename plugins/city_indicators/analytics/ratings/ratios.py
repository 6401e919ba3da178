"""Chooses the observations of a rating: one per indicator, and for a ratio two of the same geographic basis.

A value of a city must not be divided by one of its country, or the other way round.
"""

from typing import Final

import pandas as pd

from city_indicators.analytics.ratings.method import Method
from city_indicators.analytics.ratings.panel import KEY, UNIT, cell
from city_indicators.analytics.ratings.steps import LARGEST
from city_indicators.core.errors import MethodError

# The geographic basis of national observations.
NATIONAL: Final = "country"
PREFIX: Final = "denominator_"


def chosen(method: Method, values: pd.DataFrame) -> pd.DataFrame:
    """At most one row per period, unit and indicator, with the observation of its denominator.

    `values` has at most one national and one other row per period, unit and indicator, by geo_basis; without
    this column, one row. The row that is not national is preferred; for a ratio, the pair that is not
    national, then the national pair, then an observation without its denominator. Added columns are
    `denominator` (an indicator), and the columns of its observation with the prefix `denominator_`.

    Raises:
        MethodError: an observation is repeated, infinite or too large.
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
    divided_by = {leaf.indicator: leaf.denominator for leaf in method.entries}
    denominator = candidates["indicator"].map(divided_by).astype(candidates["indicator"].dtype)
    numerators = candidates.assign(denominator=denominator)
    names = {name: f"{PREFIX}{name}" for name in values if name not in UNIT}
    denominators = candidates.rename(columns={**names, "indicator": "denominator"})
    pairs = numerators.merge(denominators, "left", [*UNIT, "denominator", "national"])
    alone = pairs["denominator"].notna() & pairs[f"{PREFIX}obs_value"].isna()
    preferred = pairs.assign(alone=alone).sort_values(["alone", "national"], kind="stable")
    return preferred.drop_duplicates(KEY).drop(columns=["alone", "national"])
