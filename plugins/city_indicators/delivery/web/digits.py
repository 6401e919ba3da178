"""Values with as many digits as a reader can use; the exact value stands in the title of its cell."""

from math import floor, log10
from typing import Final

from city_indicators.core.languages import words
from city_indicators.delivery.exports.texts import label_of
from city_indicators.delivery.numbers import Numbers
from city_indicators.delivery.web.labels import Labels

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


def slope(value: float, language: str) -> str:
    """A change a year with its sign, to three significant digits."""
    shown = Numbers.of(language).number(rounded(value) if value else value)
    return f"+{shown}" if value > 0 else shown


def unit_of_change(unit: str, labels: Labels, language: str) -> str:
    """The unit of a change: that of the values, but a per cent changes by percentage points."""
    return words(language).gettext("percentage points") if unit == SHARES else labels("unit_measure", unit)
