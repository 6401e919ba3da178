"""NASA POWER daily point service: CSV after a header, or JSON.

Follows answers recorded from the real service. Differences from the real one:

- a city's own coordinates, and those at which the sample's days were requested, give the sample's days; every
  other point, day and T2M, which the sample lacks, is -999. Tokyo's days were requested in the cell to the
  west of its own coordinates;
- only local solar time and the four parameters of the catalogue, without the elevation of the cell;
- a refused request has the real status 422 and key `messages`, but not the real words.
"""

import csv
import io
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache, lru_cache
from typing import Any, Final

import pandas as pd
from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse, PlainTextResponse

from city_indicators.core.paths import CATALOG
from demo.mock_sources.damage import NOT_A_NUMBER, OUT_OF_RANGE, Damage
from demo.sample.table import Sample, read_text_csv
from demo.sample.weather import PARAMETERS

PATH: Final = "/api/temporal/daily/point"
TITLE: Final = "NASA/POWER Source Native Resolution Daily Data"
VERSION: Final = "v2.9.2"
FILL: Final = "-999"
MEANINGS: Final = {
    "T2M": ("Temperature at 2 Meters", "C"),
    "T2M_MAX": ("Temperature at 2 Meters Maximum", "C"),
    "T2M_MIN": ("Temperature at 2 Meters Minimum", "C"),
    "PRECTOTCORR": ("Precipitation Corrected", "mm/day"),
}
COMMUNITIES: Final = frozenset({"ag", "re", "sb"})
FIRST_DAY: Final = date(1981, 1, 1)
ELSEWHERE: Final = "Location: latitude  0.0   longitude 0.0 "
END: Final = b"-END HEADER-\r\n"

Days = Mapping[date, Mapping[str, str]]
Holdings = Callable[[float, float], Days]


class RefusedError(ValueError):
    """A parameter that the service answers with status 422."""


class UnknownHereError(ValueError):
    """A request that the real service may support and this one does not."""


@dataclass(frozen=True)
class Query:
    """A valid request; the last day is included."""

    latitude: float
    longitude: float
    first: date
    last: date
    parameters: tuple[str, ...]


def _holdings(sample: Sample) -> Holdings:
    """The days of a point, read when the point is requested first; none for an unknown point."""
    cities = read_text_csv(CATALOG / "cities.csv")
    points = zip(cities["latitude"].astype(float), cities["longitude"].astype(float), strict=True)
    own = dict(zip(cities["ref_area"], points, strict=True))
    tables: dict[tuple[float, float], pd.DataFrame] = {}
    for city, table in sample.daily_weather.groupby("ref_area"):
        requested = table[["latitude", "longitude"]].drop_duplicates().astype(float)
        tables |= dict.fromkeys([own[str(city)], *requested.itertuples(index=False, name=None)], table)

    @cache
    def days(latitude: float, longitude: float) -> Days:
        table = tables.get((latitude, longitude), sample.daily_weather.head(0))
        cells = zip(*(table[name] for name in PARAMETERS), strict=True)
        return {
            date.fromisoformat(day): dict(zip(PARAMETERS, values, strict=True))
            for day, values in zip(table["date"], cells, strict=True)
        }

    return days


def _query(given: Mapping[str, str]) -> Query:
    """Parse the parameters of a request.

    Raises:
        RefusedError: a parameter is absent or not valid.
        UnknownHereError: the mock server does not support the request.
    """
    first, last = (_day(given, name) for name in ("start", "end"))
    if not FIRST_DAY <= first <= last:
        raise RefusedError(f"start and end must be in their order and not before {FIRST_DAY:%Y%m%d}")
    if given.get("community", "").lower() not in COMMUNITIES:
        raise RefusedError("community must be one of ag, re, sb")
    names = tuple(name for name in given.get("parameters", "").upper().split(",") if name)
    if not names:
        raise RefusedError("parameters must name one parameter at least")
    if unknown := [name for name in names if name not in MEANINGS]:
        raise UnknownHereError(f"The mock server has {', '.join(MEANINGS)} only, not {', '.join(unknown)}.")
    if given.get("time-standard", "LST").upper() != "LST":
        raise UnknownHereError("The mock server has days in local solar time only.")
    return Query(_degrees(given, "latitude", 90), _degrees(given, "longitude", 180), first, last, names)


def _day(given: Mapping[str, str], name: str) -> date:
    text = given.get(name, "")
    try:
        if re.fullmatch(r"\d{8}", text):
            return date.fromisoformat(f"{text[:4]}-{text[4:6]}-{text[6:]}")
    except ValueError:
        pass
    raise RefusedError(f"{name} must be a day as YYYYMMDD, not {text!r}")


def _degrees(given: Mapping[str, str], name: str, most: int) -> float:
    text = given.get(name, "")
    try:
        degrees = float(text)
    except ValueError:
        degrees = float("nan")
    if not abs(degrees) <= most:
        raise RefusedError(f"{name} must be a number from -{most} to {most}, not {text!r}")
    return degrees


@lru_cache(maxsize=8)
def _calendar(first: date, last: date) -> list[tuple[date, str]]:
    """Every day with the beginning of its line in the table; cached for the requests of one run."""
    days = [first + timedelta(number) for number in range((last - first).days + 1)]
    return [(day, f"{day.year},{day.timetuple().tm_yday}") for day in days]


def _csv(query: Query, days: Days) -> str:
    width = max(map(len, query.parameters)) + 5
    head = [
        "-BEGIN HEADER-",
        f"{TITLE} ",
        f"Dates (month/day/year): {query.first:%m/%d/%Y} through {query.last:%m/%d/%Y} in LST",
        f"Location: latitude  {query.latitude}   longitude {query.longitude} ",
        "The value for missing source data that cannot be computed or is outside of the sources availability "
        f"range: {FILL} ",
        "parameter(s): ",
        *[f"{name:<{width}}MERRA-2 {'{} ({})'.format(*MEANINGS[name])} " for name in query.parameters],
        "-END HEADER-",
        ",".join(["YEAR", "DOY", *query.parameters]),
    ]
    absent = "".join(f",{FILL}" for _ in query.parameters)
    lines = [
        start + ("".join([f",{cells.get(name, FILL)}" for name in query.parameters]) if cells else absent)
        for day, start in _calendar(query.first, query.last)
        for cells in [days.get(day)]
    ]
    return "\r\n".join([*head, *lines, ""])


def _json(query: Query, days: Days) -> dict[str, Any]:
    calendar = [day for day, _ in _calendar(query.first, query.last)]
    return {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [query.longitude, query.latitude]},
        "properties": {
            "parameter": {
                name: {f"{day:%Y%m%d}": float(days.get(day, {}).get(name, FILL)) for day in calendar}
                for name in query.parameters
            }
        },
        "header": {
            "title": TITLE,
            "api": {"version": VERSION, "name": "POWER Daily API"},
            "sources": ["MERRA2"],
            "fill_value": float(FILL),
            "time_standard": "LST",
            "start": f"{query.first:%Y%m%d}",
            "end": f"{query.last:%Y%m%d}",
        },
        "messages": [],
        "parameters": {
            name: dict(zip(("longname", "units"), MEANINGS[name], strict=True)) for name in query.parameters
        },
    }


def _file_name(query: Query) -> str:
    latitude = f"{abs(query.latitude):06.2f}{'S' if query.latitude < 0 else 'N'}"
    longitude = f"{abs(query.longitude):07.2f}{'W' if query.longitude < 0 else 'E'}"
    place = f"{latitude}_{longitude}".replace(".", "d")
    return f"POWER_Point_Daily_{query.first:%Y%m%d}_{query.last:%Y%m%d}_{place}_LST.csv"


def _answer(given: Mapping[str, str], holdings: Holdings) -> Response:
    wanted = given.get("format", "json").lower()
    if wanted not in {"csv", "json"}:
        raise UnknownHereError("The mock server answers as csv or json only.")
    query = _query(given)
    days = holdings(query.latitude, query.longitude)
    if wanted == "json":
        content = json.dumps(_json(query, days), separators=(",", ":")).encode()
        return Response(content, media_type="application/json")
    # The real service sends no charset.
    headers = {
        "Content-Type": "text/csv",
        "Content-Disposition": f"attachment; filename={_file_name(query)}",
    }
    return Response(_csv(query, days).encode(), headers=headers)


def router(sample: Sample) -> APIRouter:
    """The endpoint, for any point."""
    holdings = _holdings(sample)
    routes = APIRouter()

    @routes.get(PATH)
    def daily_point(request: Request) -> Response:
        try:
            return _answer(request.query_params, holdings)
        except RefusedError as error:
            return JSONResponse({"messages": [str(error)]}, 422)
        except UnknownHereError as error:
            return PlainTextResponse(str(error), 501)

    return routes


def damage(body: bytes, kind: Damage) -> bytes:
    """Falsify the last column of the first day, remove that column, or name another point in the header.

    JSON stays as it is.
    """
    head, end, table = body.partition(END)
    rows = list(csv.reader(io.StringIO(table.decode())))
    if not end or len(rows) < 2:
        return body
    match kind:
        case "missing_column":
            rows = [row[:-1] for row in rows]
        case "unknown_area":
            head = re.sub(rb"(?m)^Location:[^\r]*", ELSEWHERE.encode(), head)
        case "out_of_range":
            rows[1][-1] = str(OUT_OF_RANGE)
        case "not_a_number":
            rows[1][-1] = NOT_A_NUMBER
        case "duplicate_row":
            rows.insert(1, list(rows[1]))
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return head + end + text.getvalue().encode()
