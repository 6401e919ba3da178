"""The wire formats that are read above `sources`."""

from city_indicators.intake.submissions import connector as submission
from city_indicators.sources.connectors import CONNECTORS


def register_formats() -> None:
    """Let this process read what people send, too: the form of cities."""
    CONNECTORS["submission"] = submission
