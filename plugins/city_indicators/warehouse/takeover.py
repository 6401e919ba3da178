"""Takes over a warehouse that was made by the migrations from before the baseline."""

from collections.abc import Callable
from typing import Final

from sqlalchemy import Connection

from city_indicators.core.errors import AlteredWarehouseError, NewerWarehouseError, OlderWarehouseError
from city_indicators.warehouse.database import statement

LAST: Final = "0028"
"""The migration whose tables the baseline makes."""
COMMIT: Final = "48a16c9"
"""The last commit that has the migrations from before the baseline."""


def take_over(connection: Connection, make_baseline: Callable[[], None]) -> bool:
    """Whether the database has the tables of the baseline from the migrations before it.

    They are compared with those that `make_baseline` makes, of which nothing stays.

    Raises:
        OlderWarehouseError: it has not seen all of those migrations.
        NewerWarehouseError: it has seen one that never was among them.
        AlteredWarehouseError: it has seen them, but its tables are not those of the baseline.
    """
    if not connection.execute(statement("admin/has_alembic_version")).scalar_one():
        return False
    version = connection.execute(statement("admin/alembic_version")).scalar_one()
    if version < LAST:
        raise OlderWarehouseError(version, LAST, COMMIT)
    if version > LAST:
        raise NewerWarehouseError(version, LAST)
    found = _described(connection)
    # Beside each other within this transaction: the tables keep their rows, and nobody waits for a lock.
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
