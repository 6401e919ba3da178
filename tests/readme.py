"""The code blocks of README.md and of the pages of docs/, as a reader would paste them."""

import re
from pathlib import Path
from textwrap import dedent
from typing import Final

from city_indicators.core.paths import PROJECT

README: Final = PROJECT / "README.md"
TUTORIAL: Final = PROJECT / "docs" / "tutorial.md"
FOLLOWED: Final = (README, TUTORIAL)
"""The pages whose every command and query is run by the test of the demo."""

FENCED = re.compile(r"^ *```(\w*)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"`([^`\n]+)`")


def blocks(page: Path) -> list[tuple[str, str]]:
    """Language and text of each block, in the order of the page."""
    return [(language, dedent(block)) for language, block in FENCED.findall(_text(page))]


def inline(page: Path) -> list[str]:
    """Code within sentences."""
    return INLINE.findall(prose(page))


def prose(page: Path) -> str:
    """The page without its blocks."""
    return FENCED.sub("", _text(page))


def _text(page: Path) -> str:
    return page.read_text(encoding="utf-8")
