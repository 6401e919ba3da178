"""Frames into tables of ours."""

import pandas as pd
from sqlalchemy import Connection

from city_indicators.reports.tables import as_arrow
from city_indicators.warehouse.bulk import copy


def write(connection: Connection, table: str, rows: pd.DataFrame) -> None:
    """Append a frame to a table of ours; its columns are columns of the table."""
    copy(connection, table, [as_arrow(rows)])
