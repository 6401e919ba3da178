"""Registers the formats of submitted files, which are not part of `sources`."""

from city_indicators.intake.submissions import connector as submission
from city_indicators.sources.connectors import CONNECTORS


def register_formats() -> None:
    """Let this process read the form that cities submit."""
    CONNECTORS["submission"] = submission
