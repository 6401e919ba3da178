"""Takes over a warehouse that was created by the migrations before the baseline."""

from collections.abc import Callable
from typing import Final

from sqlalchemy import Connection

from city_indicators.core.errors import AlteredWarehouseError, NewerWarehouseError, OlderWarehouseError
from city_indicators.warehouse.database import statement

LAST: Final = "0028"
"""The migration that gives the same tables as the baseline."""
COMMIT: Final = "48a16c9"
"""The last commit that contains the migrations before the baseline."""


def take_over(connection: Connection, make_baseline: Callable[[], None]) -> bool:
    """Take over a database whose tables come from the migrations before the baseline.

    Returns whether it was such a database.

    The tables are compared with those that `make_baseline` creates in a transaction that is rolled back.

    Raises:
        OlderWarehouseError: the database lacks some of those migrations.
        NewerWarehouseError: the database has an unknown migration.
        AlteredWarehouseError: the database has all migrations, but its tables differ from the baseline.
    """
    if not connection.execute(statement("admin/has_alembic_version")).scalar_one():
        return False
    version = connection.execute(statement("admin/alembic_version")).scalar_one()
    if version < LAST:
        raise OlderWarehouseError(version, LAST, COMMIT)
    if version > LAST:
        raise NewerWarehouseError(version, LAST)
    found = _described(connection)
    # Both sets of tables exist side by side in this transaction: rows stay, and nobody waits for a lock.
    with connection.begin_nested() as aside:
        connection.execute(statement("admin/set_aside"))
        make_baseline()
        expected = _described(connection)
        aside.rollback()
    if found != expected:
        raise AlteredWarehouseError(LAST, sorted(found - expected), sorted(expected - found))
    connection.execute(statement("admin/drop_alembic_version"))
    return True


def _described(connection: Connection) -> set[str]:
    return set(connection.execute(statement("admin/tables_described")).scalars())
