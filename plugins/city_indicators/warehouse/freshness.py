"""What is kept of when sources were asked, and of what people were told is late."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from city_indicators.warehouse.database import rows, statement


@dataclass(frozen=True)
class Late:
    """A source's indicator that is not as expected; `reason` is a code of report.freshness."""

    source: str
    source_name: str
    indicator: str
    reason: str
    expected_period: str
    newest_period: str | None
    last_asked_at: datetime | None
    last_changed_at: datetime | None
    last_loaded_at: datetime | None


def record_check(
    connection: Connection, source: str, revision: str | None, changed: bool, at: datetime
) -> None:
    """Keep that a source answered, and the revision that it tells; None if it tells none."""
    row = {"source": source, "revision": revision, "changed": changed, "checked_at": at}
    connection.execute(statement("freshness/record_check"), row)


def newly_late(connection: Connection, at: datetime) -> list[Late]:
    """What is late and was not told of, by source and reason; remembered as told at `at`.

    What has become fresh, or late for another reason, is told anew when it comes back. The memory is
    of the caller's transaction: who cannot tell it rolls back.
    """
    connection.execute(statement("freshness/forget_ended"))
    return [Late(**row) for row in rows(connection, "freshness/remember_new", told_at=at)]
