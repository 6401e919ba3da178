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
from city_indicators.sources import openaq_answers
from city_indicators.sources.openaq_answers import PM25, Station
from city_indicators.sources.records import Archived, Fetch, Record, breach

# No station counts for two cities: the closest two of ours, Hong Kong and Shenzhen, are 32 km apart.
RADIUS_M: Final = 15_000
METRES_A_DEGREE: Final = 111_320
# Of distances: the earth is no plane, and the coordinates of a request are rounded.
ROUNDING: Final = 1.05
PER_PAGE: Final = 1000
MOST_PAGES: Final = 20
SELF_STATEMENTS: Final = {
    "page": "the number of the page, which is the requested one",
    "limit": "the most rows of a page; a page with fewer is the last",
    "found": "the rows of the page or of all pages, or `>` and a number that is exceeded",
    "sensor": "the sensor of an answer of days, which a location names",
    "unit": "the unit of each sensor and of each day",
    "parameter": "the parameter of each day",
    "coordinates": "the place of a location, within the requested radius",
    "days": "the day of each row, within the requested ones and once",
}
"""What an answer says about itself: it is refused if its rows, its address or another page differ."""
# The timeout of a fetch task is half an hour.
LONGEST_FETCH_MINUTES: Final = 28

LOCATIONS: Final = "/locations"
PAGE: Final = re.compile(r"(?<=[?&])page=(\d+)")
SENSOR_DAYS: Final = re.compile(r"/sensors/(\d+)/days$")


@dataclass
class Answers:
    """The content of the answers of a run, and the requested years.

    `numbers` has, by request, the numbers of the pages, and whether each is full. `cities` has the stations
    of a point by id, with the first answer that names them; `days` the means of a sensor by date, NaN for a
    day that does not count; `pages` the answers of a sensor.
    """

    cities: dict[str, tuple[Snapshot, dict[int, Station]]] = field(default_factory=dict)
    days: dict[int, dict[str, float]] = field(default_factory=dict)
    pages: dict[int, list[Snapshot]] = field(default_factory=dict)
    years: set[int] = field(default_factory=set)
    numbers: dict[str, dict[int, bool]] = field(default_factory=dict)


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
    stations = [
        station for snapshot, content in places for station in openaq_answers.stations(snapshot, content)
    ]
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
        _number(answers, snapshot, content)
        _sort_in(answers, snapshot, content)
    _check_pages(source, answers)
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
        meta, results = openaq_answers.page(snapshot, content)
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
        for station in openaq_answers.stations(snapshot, content):
            _check_distance(snapshot, query, station)
            if stations.setdefault(station.id, station) is not station:
                raise breach(snapshot, f"location {station.id} is in the answers more than once")
    elif of_sensor := SENSOR_DAYS.search(address.path):
        sensor = int(of_sensor[1])
        answers.years |= _years(snapshot, query)
        answers.pages.setdefault(sensor, []).append(snapshot)
        days = answers.days.setdefault(sensor, {})
        for day, value in openaq_answers.days(snapshot, content):
            if not any(day.startswith(str(year)) for year in answers.years):
                raise breach(snapshot, f"sensor {sensor} has {day}, which was not requested")
            if day in days:
                raise breach(snapshot, f"sensor {sensor} has {day} more than once")
            days[day] = value
    else:
        raise breach(snapshot, "the address requests neither locations nor the days of a sensor")


def _number(answers: Answers, snapshot: Snapshot, content: bytes) -> None:
    """Note the number of a page in its address; an answer without one is a file by itself."""
    meta, rows = openaq_answers.page(snapshot, content)
    if page := PAGE.search(snapshot.url):
        pages = answers.numbers.setdefault(PAGE.sub("", snapshot.url), {})
        if meta["page"] in pages:
            raise breach(snapshot, f"page {page[1]} is in the answers more than once")
        pages[meta["page"]] = len(rows) == meta["limit"]


def _check_pages(source: Source, answers: Answers) -> None:
    """Check that every request has all of its pages: all but the last one are full."""
    for address, pages in answers.numbers.items():
        full = [pages.get(number) for number in range(1, len(pages) + 1)]
        if full != [True] * (len(pages) - 1) + [False]:
            raise SourceContractError(
                source.id, address, f"pages are missing beside {sorted(pages)}", "request the interval again"
            )


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


def _check_distance(snapshot: Snapshot, query: Mapping[str, list[str]], station: Station) -> None:
    """Check that a station is within the requested radius, on a plane around the requested point."""
    if station.point is None or "radius" not in query:
        return
    north, east = (float(part) for part in _point(snapshot, query).split(","))
    across = (station.point[1] - east + 180) % 360 - 180
    apart = math.hypot(station.point[0] - north, across * math.cos(math.radians(north))) * METRES_A_DEGREE
    if not apart <= RADIUS_M * ROUNDING:
        fault = f"is {apart / 1000:.0f} km from the requested point"
        raise breach(snapshot, f"location {station.id} {fault}, the radius is {RADIUS_M / 1000:g} km")


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
