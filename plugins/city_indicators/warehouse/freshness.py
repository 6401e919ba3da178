"""What is kept of when sources were asked, and of what people were told is overdue."""

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
    """Keep that a source answered, and the revision that it tells; None if it tells none."""
    row = {"source": source, "revision": revision, "changed": changed, "checked_at": at}
    connection.execute(statement("freshness/record_check"), row)


def first_year_of_other_revision(connection: Connection, source: str, revision: str) -> int | None:
    """The first year that was last validated under another revision than the source tells.

    None if there is none, or if the run that the watch has started for this revision cannot load it.
    """
    row = {"source": source, "revision": revision}
    year: int | None = connection.execute(statement("freshness/first_year_of_other_revision"), row).scalar()
    return year


def overdue_year(connection: Connection, source: str) -> int | None:
    """The first year that a source should have by now and has not; None within a week of its being asked."""
    year: int | None = connection.execute(statement("freshness/overdue_year"), {"source": source}).scalar()
    return year


def newly_overdue(connection: Connection, at: datetime) -> list[Overdue]:
    """What is overdue and was not told of, by source and reason; remembered as told at `at`.

    What has become fresh is told anew when it comes back. The memory is of the caller's transaction: who
    cannot tell it rolls back.
    """
    connection.execute(statement("freshness/forget_ended"))
    return [Overdue(**row) for row in rows(connection, "freshness/remember_new", alerted_at=at)]
