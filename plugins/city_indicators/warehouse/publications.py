"""Holds back publications for a moment at which nothing is half known."""

from sqlalchemy import Connection

from city_indicators.warehouse.database import statement


def block_publications(connection: Connection) -> None:
    """Wait until no publication is running, and block new ones for this transaction.

    Raises:
        LockHeldError: a publication did not end within the lock timeout.
    """
    while True:
        attempt = connection.begin_nested()
        busy = connection.execute(statement("publish/hold_publications")).scalar()
        if busy is None:
            attempt.commit()
            return
        # Release all locks while waiting for one source: a stuck source must not stop the others.
        attempt.rollback()
        with connection.begin_nested() as waiting:
            connection.execute(statement("publish/wait_for_publication"), {"source": busy})
            waiting.rollback()
