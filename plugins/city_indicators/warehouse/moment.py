"""Points in time as of which the warehouse is queried."""

from datetime import datetime
from typing import Final, Literal

Moment = datetime | Literal["infinity"]

NOW: Final = "infinity"
"""Everything that is known, independent of clocks."""
