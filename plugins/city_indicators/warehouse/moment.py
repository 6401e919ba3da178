"""Moments at which the warehouse is read: what was known then."""

from datetime import datetime
from typing import Final, Literal

Moment = datetime | Literal["infinity"]

NOW: Final = "infinity"
"""All that is known, whatever the clocks say."""
