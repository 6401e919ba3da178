"""What report tables are made of: vintages, and the tables of cities.

A report is a function of three things that the warehouse keeps for ever: the figures known at a moment,
the reference (cities, groups, preferences) and the method.
"""

from dataclasses import dataclass

import pandas as pd
from sqlalchemy import Connection

from city_indicators.catalog.reference import Reference
from city_indicators.warehouse.database import frame
from city_indicators.warehouse.moment import NOW, Moment


@dataclass(frozen=True)
class Vintage:
    """What was known: `known_at` says when, and figures first known after `keys_known_at` are left out."""

    known_at: Moment = NOW
    keys_known_at: Moment = NOW


def city_tables(connection: Connection, reference: Reference, known_at: Moment) -> dict[str, pd.DataFrame]:
    """city_profile and data_coverage with the columns of the tables of the same name."""
    parameters = {**reference.parameters(), "known_at": known_at}
    return {
        name: frame(connection, f"report/{name}", **parameters) for name in ("city_profile", "data_coverage")
    }
