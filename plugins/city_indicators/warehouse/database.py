"""Connections to the warehouse and the statements of include/sql."""

from functools import cache
from typing import Any

import pandas as pd
from sqlalchemy import URL, Connection, Engine, TextClause, create_engine, text
from sqlalchemy.pool import NullPool

from city_indicators.paths import SQL


def engine(url: URL) -> Engine:
    """An engine without a pool: a task opens one connection and ends."""
    return create_engine(url, poolclass=NullPool)


@cache
def statement(name: str) -> TextClause:
    """The statement of `include/sql/<name>.sql`, its parameters written `:name`."""
    return text((SQL / f"{name}.sql").read_text(encoding="utf-8"))


def frame(connection: Connection, name: str, **parameters: Any) -> pd.DataFrame:
    """The rows of a statement as a frame with the statement's column names."""
    result = connection.execute(statement(name), parameters)
    return pd.DataFrame(result.fetchall(), columns=list(result.keys()))


def rows(connection: Connection, name: str, **parameters: Any) -> list[dict[str, Any]]:
    """The rows of a statement, each by its column names."""
    return [dict(row) for row in connection.execute(statement(name), parameters).mappings()]
