"""Common parts of the Open-Meteo services: quotas, requests by city and year, and column arrays.

Format: https://open-meteo.com/en/docs . The answer for one point is an object, for several an array in
the order of the request. The coordinates of an answer are those of a grid cell, so only the address of
the request identifies the place.
"""

import unicodedata
from calendar import isleap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import ceil
from typing import Any, Final, Literal
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pandas as pd

from city_indicators.catalog.models import Catalogue, City
from city_indicators.catalog.source import Source
from city_indicators.core.errors import SourceBusyError
from city_indicators.core.intervals import Interval
from city_indicators.core.snapshots import Snapshot
from city_indicators.sources import daily
from city_indicators.sources.http import seconds_named
from city_indicators.sources.quota import Request
from city_indicators.sources.records import Fetch, breach, changed, parse_json

# One request is one minute's worth: https://github.com/open-meteo/open-meteo/issues/439
CALLS_A_MINUTE: Final = 600
DAYS_A_CALL: Final = 14
VARIABLES_A_CALL: Final = 10
# The service may take a neighbour of the nearest cell, on land or of about the same height.
CELLS_APART: Final = 1.5
# A request is for one year.
MAX_DAYS: Final = 366


@dataclass(frozen=True)
class PointSeries:
    """The column arrays of one point: `times`, one column of floats per variable, and their JSON pointer."""

    pointer: str
    point: str
    times: "pd.Series[pd.Timestamp]"
    variables: pd.DataFrame


@dataclass(frozen=True)
class Expected:
    """What an answer must have: its time step, the unit of each variable, and its grid in degrees."""

    kind: Literal["daily", "hourly"]
    units: Mapping[str, str]
    grid: float


SELF_STATEMENTS: Final = {
    "points": "the number of answers, which is that of the requested points",
    "location_id": "the number of each answer but the first",
    "latitude": "the point of the grid, close to the requested one",
    "longitude": "the point of the grid, close to the requested one",
    "timezone": "the time zone, which is the requested one",
    "time": "the days or hours, which are all of the request and no other",
    "length": "the length of each variable, which is that of the times",
    "units": "the unit of each variable",
}
"""What an answer says about itself: it is refused if its columns or the request differ."""


def calls_of(days: int, variables: int) -> float:
    """The calls that one point counts: more than two weeks or more than ten variables are several calls."""
    return max(1.0, days / DAYS_A_CALL) * max(1.0, variables / VARIABLES_A_CALL)


def requests(
    source: Source, catalogue: Catalogue, interval: Interval, fixed: Mapping[str, str], variables: int
) -> list[Request]:
    """The requests for all cities and years of an interval, each for one year and as many cities as fit.

    `fixed` are the parameters that all requests share, including the `variables`.

    Raises:
        ValueError: a single city and year exceeds the calls of a minute.
    """
    found = []
    for year in interval.years:
        each = calls_of(366 if isleap(year) else 365, variables)
        at_most = int(CALLS_A_MINUTE // each)
        if not at_most:
            raise ValueError(f"{variables} variables of a year count {each:.0f} calls, more than a limit")
        for cities in _even_groups(list(catalogue.cities.values()), at_most):
            params = {**_parameters(cities, year), **fixed}
            found.append(Request(source.path or "", params, each * len(cities)))
    return found


def fetch_all(requests: Iterable[Request], fetch: Fetch) -> list[Snapshot]:
    """The answers to all requests, one after the other."""
    return [fetch(request.path, request.params)[0] for request in requests]


def _even_groups(cities: Sequence[City], at_most: int) -> Iterator[Sequence[City]]:
    groups = ceil(len(cities) / at_most)
    for number in range(groups):
        first, after = (len(cities) * edge // groups for edge in (number, number + 1))
        yield cities[first:after]


def _parameters(cities: Sequence[City], year: int) -> dict[str, str]:
    return {
        "latitude": ",".join(str(city.latitude) for city in cities),
        "longitude": ",".join(str(city.longitude) for city in cities),
        "timezone": ",".join(city.timezone for city in cities),
        "start_date": f"{year}-01-01",
        "end_date": f"{year}-12-31",
    }


def points(snapshot: Snapshot, content: bytes, expected: Expected) -> Iterator[PointSeries]:
    """The columns of every requested point.

    Raises:
        SourceContractError: the answer is an error, for other points or times, in other units or uneven.
        SourceUnavailableError: the answer is truncated or reports that a limit is reached.
    """
    answers = _answers(snapshot, content)
    query = parse_qs(urlsplit(snapshot.url).query)
    try:
        points = daily.points_requested(snapshot.url)
        times = _requested_times(query, expected.kind)
    except ValueError as error:
        raise breach(snapshot, f"the address has no usable coordinates or dates: {error}") from error
    if len(points) != len(answers):
        raise breach(snapshot, f"the address requests {len(points)} points, the answer has {len(answers)}")
    zones = [zone for text in query.get("timezone", []) for zone in text.split(",")]
    for number, (point, answer) in enumerate(zip(points, answers, strict=True)):
        pointer = f"/{number}/{expected.kind}" if content.lstrip().startswith(b"[") else f"/{expected.kind}"
        try:
            _check_place(snapshot, pointer, answer, number, point, expected.grid)
            if len(zones) == len(points) and answer["timezone"] != zones[number]:
                raise breach(
                    snapshot,
                    f"{pointer}: requested {zones[number]!r}, the times are of {answer['timezone']!r}",
                )
            series = _point_series(snapshot, pointer, point, answer, expected.units)
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
            raise breach(snapshot, f"{pointer} has another shape than promised: {error!r}") from error
        if times is not None and not np.array_equal(times.to_numpy(), series.times.to_numpy()):
            found = f"{series.times.min()} to {series.times.max()}, {len(series.times)} times"
            raise breach(snapshot, f"{pointer}: requested {times[0]} to {times[-1]}, the answer has {found}")
        yield series


def _requested_times(query: Mapping[str, list[str]], kind: str) -> pd.DatetimeIndex | None:
    """All times between the dates of a request; None if it has no dates."""
    if not {"start_date", "end_date"} <= query.keys():
        return None
    first, last = (date.fromisoformat(query[name][0]) for name in ("start_date", "end_date"))
    if not first <= last or (last - first).days > MAX_DAYS:
        raise ValueError(f"{first} to {last}")
    if kind == "daily":
        return pd.date_range(first, last, freq="D")
    return pd.date_range(first, last + timedelta(days=1), freq="h", inclusive="left")


def _check_place(snapshot: Snapshot, pointer: str, answer: Any, number: int, point: str, grid: float) -> None:
    """Check the number and the place of an answer: a point of the grid, on land, beside the requested one."""
    if answer.get("location_id", number) != number:
        raise breach(snapshot, f"{pointer} is the answer {answer['location_id']!r}, expected {number}")
    sent = answer["latitude"], answer["longitude"]
    requested = [float(part) for part in point.split(",")]
    apart = [abs(float(one) - other) for one, other in zip(sent, requested, strict=True)]
    if not (apart[0] <= CELLS_APART * grid and min(apart[1], 360 - apart[1]) <= CELLS_APART * grid):
        raise breach(snapshot, f"{pointer}: requested the point {point}, the answer is for {sent}")


def _answers(snapshot: Snapshot, content: bytes) -> list[Any]:
    text = content.decode("utf-8-sig", "replace")
    if text.lstrip().startswith("<"):
        raise breach(snapshot, f"a page of HTML instead of JSON: {text[:120]!r}")
    answer = parse_json(snapshot, text)
    if isinstance(answer, dict) and answer.get("error"):
        reason = str(answer.get("reason"))
        if seconds := seconds_named(reason):
            raise SourceBusyError(snapshot.source, snapshot.url, reason, seconds)
        raise breach(snapshot, f"the service refuses the request: {reason}")
    return answer if isinstance(answer, list) else [answer]


def _point_series(
    snapshot: Snapshot, pointer: str, point: str, answer: Any, units: Mapping[str, str]
) -> PointSeries:
    kind = pointer.rsplit("/", 1)[-1]
    columns, published = answer[kind], answer[f"{kind}_units"]
    for variable, unit in units.items():
        if _unit(published[variable]) != _unit(unit):
            raise changed(snapshot, f"{pointer}: the unit of {variable}", unit, published[variable])
    lengths = {name: len(columns[name]) for name in ("time", *units)}
    if len(set(lengths.values())) != 1:
        raise breach(snapshot, f"{pointer}: the columns are of unequal length, {lengths}")
    try:
        times = pd.to_datetime(pd.Series(columns["time"], dtype="str"), format="ISO8601")
        values = pd.DataFrame({variable: pd.Series(columns[variable], dtype=float) for variable in units})
    except (ValueError, OverflowError) as error:
        raise breach(snapshot, f"{pointer}: no time or no number: {error}") from error
    if times.isna().any() or np.isinf(values.to_numpy()).any():
        raise breach(snapshot, f"{pointer}: a time is missing or a number infinite")
    return PointSeries(pointer, point, times, values)


def _unit(text: str) -> str:
    """A unit in a uniform spelling: the micro sign becomes the Greek mu, ³ becomes 3."""
    return unicodedata.normalize("NFKC", text)
