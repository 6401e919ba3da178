"""Short notation for observations in tests."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from city_indicators.analytics.trends.declared import Declared, load_declared
from city_indicators.analytics.trends.trend import trends
from city_indicators.catalog import load_catalogue

SHIPPED = load_declared(load_catalogue())


def declared(first: int | None = None, last: int | None = None, **changes: Any) -> Declared:
    """The declarations of the catalogue, with one window of the given years."""
    window = SHIPPED.windows[0].model_copy(update={"id": "all", "first": first, "last": last})
    return SHIPPED.model_copy(update={"windows": (window,), **changes})


def observations(
    observations: Mapping[int, float] | Sequence[float],
    status: Mapping[int, str] | None = None,
    ref_area: str = "here",
    indicator: str = "I",
) -> pd.DataFrame:
    """One series, by year or from 2001 on."""
    by_year = observations if isinstance(observations, Mapping) else dict(enumerate(observations, 2001))
    return pd.DataFrame(
        {
            "indicator": indicator,
            "ref_area": ref_area,
            "time_period": [str(year) for year in by_year],
            "obs_value": list(by_year.values()),
            "obs_status": [(status or {}).get(year, "A") for year in by_year],
        }
    )


def trend(*series: pd.DataFrame, **window: Any) -> Any:
    """The only row of the table of trends."""
    table = trends(pd.concat(series), declared(**window))
    assert len(table) == 1
    return table.iloc[0]
