"""City systems: concentration and size distribution of the cities of a group, by year."""

from typing import Any, Final

import numpy as np
import pandas as pd

from city_indicators.analytics.trends.concentration import gini, herfindahl, primacy, theil, zipf
from city_indicators.analytics.trends.convergence import Members
from city_indicators.analytics.trends.declared import Declared, LeastPlaces
from city_indicators.analytics.trends.series import checked
from city_indicators.analytics.trends.statistics import Array

CITY_SYSTEM: Final = [
    *("indicator", "city_group", "level", "time_period", "places", "total", "gini", "theil", "hhi"),
    *("primacy_two", "primacy_share", "primacy_four", "sigma", "variation", "zipf_exponent", "zipf_se"),
    *("zipf_places", "size_reason", "zipf_reason", "counted_places"),
]


def city_systems(observations: pd.DataFrame, members: Members, declared: Declared) -> pd.DataFrame:
    """The measures of every group and year, for the indicators of size, with the columns CITY_SYSTEM.

    `observations` is as for trends; projections (F) are left out. `sigma` is the standard deviation of the
    logarithms, `variation` the coefficient of variation, both with n - 1.

    Raises:
        TrendError: a place has two observations of an indicator in one year.
    """
    rows = checked(observations[observations["indicator"].isin(declared.sizes)])
    observed = rows[rows["obs_status"].ne("F") & np.isfinite(rows["obs_value"])]
    found = [
        {
            **{"indicator": indicator, "city_group": group, "level": level, "time_period": year},
            **of_sizes(of_year["obs_value"].to_numpy(), declared.least_places),
            "counted_places": list(of_year["ref_area"]),
        }
        for (group, level), places in members.items()
        for (indicator, year), of_year in observed[observed["ref_area"].isin(places)].groupby(
            ["indicator", "time_period"], observed=True
        )
    ]
    return pd.DataFrame(found, columns=CITY_SYSTEM)


def of_sizes(sizes: Array, least: LeastPlaces) -> dict[str, Any]:
    """The measures of one city system."""
    reason = _reason(sizes, least.concentration)
    found: dict[str, Any] = {"places": len(sizes), "total": float(sizes.sum()), "size_reason": reason}
    if reason is None:
        found |= {"gini": gini(sizes), "theil": theil(sizes), "hhi": herfindahl(sizes)}
        found |= zip(("primacy_two", "primacy_share", "primacy_four"), primacy(sizes), strict=True)
        found["sigma"] = float(np.log(sizes).std(ddof=1))
        found["variation"] = float(sizes.std(ddof=1) / sizes.mean())
    found["zipf_reason"] = reason or _reason(sizes, least.zipf) or _same(sizes)
    if found["zipf_reason"] is None:
        measured = zipf(sizes, least.zipf_largest)
        found |= zip(("zipf_exponent", "zipf_se", "zipf_places"), measured, strict=True)
    return found


def _reason(sizes: Array, places: int) -> str | None:
    if len(sizes) < places:
        return "too_few_places"
    return "not_positive" if sizes.min() <= 0 else None


def _same(sizes: Array) -> str | None:
    return "constant" if (sizes == sizes[0]).all() else None
