"""Numbers, shares, dates and lists as readers of a language write them."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache, lru_cache
from typing import Any, Final, Self

from babel import Locale
from babel.dates import format_date, format_time
from babel.lists import format_list
from babel.numbers import format_compact_decimal, format_decimal, format_percent
from babel.units import format_unit

NOTHING: Final = "–"
GROUPED_FROM: Final = 10_000
FIVE_DIGITS: Final = "@####"
ALL_DIGITS: Final = "@" + 14 * "#"
UNITS: Final = {"day": 86_400, "hour": 3600, "minute": 60, "second": 1}
"""Units of a length of time, in seconds."""
KEPT: Final = 50_000
"""How many formatted numbers a process keeps: pages show the same ones again, and Babel is slow."""
LOCALES: Final = {"en": "en_GB"}
"""English with the day before the month, as readers outside North America write it."""


@dataclass(frozen=True)
class Numbers:
    """The formats of one language, by the rules of Unicode CLDR. An absent value is a dash."""

    locale: Locale

    @classmethod
    def of(cls, language: str) -> Self:
        """Those of a language by its code."""
        return cls(Locale.parse(LOCALES.get(language, language)))

    def number(self, value: float | None) -> str:
        """A value to five digits; from 10,000 on in groups of three and without decimals."""
        return self._digits(
            value, FIVE_DIGITS if abs(value or 0) < GROUPED_FROM else _grouped(self.locale, 0)
        )

    def exact(self, value: float | None) -> str:
        """A value with all its digits, as many as a double precision holds."""
        return self._digits(value, ALL_DIGITS)

    def decimals(self, value: float | None, decimals: int = 1) -> str:
        """A value, such as a score, to a number of decimals."""
        return (
            NOTHING if value is None else _decimal(str(value), _grouped(self.locale, decimals), self.locale)
        )

    def percent(self, share: float | None, decimals: int = 1) -> str:
        """A share (0 to 1) in per cent."""
        if share is None:
            return NOTHING
        return _percent(str(share), decimals, self.locale)

    def difference(self, share: float | None) -> str:
        """A relative difference in per cent, with its sign."""
        return _signed(share, self.percent(share))

    def change(self, value: float | None) -> str:
        """A difference of scores to two decimals, with its sign; 0 if nothing changed."""
        return "0" if value is not None and not round(value, 2) else _signed(value, self.decimals(value, 2))

    def day(self, on: date | datetime | None) -> str:
        """A date."""
        return NOTHING if on is None else str(format_date(on, "medium", self.locale))

    def moment(self, at: datetime | None) -> str:
        """A time to the minute, in UTC."""
        if at is None:
            return NOTHING
        utc = at.astimezone(UTC)
        joined = self.locale.datetime_formats["medium"]
        return f"{joined.format(format_time(utc, 'HH:mm', locale=self.locale), self.day(utc.date()))} UTC"

    def duration(self, seconds: float | None) -> str:
        """A length of time in its two largest units that are not zero: "1 hr 30 mins" in English."""
        if seconds is None:
            return NOTHING
        left = round(seconds)
        parts: list[str] = []
        for unit, length in UNITS.items():
            count, left = divmod(left, length)
            if count or (unit == "second" and not parts):
                parts.append(format_unit(count, f"duration-{unit}", "short", locale=self.locale))
        return " ".join(parts[:2])

    def size(self, byte_count: float) -> str:
        """A number of bytes in kB, or in MB from the first one on."""
        unit, large = ("megabyte", 1e6) if byte_count >= 1e6 else ("kilobyte", 1e3)
        shown = self.decimals(byte_count / large, 0 if byte_count >= 10 * large else 1)
        return str(format_unit(shown, unit, "short", locale=self.locale))

    def enumeration(self, texts: Iterable[Any]) -> str:
        """Several texts as a list: "a, b and c" in English."""
        return str(format_list([str(text) for text in texts], locale=self.locale))

    def in_charts(self) -> dict[str, Any]:
        """The number locale of a Vega specification: signs, and digits in each group from the right."""
        signs = self.locale.number_symbols["latn"]
        first, others = self.locale.decimal_formats[None].grouping
        return {
            "decimal": signs["decimal"],
            "thousands": signs["group"],
            # The list is read in a circle, so it is longer than any number.
            "grouping": [first, *[others] * 9],
            "percent": self.locale.percent_formats[None].suffix[0],
        }

    def axis_label(self) -> str:
        """The expression of a Vega axis that writes large values shortly: 12M, 12 млн or 1200万."""
        label = "format(datum.value, ',~r')"
        for power in range(3, 13):
            short = format_compact_decimal(10**power, locale=self.locale)
            shown = "".join(each for each in short if each.isdigit())
            if sign := short.removeprefix(shown):
                divided = f"format(datum.value / {10**power // int(shown)}, ',~r') + {json.dumps(sign)}"
                label = f"abs(datum.value) >= {10**power} ? {divided} : {label}"
        return label

    def _digits(self, value: float | None, pattern: str) -> str:
        if value is None:
            return NOTHING
        return _decimal(str(value), pattern, self.locale) if value else "0"


@cache
def _grouped(locale: Locale, decimals: int) -> str:
    """The pattern of a number in the language's groups, such as "#,##0.00"."""
    groups = locale.decimal_formats[None].pattern.partition(".")[0]
    return f"{groups}.{'0' * decimals}" if decimals else groups


# By the text of the number, because -0.0 equals 0.0 but is written otherwise.
@lru_cache(KEPT)
def _decimal(value: str, pattern: str, locale: Locale) -> str:
    return str(format_decimal(value, pattern, locale))


@lru_cache(KEPT)
def _percent(share: str, decimals: int, locale: Locale) -> str:
    pattern = locale.percent_formats[None].pattern.replace(_grouped(locale, 0), _grouped(locale, decimals))
    return str(format_percent(share, pattern, locale))


def _signed(value: float | None, shown: str) -> str:
    return f"+{shown}" if value is not None and value >= 0 else shown
