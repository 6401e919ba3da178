"""What report tables are made of: vintages, and the tables of cities.

A report is a function of three things that the warehouse keeps for ever: the observations known at a moment,
the reference (cities, groups, preferences) and the method.
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
    """What was known: `known_at` says when, and observations first known after `keys_known_at` are left out."""

    known_at: Moment = NOW
    keys_known_at: Moment = NOW


def queried_tables(connection: Connection, reference: Reference, known_at: Moment) -> dict[str, pd.DataFrame]:
    """The tables that a query of their folder makes, such as city_profile, with the observations of a moment."""
    parameters = {**reference.parameters(), "known_at": known_at}
    computed = [table for table in report_tables().values() if table.is_computed]
    names = [table.name for table in computed if table.file.with_name("query.sql").exists()]
    return {name: frame(connection, f"reports/{name}/query", **parameters) for name in names}
