"""Records checks of sources and freshness alerts, and finds sources with overdue data."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from city_indicators.warehouse.database import rows, statement


@dataclass(frozen=True)
class Overdue:
    """A source's indicator that is not as expected; `reason` is a code of report.freshness."""

    source: str
    source_name: str
    indicator: str
    reason: str
    expected_period: str
    newest_period: str | None
    last_requested_at: datetime | None
    last_changed_at: datetime | None
    last_loaded_at: datetime | None


def record_check(
    connection: Connection, source: str, revision: str | None, changed: bool, at: datetime
) -> None:
    """Record that a source answered, and the revision that it serves; None if it has no revision."""
    row = {"source": source, "revision": revision, "changed": changed, "checked_at": at}
    connection.execute(statement("freshness/record_check"), row)


def first_year_of_other_revision(connection: Connection, source: str, revision: str) -> int | None:
    """The first year whose last validated load has another revision than the source serves now.

    None if there is no such year, or if the run started for this revision failed with a terminal error.
    """
    row = {"source": source, "revision": revision}
    year: int | None = connection.execute(statement("freshness/first_year_of_other_revision"), row).scalar()
    return year


def overdue_year(connection: Connection, source: str) -> int | None:
    """The first overdue year of a source; None if it was requested within a week."""
    year: int | None = connection.execute(statement("freshness/overdue_year"), {"source": source}).scalar()
    return year


def newly_overdue(connection: Connection, at: datetime) -> list[Overdue]:
    """The overdue indicators without an alert, by source and reason; records them as alerted at `at`.

    An indicator that becomes fresh and overdue again is alerted again. The alerts are recorded in the
    caller's transaction: a caller that fails to send them rolls back.
    """
    connection.execute(statement("freshness/forget_ended"))
    return [Overdue(**row) for row in rows(connection, "freshness/remember_new", alerted_at=at)]
