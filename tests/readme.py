"""The code that README.md prints, as somebody would paste it."""

import re
from textwrap import dedent

from city_indicators.core.paths import PROJECT

FENCED = re.compile(r"^ *```(\w*)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"`([^`\n]+)`")


def text() -> str:
    return (PROJECT / "README.md").read_text(encoding="utf-8")


def blocks() -> list[tuple[str, str]]:
    """Language and text of each block, in the order of the page."""
    return [(language, dedent(block)) for language, block in FENCED.findall(text())]


def inline() -> list[str]:
    """Code that stands within sentences."""
    return INLINE.findall(FENCED.sub("", text()))
