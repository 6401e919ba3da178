"""The clock of the pipeline. Only tasks read it; all other code gets the time as an argument."""

from datetime import UTC, datetime


def now() -> datetime:
    """The current time, in UTC."""
    return datetime.now(UTC)
