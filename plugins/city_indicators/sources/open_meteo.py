"""What the services of Open-Meteo share: limits, requests by city and year, and column arrays.

Format: https://open-meteo.com/en/docs . One point is answered by an object, several by an array in
the order asked. The coordinates of an answer are those of a grid cell, so the address alone tells
whose figures they are.
"""

import json
import re
import unicodedata
from calendar import isleap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any, Final

import pandas as pd

from city_indicators.archive import Snapshot
from city_indicators.catalog.models import Catalogue, Source
from city_indicators.errors import SourceContractError, SourceUnavailableError
from city_indicators.sources import daily
from city_indicators.sources.daily import breach
from city_indicators.sources.records import Fetch, Interval

# The free service, in calls by minutes; https://github.com/open-meteo/open-meteo/issues/439
LIMITS: Final[Mapping[int, int]] = {1: 600, 60: 5_000, 24 * 60: 10_000}
DAYS_A_CALL: Final = 14
VARIABLES_A_CALL: Final = 10
# A fetch that must wait longer would hold its worker; smaller intervals free it in between.
LONGEST_FETCH_MINUTES: Final = 20

PAUSES: Final = {"minutely": 60, "hourly": 3_600, "daily": 86_400}
LIMIT_EXCEEDED: Final = re.compile(r"\b(minutely|hourly|daily) API request limit exceeded", re.I)


@dataclass(frozen=True)
class Chunk:
    """One request: the cities of one year, what it counts, and its minute after the first request."""

    cities: tuple[str, ...]
    year: int
    calls: float
    minute: int


@dataclass(frozen=True)
class Block:
    """The column arrays of one point: `times`, a column of floats a variable, and where they stand."""

    pointer: str
    point: str
    times: "pd.Series[pd.Timestamp]"
    variables: pd.DataFrame


def seconds_to_wait(reason: str) -> int | None:
    """How long to wait after a 429 with this reason; None if it names no limit of the service."""
    found = LIMIT_EXCEEDED.search(reason)
    return PAUSES[found[1].lower()] if found else None


def calls_of(days: int, variables: int) -> float:
    """What one point counts: more than two weeks and more than ten variables count as several calls."""
    return max(1.0, days / DAYS_A_CALL) * max(1.0, variables / VARIABLES_A_CALL)


def plan(
    cities: Sequence[str], years: Sequence[int], variables: int, limits: Mapping[int, int] = LIMITS
) -> list[Chunk]:
    """The requests for all cities and years, each at the first minute at which no limit breaks.

    Every window of a limit's length keeps it, wherever the service begins to count.

    Raises:
        ValueError: one city and year alone breaks a limit.
    """
    chunks: list[Chunk] = []
    for year in years:
        each = calls_of(366 if isleap(year) else 365, variables)
        at_most = int(min(limits.values()) // each)
        if not at_most:
            raise ValueError(f"{variables} variables of a year count {each:.0f} calls, more than a limit")
        for group in _even_groups(cities, at_most):
            calls = each * len(group)
            chunks.append(Chunk(group, year, calls, _first_minute(chunks, calls, limits)))
    return chunks


def _even_groups(cities: Sequence[str], at_most: int) -> Iterator[tuple[str, ...]]:
    groups = ceil(len(cities) / at_most)
    for number in range(groups):
        first, after = (len(cities) * edge // groups for edge in (number, number + 1))
        yield tuple(cities[first:after])


def _first_minute(sent: Sequence[Chunk], calls: float, limits: Mapping[int, int]) -> int:
    minute = sent[-1].minute if sent else 0
    while True:
        full = [
            span
            for span, limit in limits.items()
            if calls + sum(chunk.calls for chunk in sent if chunk.minute > minute - span) > limit
        ]
        if not full:
            return minute
        # The longest full window opens when its oldest request leaves it.
        span = max(full)
        minute = min(chunk.minute for chunk in sent if chunk.minute > minute - span) + span


def fetch_years(
    source: Source,
    catalogue: Catalogue,
    interval: Interval,
    fetch: Fetch,
    asked: Mapping[str, str],
    variables: int,
) -> list[Snapshot]:
    """The planned requests of an interval; the source's declared limits keep them a minute apart.

    `asked` are the parameters that do not change, among them the `variables`.

    Raises:
        SourceContractError: the free limits would stretch the interval over more than 20 minutes.
    """
    chunks = plan(list(catalogue.cities), interval.years, variables)
    if chunks and chunks[-1].minute > LONGEST_FETCH_MINUTES:
        raise SourceContractError(
            source.id,
            f"{source.base_url}{source.path}",
            f"{len(interval.years)} years count {sum(chunk.calls for chunk in chunks):.0f} calls, which the "
            f"free limits stretch over {chunks[-1].minute} minutes",
            "backfill one year a run, not more than seven years a day",
        )
    return [fetch(source.path or "", {**_parameters(catalogue, chunk), **asked})[0] for chunk in chunks]


def _parameters(catalogue: Catalogue, chunk: Chunk) -> dict[str, str]:
    cities = [catalogue.cities[ref_area] for ref_area in chunk.cities]
    return {
        "latitude": ",".join(str(city.latitude) for city in cities),
        "longitude": ",".join(str(city.longitude) for city in cities),
        "timezone": ",".join(city.timezone for city in cities),
        "start_date": f"{chunk.year}-01-01",
        "end_date": f"{chunk.year}-12-31",
    }


def blocks(snapshot: Snapshot, content: bytes, kind: str, units: Mapping[str, str]) -> Iterator[Block]:
    """The arrays under `kind` ("daily" or "hourly") of every point asked for; `units` by variable.

    Raises:
        SourceContractError: the answer is an error, for other points, in other units or uneven.
        SourceUnavailableError: the answer is broken off or says that a limit is reached.
    """
    answers = _answers(snapshot, content)
    try:
        points = daily.points_asked(snapshot.url)
    except ValueError as error:
        raise breach(snapshot, f"the address has no usable coordinates: {error}") from error
    if len(points) != len(answers):
        raise breach(snapshot, f"the address asks for {len(points)} points, the answer has {len(answers)}")
    for number, (point, answer) in enumerate(zip(points, answers, strict=True)):
        pointer = f"/{number}/{kind}" if content.lstrip().startswith(b"[") else f"/{kind}"
        try:
            yield _block(snapshot, pointer, point, answer, units)
        except (KeyError, TypeError, AttributeError) as error:
            raise breach(snapshot, f"{pointer} has another shape than promised: {error!r}") from error


def _answers(snapshot: Snapshot, content: bytes) -> list[Any]:
    text = content.decode("utf-8-sig", "replace")
    try:
        answer = json.loads(text)
    except json.JSONDecodeError as error:
        if text.lstrip().startswith("<"):
            raise breach(snapshot, f"a page of HTML instead of JSON: {text[:120]!r}") from error
        raise _passing(snapshot, f"JSON broken off at character {error.pos} of {len(text)}", 0) from error
    if isinstance(answer, dict) and answer.get("error"):
        reason = str(answer.get("reason"))
        if seconds := seconds_to_wait(reason):
            raise _passing(snapshot, reason, seconds)
        raise breach(snapshot, f"the service refuses the request: {reason}")
    return answer if isinstance(answer, list) else [answer]


def _passing(snapshot: Snapshot, fault: str, seconds: int) -> SourceUnavailableError:
    wait = f"ask again after {seconds} s" if seconds else "nothing if a later try succeeds"
    return SourceUnavailableError(
        snapshot.source, snapshot.url, fault, f"{wait}; the bytes are archived as {snapshot.sha256}"
    )


def _block(snapshot: Snapshot, pointer: str, point: str, answer: Any, units: Mapping[str, str]) -> Block:
    kind = pointer.rsplit("/", 1)[-1]
    columns, told = answer[kind], answer[f"{kind}_units"]
    for variable, unit in units.items():
        if _unit(told[variable]) != _unit(unit):
            raise breach(snapshot, f"{pointer}: {variable} is in {told[variable]!r}, not in {unit!r}")
    lengths = {name: len(columns[name]) for name in ("time", *units)}
    if len(set(lengths.values())) != 1:
        raise breach(snapshot, f"{pointer}: the columns are of unequal length, {lengths}")
    try:
        times = pd.to_datetime(pd.Series(columns["time"], dtype=object), format="ISO8601")
        values = pd.DataFrame({variable: pd.Series(columns[variable], dtype=float) for variable in units})
    except ValueError as error:
        raise breach(snapshot, f"{pointer}: no time or no number: {error}") from error
    return Block(pointer, point, times, values)


def _unit(text: str) -> str:
    """A unit without what differs in spelling: the micro sign becomes the Greek mu, ³ becomes 3."""
    return unicodedata.normalize("NFKC", text)
