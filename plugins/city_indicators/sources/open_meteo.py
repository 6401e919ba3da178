"""Common parts of the Open-Meteo services: quotas, requests by city and year, and column arrays.

Format: https://open-meteo.com/en/docs . The answer for one point is an object, for several an array in
the order of the request. The coordinates of an answer are those of a grid cell, so only the address of
the request identifies the place.
"""

import unicodedata
from calendar import isleap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any, Final

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
from city_indicators.sources.records import Fetch, breach, parse_json

# One request is one minute's worth: https://github.com/open-meteo/open-meteo/issues/439
CALLS_A_MINUTE: Final = 600
DAYS_A_CALL: Final = 14
VARIABLES_A_CALL: Final = 10


@dataclass(frozen=True)
class PointSeries:
    """The column arrays of one point: `times`, one column of floats per variable, and their JSON pointer."""

    pointer: str
    point: str
    times: "pd.Series[pd.Timestamp]"
    variables: pd.DataFrame


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


def points(snapshot: Snapshot, content: bytes, kind: str, units: Mapping[str, str]) -> Iterator[PointSeries]:
    """The arrays under `kind` ("daily" or "hourly") of every requested point; `units` by variable.

    Raises:
        SourceContractError: the answer is an error, for other points, in other units or of uneven length.
        SourceUnavailableError: the answer is truncated or reports that a limit is reached.
    """
    answers = _answers(snapshot, content)
    try:
        points = daily.points_requested(snapshot.url)
    except ValueError as error:
        raise breach(snapshot, f"the address has no usable coordinates: {error}") from error
    if len(points) != len(answers):
        raise breach(snapshot, f"the address requests {len(points)} points, the answer has {len(answers)}")
    for number, (point, answer) in enumerate(zip(points, answers, strict=True)):
        pointer = f"/{number}/{kind}" if content.lstrip().startswith(b"[") else f"/{kind}"
        try:
            yield _point_series(snapshot, pointer, point, answer, units)
        except (KeyError, TypeError, AttributeError) as error:
            raise breach(snapshot, f"{pointer} has another shape than promised: {error!r}") from error


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
            raise breach(snapshot, f"{pointer}: {variable} is in {published[variable]!r}, not in {unit!r}")
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
