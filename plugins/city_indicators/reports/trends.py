"""Computes report.trend, report.convergence and report.city_system, indicator by indicator."""

from collections.abc import Iterator
from typing import Final

import pandas as pd
from sqlalchemy import Connection

from city_indicators.analytics.trends.city_system import city_systems
from city_indicators.analytics.trends.convergence import convergence
from city_indicators.analytics.trends.declared import Declared
from city_indicators.analytics.trends.trend import trends
from city_indicators.catalog.reference import Reference
from city_indicators.reports.names import declared_names, with_names
from city_indicators.reports.write import delete, write
from city_indicators.warehouse.database import frame
from city_indicators.warehouse.moment import NOW, Moment

OF_SERIES: Final = ["unit_measure", "geo_basis", "source"]
OBSERVATIONS_AT_ONCE: Final = 500_000


def refresh_trends(
    connection: Connection,
    declared: Declared,
    reference: Reference,
    indicators: list[str] | None,
    known_at: Moment,
) -> None:
    """Recompute the rows of some indicators, or of all if `indicators` is None, as of a point in time."""
    some_indicators = {} if indicators is None else {"indicator": indicators}
    for name in ("trend", "convergence", "city_system"):
        delete(connection, name, **some_indicators)
    for some in _batches(connection, indicators):
        for name, rows in trend_tables(connection, declared, reference, some, known_at).items():
            write(connection, name, rows)


def _batches(connection: Connection, indicators: list[str] | None) -> Iterator[list[str]]:
    """The indicators, in batches whose observations fit into memory."""
    counted = frame(connection, "reports/trend/observations_by_indicator", indicators=indicators)
    for _, batch in counted.groupby(counted["observations"].astype(int).cumsum() // OBSERVATIONS_AT_ONCE):
        yield list(batch["indicator"])


def trend_tables(
    connection: Connection,
    declared: Declared,
    reference: Reference,
    indicators: list[str],
    known_at: Moment = NOW,
) -> dict[str, pd.DataFrame]:
    """The three tables by name, for some indicators, from the observations known at a point in time.

    Names of places and indicators are the current ones.
    """
    observations = frame(
        connection, "reports/trend/inputs", **reference.parameters(), known_at=known_at, indicators=indicators
    )
    names = frame(connection, "export/code_names")
    members = declared.members(reference)
    series = observations[["indicator", "ref_area", *OF_SERIES]].drop_duplicates(["indicator", "ref_area"])
    tables = {
        "trend": trends(observations, declared).merge(series, on=["indicator", "ref_area"]),
        "convergence": convergence(observations, members, declared),
        "city_system": city_systems(observations, members, declared).astype({"time_period": str}),
    }
    lists = {
        "indicator": ("indicator", names[names["list"] == "indicator"]),
        "ref_area": ("place", names[names["list"] == "place"]),
        "time_window": ("window", declared_names(declared.windows)),
        "city_group": ("group", declared_names(declared.groups)),
    }
    for key, (kind, of_list) in lists.items():
        for name, rows in tables.items():
            if key in rows:
                tables[name] = with_names(rows, key, kind, of_list)
    return tables
