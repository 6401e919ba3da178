"""Ends the sessions of readers that exceed the limits of their role.

PostgreSQL lets every role lift its own timeouts, for a session (SET) and for good (ALTER ROLE), and no right
withholds that. The timeouts of include/sql/admin/roles.sql stop honest mistakes; this stops the rest.
"""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection

from city_indicators.warehouse.database import rows


class Limit(NamedTuple):
    """Seconds that a statement and a transaction of a role may take."""

    statement: int
    transaction: int


LIMITS: Final[Mapping[str, Limit]] = {"researcher": Limit(60, 600), "steward": Limit(300, 1800)}
"""The timeouts that roles.sql sets for these roles."""


def end_overlong(connection: Connection, limits: Mapping[str, Limit]) -> list[dict[str, Any]]:
    """End the sessions whose statement or transaction exceeds the limit of their role; returns them.

    The connection acts as role etl, or as an administrator.
    """
    return [
        session
        for role, limit in limits.items()
        for session in rows(connection, "readers/end_overlong", role=role, **limit._asdict())
    ]
