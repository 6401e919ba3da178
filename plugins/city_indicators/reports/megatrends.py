"""report.megatrend, from the trends of places and the base of cases."""

import pandas as pd

from city_indicators.analytics.trends.declared import Declared
from city_indicators.analytics.trends.megatrends import Megatrends, megatrends
from city_indicators.catalog.reference import Reference
from city_indicators.reports.names import declared_names, with_names


def megatrend_table(
    trends: pd.DataFrame, cases: pd.DataFrame, declared: Declared, told: Megatrends, reference: Reference
) -> pd.DataFrame:
    """All megatrends, with the columns of the table; `trends` and `cases` are as for `megatrends`."""
    windows = [window.id for window in declared.windows]
    rows = megatrends(trends, cases, declared.members(reference), windows, told)
    for key, kind, entries in (
        ("megatrend", "megatrend", told.trends),
        ("megatrend_direction", "direction", told.directions),
        ("city_group", "group", declared.groups),
        ("time_window", "window", declared.windows),
    ):
        rows = with_names(rows, key, kind, declared_names(entries))
    return rows
