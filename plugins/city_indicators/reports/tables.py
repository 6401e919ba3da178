"""Data vintages, and the report tables that are plain queries.

A report is a function of three things that the warehouse never deletes: the observations known at a point in
time, the reference (cities, groups, preferences) and the method.
"""

from dataclasses import dataclass

import pandas as pd
from sqlalchemy import Connection

from city_indicators.catalog.reference import Reference
from city_indicators.warehouse.database import frame
from city_indicators.warehouse.moment import NOW, Moment
from city_indicators.warehouse.report_tables import report_tables


@dataclass(frozen=True)
class Vintage:
    """A data vintage: data known at `known_at`, without observations first known after `keys_known_at`."""

    known_at: Moment = NOW
    keys_known_at: Moment = NOW


def queried_tables(connection: Connection, reference: Reference, known_at: Moment) -> dict[str, pd.DataFrame]:
    """The tables computed by the query.sql in their folder, for example city_profile, at a point in time."""
    parameters = {**reference.parameters(), "known_at": known_at}
    computed = [table for table in report_tables().values() if table.is_computed]
    names = [table.name for table in computed if table.file.with_name("query.sql").exists()]
    return {name: frame(connection, f"reports/{name}/query", **parameters) for name in names}
