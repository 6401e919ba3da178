"""Which of the observations at hand a rating takes: of an indicator one, of a ratio two that fit together.

A city's observation divided by that of its country, or the other way round, would be an observation of neither.
"""

from typing import Final

import numpy as np
import pandas as pd

from city_indicators.analytics.ratings.method import Method
from city_indicators.analytics.ratings.panel import KEY, UNIT, cell
from city_indicators.core.errors import MethodError

# The geographic basis above all others.
NATIONAL: Final = "country"
PREFIX: Final = "denominator_"


def chosen(method: Method, values: pd.DataFrame) -> pd.DataFrame:
    """At most one row a period, unit and indicator, with the observation by which that is divided.

    `values` has, of a period, unit and indicator, at most one row that is national and one that is not, by
    its geo_basis; without this column, one in all. The one below national is taken; of a ratio, the pair
    below national, else the national pair, else an observation that stands without its denominator. The further
    columns are `denominator`, an indicator, and those of its observation with the prefix `denominator_`.

    Raises:
        MethodError: an observation stands twice or is infinite.
    """
    national = values["geo_basis"] == NATIONAL if "geo_basis" in values else False
    candidates = values.assign(national=national)
    if (repeated := candidates.duplicated([*KEY, "national"])).any():
        raise MethodError(f"{cell(values[repeated].iloc[0])} has several values: pass one of them")
    if (infinite := np.isinf(values["obs_value"])).any():
        raise MethodError(f"{cell(values[infinite].iloc[0])} is infinite: pass a number, or leave it empty")
    divided_by = {leaf.indicator: leaf.denominator for leaf in method.entries}
    denominator = candidates["indicator"].map(divided_by).astype(candidates["indicator"].dtype)
    numerators = candidates.assign(denominator=denominator)
    names = {name: f"{PREFIX}{name}" for name in values if name not in UNIT}
    denominators = candidates.rename(columns={**names, "indicator": "denominator"})
    pairs = numerators.merge(denominators, "left", [*UNIT, "denominator", "national"])
    alone = pairs["denominator"].notna() & pairs[f"{PREFIX}obs_value"].isna()
    preferred = pairs.assign(alone=alone).sort_values(["alone", "national"], kind="stable")
    return preferred.drop_duplicates(KEY).drop(columns=["alone", "national"])
