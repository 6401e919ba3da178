"""Compares the clock of a worker with that of the database, so that no load is known before its time."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Row

from city_indicators.core.errors import ClockError
from city_indicators.warehouse.database import statement

TOLERANCE: Final = timedelta(minutes=5)
"""How far the clocks of worker and database may be apart."""


def check_fetched(connection: Connection, source: str, times: Iterable[datetime]) -> None:
    """Check that nothing was fetched in the future.

    Raises:
        ClockError: a time is later than the database's.
    """
    clock = _clock(connection, source)
    latest = max(times, default=clock.database_time)
    if latest > clock.database_time + TOLERANCE:
        raise ClockError(f"source {source}: an answer was fetched at", latest, clock.database_time)


def known_from(connection: Connection, source: str, time: datetime) -> datetime:
    """The time from which a load is known: never before that of the source's latest load.

    Raises:
        ClockError: the time is later than the database's, or earlier than that of the latest load.
    """
    clock = _clock(connection, source)
    if time > clock.database_time + TOLERANCE:
        raise ClockError(f"source {source}: the worker's clock says", time, clock.database_time)
    latest = clock.last_published_at or time
    if time < latest - TOLERANCE:
        raise ClockError(
            f"source {source}: its latest load was published at {latest}, and the worker's clock says",
            time,
            clock.database_time,
        )
    return max(time, latest)


def _clock(connection: Connection, source: str) -> Row[Any]:
    return connection.execute(statement("publish/clock"), {"source": source}).one()
