"""The one clock of the pipeline; everything below the tasks is told the time."""

from datetime import UTC, datetime


def now() -> datetime:
    """The time of this moment, in UTC."""
    return datetime.now(UTC)
