"""Lays out stacked bars: positive contributions to the right of zero, negative ones to the left."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate


@dataclass(frozen=True)
class Segment:
    """The segment of one part in a bar."""

    x: float
    width: float
    value: float


@dataclass(frozen=True)
class Bars:
    """The segments of each bar, the position of zero, and the right end of each bar."""

    zero: float
    segments: list[list[Segment]]
    ends: list[float]


def stacked(rows: Sequence[Sequence[float]], left: float, width: float) -> Bars:
    """Bars between `left` and `left + width`, on the scale of the longest bar on either side."""
    high = max((sum(_adding(row)) for row in rows), default=0.0)
    low = min((sum(_taking(row)) for row in rows), default=0.0)
    unit = width / (high - low) if high > low else 0.0
    zero = left - low * unit
    return Bars(
        zero,
        [_segments(row, zero, unit) for row in rows],
        [zero + sum(_adding(row)) * unit for row in rows],
    )


def _segments(row: Sequence[float], zero: float, unit: float) -> list[Segment]:
    rights, lefts = accumulate(_adding(row)), accumulate(_taking(row))
    return [
        # A segment to the left of zero starts at its far end.
        Segment(zero + (taken if value < 0 else added - value) * unit, abs(value) * unit, value)
        for value, added, taken in zip(row, rights, lefts, strict=True)
    ]


def _adding(row: Sequence[float]) -> list[float]:
    return [max(value, 0.0) for value in row]


def _taking(row: Sequence[float]) -> list[float]:
    return [min(value, 0.0) for value in row]
