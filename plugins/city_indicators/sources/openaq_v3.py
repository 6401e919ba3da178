"""OpenAQ v3: stations around a city and the daily means of their sensors; needs an API key.

Format: https://docs.openaq.org and https://github.com/openaq/openaq-api-v2. A page is
`{"meta": {"page", "limit", "found"}, "results": […]}`, where `found` is the number of all results, that
of the page, or a text like ">1000" when there may be more.

The annual mean of a station is the mean of its days. A day counts from 75 % of its hours on, by the
service's own `coverage.percentComplete`, and a year from 90 % of its days on: the minimum data capture
that Annex I of Directive 2008/50/EC requires for fixed measurements of particles. The service's own yearly
means include days of two hours and years of two months and are therefore not used. The value of a city is
the mean of its stations that have one, with equal weights. Several sensors of a station count as one.

The service passes on what stations report, including error codes: a daily mean that no monitor can measure
is discarded. Its flags do not state their severity and are not used.
"""

import json
import math
import re
import unicodedata
from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

import pandas as pd

from city_indicators.catalog.models import Catalogue
from city_indicators.catalog.source import Source
from city_indicators.core.errors import SourceContractError
from city_indicators.core.intervals import Interval
from city_indicators.core.snapshots import Snapshot
from city_indicators.sources import climate_indices as indices
from city_indicators.sources.records import Archived, Fetch, Record, breach, parse_json

PM25: Final = 2
UNIT: Final = unicodedata.normalize("NFKC", "µg/m³")
# No station counts for two cities: the closest two of ours, Hong Kong and Shenzhen, are 32 km apart.
RADIUS_M: Final = 15_000
PER_PAGE: Final = 1000
MOST_PAGES: Final = 20
# The timeout of a fetch task is half an hour.
LONGEST_FETCH_MINUTES: Final = 28

LEAST_PERCENT_OF_HOURS: Final = 75
# A reference monitor measures up to 1 mg/m³; means below zero and codes like -999 and 9999 are discarded.
MEASURABLE: Final = (0.0, 1000.0)

LOCATIONS: Final = "/locations"
SHAPE_ERRORS: Final = (KeyError, TypeError, ValueError)
SENSOR_DAYS: Final = re.compile(r"/sensors/(\d+)/days$")


@dataclass(frozen=True)
class Station:
    """A location of the service with its PM2.5 sensors; `first` and `last` are ISO dates, or None."""

    id: int
    name: str | None
    sensors: tuple[int, ...]
    licences: tuple[str, ...]
    first: str | None
    last: str | None

    def may_have(self, first: date, last: date) -> bool:
        """Whether it can have measured from `first` to `last`; true if its dates are unknown."""
        begun = self.first is None or self.first <= last.isoformat()
        return begun and (self.last is None or self.last >= first.isoformat())


@dataclass
class Answers:
    """The content of the answers of a run, and the requested years.

    `cities` has the stations of a point by id, with the first answer that names them; `days` the means of
    a sensor by date, NaN for a day that does not count; `pages` the answers of a sensor.
    """

    cities: dict[str, tuple[Snapshot, dict[int, Station]]] = field(default_factory=dict)
    days: dict[int, dict[str, float]] = field(default_factory=dict)
    pages: dict[int, list[Snapshot]] = field(default_factory=dict)
    years: set[int] = field(default_factory=set)


def fetch(source: Source, catalogue: Catalogue, interval: Interval, fetch: Fetch) -> list[Snapshot]:
    """One request per city for its monitors, then one per PM2.5 sensor and thousand days.

    Raises:
        SourceContractError: within the rate limits, the requests would take more than 28 minutes.
    """
    if not interval.years:
        return []
    first, last = date(interval.years[0], 1, 1), date(interval.years[-1], 12, 31)
    places = [
        page
        for city in catalogue.cities.values()
        for page in _pages(fetch, f"{source.path}{LOCATIONS}", _around(city.point))
    ]
    stations = [station for snapshot, content in places for station in _stations(snapshot, content)]
    sensors = {sensor for station in stations if station.may_have(first, last) for sensor in station.sensors}
    _check_plan(source, len(places), len(sensors) * math.ceil(((last - first).days + 1) / PER_PAGE))
    query = {"date_from": first.isoformat(), "date_to": last.isoformat()}
    days = [
        snapshot
        for sensor in sorted(sensors)
        for snapshot, _ in _pages(fetch, f"{source.path}/sensors/{sensor}/days", query)
    ]
    return [*(snapshot for snapshot, _ in places), *days]


def empty_page(source: Source) -> bytes:  # noqa: ARG001
    """An answer that is one page without rows."""
    return b'{"meta": {"page": 1, "limit": 1, "found": 0}, "results": []}'


def read(source: Source, archived: Archived, interval: Interval) -> Iterator[Record]:
    """One record per series, city and requested year; its value is None if no station has a complete year.

    The raw row lists every station with its days, mean, licences and the hashes of its answers.

    Raises:
        SourceContractError: an answer breaks the format, or belongs to no request.
        SourceUnavailableError: an answer is truncated.
    """
    answers = Answers()
    for snapshot, content in archived:
        _sort_in(answers, snapshot, content)
    _check_sensors(answers)
    wanted = {str(series.statistic): series for series in source.series}
    for point, (snapshot, stations) in answers.cities.items():
        table = _annual(answers, stations.values(), wanted)
        for year in sorted(answers.years & set(interval.years)):
            for statistic, series in wanted.items():
                rows = table[(table["year"] == year) & (table["statistic"] == statistic)]
                means = rows["value"].dropna()
                yield Record(
                    series=series,
                    area_code=point,
                    time_period=str(year),
                    # Six digits hide the rounding of float sums, but no digit of a measurement.
                    value=None if means.empty else round(float(means.mean()), 6),
                    title=f"{statistic} of pm25",
                    snapshot=snapshot,
                    pointer="/results",
                    raw=_account(answers, stations, rows),
                )


def _around(point: str) -> dict[str, str]:
    return {
        "coordinates": point,
        "radius": str(RADIUS_M),
        "parameters_id": str(PM25),
        "monitor": "true",
        "mobile": "false",
    }


def _pages(fetch: Fetch, path: str, query: Mapping[str, str]) -> list[tuple[Snapshot, bytes]]:
    """All pages of one query; a page that is not full is the last, because `found` may be inexact."""
    pages: list[tuple[Snapshot, bytes]] = []
    while True:
        snapshot, content = fetch(path, {**query, "limit": str(PER_PAGE), "page": str(len(pages) + 1)})
        pages.append((snapshot, content))
        meta, results = _parse(snapshot, content)
        if len(results) < meta["limit"]:
            return pages
        if len(pages) == MOST_PAGES:
            raise breach(snapshot, f"page {MOST_PAGES} is still full")


def _check_plan(source: Source, made: int, planned: int) -> None:
    per_minute = source.limits.per_minute
    if per_minute and made + planned > per_minute * LONGEST_FETCH_MINUTES:
        raise SourceContractError(
            source.id,
            f"{source.base_url}{source.path}{LOCATIONS}",
            f"the sensors found need {planned} more requests; at {per_minute:g} a minute they take more than "
            f"{LONGEST_FETCH_MINUTES} minutes",
            "backfill fewer years a run, or lower RADIUS_M in sources/openaq_v3.py",
        )


def _sort_in(answers: Answers, snapshot: Snapshot, content: bytes) -> None:
    """Add one answer to the others; only its address identifies the place or sensor."""
    address = urlsplit(snapshot.url)
    query = parse_qs(address.query)
    if address.path.endswith(LOCATIONS):
        _, stations = answers.cities.setdefault(_point(snapshot, query), (snapshot, {}))
        for station in _stations(snapshot, content):
            if stations.setdefault(station.id, station) is not station:
                raise breach(snapshot, f"location {station.id} is in the answers more than once")
    elif of_sensor := SENSOR_DAYS.search(address.path):
        sensor = int(of_sensor[1])
        answers.years |= _years(snapshot, query)
        answers.pages.setdefault(sensor, []).append(snapshot)
        days = answers.days.setdefault(sensor, {})
        for day, value in _days(snapshot, content):
            if day in days:
                raise breach(snapshot, f"sensor {sensor} has {day} more than once")
            days[day] = value
    else:
        raise breach(snapshot, "the address requests neither locations nor the days of a sensor")


def _check_sensors(answers: Answers) -> None:
    listed = {
        sensor
        for _, stations in answers.cities.values()
        for station in stations.values()
        for sensor in station.sensors
    }
    for sensor in answers.days.keys() - listed:
        raise breach(answers.pages[sensor][0], f"no location names the sensor {sensor}")


def _point(snapshot: Snapshot, query: Mapping[str, list[str]]) -> str:
    try:
        latitude, longitude = (float(part) for part in query["coordinates"][0].split(","))
    except (KeyError, ValueError) as error:
        raise breach(snapshot, f"the address has no usable coordinates: {error!r}") from error
    return f"{latitude},{longitude}"


def _years(snapshot: Snapshot, query: Mapping[str, list[str]]) -> set[int]:
    try:
        first, last = (date.fromisoformat(query[name][0]).year for name in ("date_from", "date_to"))
    except (KeyError, ValueError) as error:
        raise breach(snapshot, f"the address has no usable dates: {error!r}") from error
    return set(range(first, last + 1))


def _parse(snapshot: Snapshot, content: bytes) -> tuple[Mapping[str, Any], list[Any]]:
    text = content.decode("utf-8-sig", "replace")
    if text.lstrip().startswith("<"):
        raise breach(snapshot, f"a page of HTML instead of JSON: {text[:120]!r}")
    match parse_json(snapshot, text):
        case {"meta": {"page": int(page), "limit": int(limit), "found": found} as meta, "results": [*rows]}:
            received = (page - 1) * limit + len(rows)
            if isinstance(found, int) and found > received and len(rows) < limit:
                raise breach(
                    snapshot,
                    f"the answer reports {found} results, but only {received} were received up to here",
                )
            return meta, rows
        case _:
            raise breach(snapshot, f"neither meta nor results: {text[:200]!r}")


def _stations(snapshot: Snapshot, content: bytes) -> Iterator[Station]:
    for number, row in enumerate(_parse(snapshot, content)[1]):
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
        sensors=tuple(sensor["id"] for sensor in sensors),
        licences=tuple(licence["name"] for licence in row["licenses"] or ()),
        first=_local_day(row["datetimeFirst"]) if row["datetimeFirst"] else None,
        last=_local_day(row["datetimeLast"]) if row["datetimeLast"] else None,
    )


def _local_day(moment: Mapping[str, str]) -> str:
    return date.fromisoformat(moment["local"][:10]).isoformat()


def _check_unit(parameter: Mapping[str, Any]) -> None:
    """Check the unit; both spellings of micro, U+00B5 and U+03BC, are the same."""
    if unicodedata.normalize("NFKC", parameter["units"]) != UNIT:
        raise ValueError(f"{parameter['name']} is in {parameter['units']!r}, not in {UNIT!r}")


def _days(snapshot: Snapshot, content: bytes) -> Iterator[tuple[str, float]]:
    for number, row in enumerate(_parse(snapshot, content)[1]):
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


def _annual(answers: Answers, stations: Iterable[Station], statistics: Iterable[str]) -> pd.DataFrame:
    """The table of climate_indices.annual, with a station's id as `place`; empty if no station has a day."""
    rows = [
        (station.id, day, value)
        for station in stations
        for sensor in station.sensors
        for day, value in answers.days.get(sensor, {}).items()
    ]
    if not rows:
        return pd.DataFrame(columns=["place", "year", "statistic", "value"])
    days = pd.DataFrame(rows, columns=["place", "date", "pm25"])
    days["date"] = pd.to_datetime(days["date"])
    means = days.groupby(["place", "date"])["pm25"].mean().reset_index()
    return indices.annual(means, statistics)


def _account(answers: Answers, stations: Mapping[int, Station], rows: pd.DataFrame) -> str:
    """The origin of a value, as JSON: every station with a day of the year, or why there is none."""
    used = int(rows["value"].notna().sum())
    account: dict[str, Any] = {"stations_used": used, "stations_found": len(stations)}
    if not stations:
        account["reason"] = f"no reference monitor of PM2.5 within {RADIUS_M / 1000:g} km"
    elif not used:
        account["reason"] = f"no station has {indices.LEAST_SHARE_OF_DAYS:.0%} of its days"
    account["stations"] = [
        _account_of_station(answers, stations[row["place"]], row) for row in rows.to_dict("records")
    ]
    return json.dumps(account, ensure_ascii=False)


def _account_of_station(answers: Answers, station: Station, row: Mapping[Hashable, Any]) -> dict[str, Any]:
    return {
        "location": station.id,
        "name": station.name,
        "value": None if row["reason"] else row["value"],
        "days_used": row["days_used"],
        "days_in_year": row["days_in_year"],
        "reason": row["reason"],
        "licences": station.licences,
        "answers": [page.sha256 for sensor in station.sensors for page in answers.pages.get(sensor, ())],
    }
