"""Values with as many digits as a reader can use; the exact value stands in the title of its cell."""

from math import floor, log10
from typing import Final

from city_indicators.delivery.exports.texts import label_of
from city_indicators.delivery.numbers import Numbers

DIGITS: Final = 3
"""Significant digits of small values."""
SHARES: Final = "PT"


def sensible(value: float | None, unit: str, indicator: str, language: str) -> str:
    """Per cents to one decimal, others to three significant digits, but without losing any before the point.

    `unit` and `indicator` are ids of the catalogue; the value of a code is its label.
    """
    numbers = Numbers.of(language)
    if label := label_of(indicator, value, language):
        return label
    if value and unit == SHARES:
        return numbers.decimals(value)
    return numbers.number(rounded(value) if value else value)


def rounded(value: float) -> float:
    """A value, not zero, to three significant digits, and never coarser than to ones."""
    return round(value, max(0, DIGITS - 1 - floor(log10(abs(value)))))
