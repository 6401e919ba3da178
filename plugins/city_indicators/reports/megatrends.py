"""Computes report.megatrend from the trends of places and the cases."""

import pandas as pd

from city_indicators.analytics.trends.declared import Declared
from city_indicators.analytics.trends.megatrends import Megatrends, megatrends
from city_indicators.catalog.reference import Reference
from city_indicators.reports.names import declared_names, with_names


def megatrend_table(
    trends: pd.DataFrame,
    cases: pd.DataFrame,
    windows_and_groups: Declared,
    declared: Megatrends,
    reference: Reference,
) -> pd.DataFrame:
    """All megatrends, with the columns of the table; `trends` and `cases` are as for `megatrends`."""
    windows = [window.id for window in windows_and_groups.windows]
    rows = megatrends(trends, cases, windows_and_groups.members(reference), windows, declared)
    for key, kind, entries in (
        ("megatrend", "megatrend", declared.trends),
        ("megatrend_direction", "direction", declared.directions),
        ("city_group", "group", windows_and_groups.groups),
        ("time_window", "window", windows_and_groups.windows),
    ):
        rows = with_names(rows, key, kind, declared_names(entries))
    return rows
