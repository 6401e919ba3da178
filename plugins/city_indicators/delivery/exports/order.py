"""The order of an export, and the bounds of the process that writes it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from city_indicators.delivery.exports import Format

FEWER: Final = "select fewer rows with a condition (where=column=value)"
COMMAND: Final = "write it with `python -m city_indicators export`, which has no bounds"
"""What to do about an export that exceeds the bounds."""


@dataclass(frozen=True)
class Order:
    """An export that somebody requests.

    `url` is the address of the warehouse by its parts, with its password: the text of an address whose host
    is the folder of a socket could not be read back.
    """

    url: Mapping[str, Any] = field(repr=False)
    name: str
    where: Sequence[str]
    format: Format
    language: str


@dataclass(frozen=True)
class Bounds:
    """What one export may take: rows of each table by format, seconds, bytes of memory and of a file."""

    rows: Mapping[Format, int]
    seconds: int
    memory: int
    disk: int
