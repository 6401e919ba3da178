"""OpenAQ v3: one answer, a page of locations or of daily means: checks its counts and units."""

import math
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from city_indicators.core.errors import SourceContractError
from city_indicators.core.snapshots import Snapshot
from city_indicators.sources.records import breach, parse_json

PM25: Final = 2
UNIT: Final = unicodedata.normalize("NFKC", "µg/m³")
LEAST_PERCENT_OF_HOURS: Final = 75
# A reference monitor measures up to 1 mg/m³; means below zero and codes like -999 and 9999 are discarded.
MEASURABLE: Final = (0.0, 1000.0)
SHAPE_ERRORS: Final = (KeyError, TypeError, ValueError, AttributeError, OverflowError)


@dataclass(frozen=True)
class Station:
    """A location of the service with its PM2.5 sensors; `first` and `last` are ISO dates, or None."""

    id: int
    name: str | None
    point: tuple[float, float] | None
    sensors: tuple[int, ...]
    licences: tuple[str, ...]
    first: str | None
    last: str | None

    def may_have(self, first: date, last: date) -> bool:
        """Whether it can have measured from `first` to `last`; true if its dates are unknown."""
        begun = self.first is None or self.first <= last.isoformat()
        return begun and (self.last is None or self.last >= first.isoformat())


def page(snapshot: Snapshot, content: bytes) -> tuple[Mapping[str, Any], list[Any]]:
    """What a page says about itself, and its rows.

    Raises:
        SourceContractError: it is no page, or its counts contradict its rows or its address.
        SourceUnavailableError: it is truncated.
    """
    text = content.decode("utf-8-sig", "replace")
    if text.lstrip().startswith("<"):
        raise breach(snapshot, f"a page of HTML instead of JSON: {text[:120]!r}")
    match parse_json(snapshot, text):
        case {"meta": {"page": int(), "limit": int(), "found": found} as meta, "results": [*rows]}:
            _check_meta(snapshot, meta, found, len(rows))
            return meta, rows
        case _:
            raise breach(snapshot, f"neither meta nor results: {text[:200]!r}")


def _check_meta(snapshot: Snapshot, meta: Mapping[str, int], found: object, rows: int) -> None:
    """Check the counts of a page against each other, its rows and its address."""
    number, limit = meta["page"], meta["limit"]
    query = parse_qs(urlsplit(snapshot.url).query)
    if query.get("page", [str(number)]) != [str(number)]:
        raise breach(snapshot, f"requested page {query['page'][0]}, the answer is page {number}")
    if number < 1 or limit < 1 or rows > limit:
        raise breach(snapshot, f"{rows} rows on page {number} of at most {limit}")
    received = (number - 1) * limit + rows
    match found:
        case int() if found in (rows, received) or (rows == limit and found > received):
            return
        case str() if re.fullmatch(r">\d{1,9}", found) and rows == limit:
            return
    raise breach(snapshot, f"the answer reports {found!r} results, but {received} were received up to here")


def stations(snapshot: Snapshot, content: bytes) -> Iterator[Station]:
    """The stations of a page of locations."""
    for number, row in enumerate(page(snapshot, content)[1]):
        try:
            yield _station(row)
        except SHAPE_ERRORS as error:
            raise _unshaped(snapshot, number, error) from error


def _unshaped(snapshot: Snapshot, number: int, error: Exception) -> SourceContractError:
    return breach(snapshot, f"/results/{number} has another shape than promised: {error!r}")


def _station(row: Mapping[str, Any]) -> Station:
    sensors = [sensor for sensor in row["sensors"] if sensor["parameter"]["id"] == PM25]
    for sensor in sensors:
        _check_unit(sensor["parameter"])
    return Station(
        id=row["id"],
        name=row["name"],
        point=_coordinates(row.get("coordinates")),
        sensors=tuple(sensor["id"] for sensor in sensors),
        licences=tuple(licence["name"] for licence in row["licenses"] or ()),
        first=_local_day(row["datetimeFirst"]) if row["datetimeFirst"] else None,
        last=_local_day(row["datetimeLast"]) if row["datetimeLast"] else None,
    )


def _coordinates(given: Mapping[str, Any] | None) -> tuple[float, float] | None:
    return (float(given["latitude"]), float(given["longitude"])) if given else None


def _local_day(moment: Mapping[str, str]) -> str:
    return date.fromisoformat(moment["local"][:10]).isoformat()


def _check_unit(parameter: Mapping[str, Any]) -> None:
    """Check the unit; both spellings of micro, U+00B5 and U+03BC, are the same."""
    if unicodedata.normalize("NFKC", parameter["units"]) != UNIT:
        raise ValueError(f"{parameter['name']} is in {parameter['units']!r}, not in {UNIT!r}")


def days(snapshot: Snapshot, content: bytes) -> Iterator[tuple[str, float]]:
    """The local date and the mean of each day of a page; NaN for a day that does not count."""
    for number, row in enumerate(page(snapshot, content)[1]):
        try:
            yield _day(row)
        except SHAPE_ERRORS as error:
            raise _unshaped(snapshot, number, error) from error


def _day(row: Mapping[str, Any]) -> tuple[str, float]:
    """The local date and the mean; NaN for a day that does not count."""
    parameter, value, coverage = row["parameter"], row["value"], row["coverage"]
    if parameter["id"] != PM25 or row["period"]["label"] != "1day":
        raise ValueError(f"{row['period']['label']!r} of {parameter['name']!r} is no day of PM2.5")
    _check_unit(parameter)
    day = _local_day(row["period"]["datetimeFrom"])
    if value is None or coverage is None:
        return day, math.nan
    if not isinstance(value, int | float):
        raise TypeError(f"{value!r} is no number")
    counts = coverage["percentComplete"] >= LEAST_PERCENT_OF_HOURS and MEASURABLE[0] <= value <= MEASURABLE[1]
    return day, float(value) if counts else math.nan
