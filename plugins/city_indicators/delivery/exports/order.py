"""The order of an export, and the bounds of the process that writes it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from city_indicators.delivery.exports import Format

FEWER: Final = "select fewer rows with a condition (where=column=value)"
COMMAND: Final = "write it with `python -m city_indicators export`, which has no bounds"
"""What to do about an export that exceeds the bounds."""


@dataclass(frozen=True)
class Order:
    """An export that somebody requests. `url` is the address of the warehouse, with its password."""

    url: str = field(repr=False)
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
