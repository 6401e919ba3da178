"""report.megatrend, from the trends of places and the base of cases."""

from sqlalchemy import Connection

from city_indicators.catalog.reference import Reference
from city_indicators.reports.names import declared_names, with_names
from city_indicators.reports.trends import as_arrow
from city_indicators.trends.declared import Declared
from city_indicators.trends.megatrends import Megatrends, megatrends
from city_indicators.warehouse.bulk import copy
from city_indicators.warehouse.database import frame, statement


def refresh_megatrends(
    connection: Connection, declared: Declared, told: Megatrends, reference: Reference
) -> None:
    """Write all megatrends anew, by what report.trend and the base of cases hold now."""
    trends = frame(connection, "report/megatrend_inputs", indicators=told.indicators)
    cases = frame(connection, "report/case_links")
    windows = [window.id for window in declared.windows]
    rows = megatrends(trends, cases, declared.members(reference), windows, told)
    for key, kind, entries in (
        ("megatrend", "megatrend", told.trends),
        ("megatrend_direction", "direction", told.directions),
        ("city_group", "group", declared.groups),
        ("time_window", "window", declared.windows),
    ):
        rows = with_names(rows, key, kind, declared_names(entries))
    connection.execute(statement("report/clear_megatrend"))
    copy(connection, "report.megatrend", [as_arrow(rows)])
