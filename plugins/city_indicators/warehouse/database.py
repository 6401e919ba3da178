"""Connects to the warehouse and runs the statements of include/sql."""

from functools import cache
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import URL, Connection, Engine, ExceptionContext, TextClause, create_engine, event, text
from sqlalchemy.pool import NullPool

from city_indicators.core.errors import LockHeldError
from city_indicators.core.paths import SQL

if TYPE_CHECKING:
    import pandas as pd

CONNECT_SECONDS: Final = 10
READERS: Final = 10
"""How many connections a process that answers requests keeps open: a new one costs more than a page."""


def engine(url: URL) -> Engine:
    """Create an engine without a connection pool: a task opens one connection and ends.

    A statement that exceeds the lock timeout of its role raises LockHeldError, which names the sessions that
    hold the lock.
    """
    return _naming(create_engine(url, poolclass=NullPool, connect_args={"connect_timeout": CONNECT_SECONDS}))


@cache
def pooled(url: URL) -> Engine:
    """The engine of a process that answers many requests: READERS connections stay open for the next ones."""
    # An upgrade of the warehouse would break statements that open connections have prepared.
    options = {"connect_timeout": CONNECT_SECONDS, "prepare_threshold": None}
    return _naming(
        create_engine(url, pool_size=READERS, max_overflow=-1, pool_pre_ping=True, connect_args=options)
    )


def _naming(made: Engine) -> Engine:
    event.listen(made, "handle_error", _name_holders)
    return made


def _name_holders(failure: ExceptionContext) -> None:
    from psycopg.errors import LockNotAvailable

    if not isinstance(failure.original_exception, LockNotAvailable) or failure.engine is None:
        return
    # The failed transaction accepts no more statements.
    with failure.engine.connect() as connection:
        holders = rows(connection, "admin/lock_holders")
    sessions = ["session {pid}, {at}, {state} since {since}: {query}".format(**each) for each in holders]
    raise LockHeldError(sessions, holders[0]["pid"] if holders else None) from failure.original_exception


@cache
def statement(name: str) -> TextClause:
    """The statement of `include/sql/<name>.sql`, its parameters written `:name`."""
    return text((SQL / f"{name}.sql").read_text(encoding="utf-8"))


def script(connection: Connection, text: str) -> None:
    """Run statements without parameters, one after the other."""
    connection.exec_driver_sql(text, execution_options={"no_parameters": True})


def rows_of(table: "pd.DataFrame") -> list[dict[str, Any]]:
    """The rows of a frame as the database gives them: None for what is absent."""
    return table.astype(object).where(table.notna(), None).to_dict("records")  # type: ignore[return-value]


def frame(connection: Connection, name: str, **parameters: Any) -> "pd.DataFrame":
    """The rows of a statement as a frame with the statement's column names."""
    # Importing pandas is slow, and a DAG file needs only the engine.
    import pandas as pd

    result = connection.execute(statement(name), parameters)
    # Of other sequences than tuples pandas looks at every one first, which takes longer than the query.
    return pd.DataFrame(list(map(tuple, result)), columns=list(result.keys()))


def rows(connection: Connection, name: str, **parameters: Any) -> list[dict[str, Any]]:
    """The rows of a statement, each by its column names."""
    return [dict(row) for row in connection.execute(statement(name), parameters).mappings()]
