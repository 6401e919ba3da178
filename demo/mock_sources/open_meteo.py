"""Open-Meteo: daily weather of the archive and of climate models, hourly air quality, without values.

The sample has no data of Open-Meteo, because no file with an open licence is available. So every value is
null, which the real services send for times without data. Otherwise this follows recorded answers and the
error reasons in the public code of the services. Differences from the real ones: only the variables of the
catalogue, no elevation, and nothing that depends on the clock or the machine.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse, PlainTextResponse

from demo.mock_sources.damage import NOT_A_NUMBER, OUT_OF_RANGE, Damage
from demo.sample.table import Sample

HOURS: Final = [f"T{hour:02}:00" for hour in range(24)]


class RefusedError(ValueError):
    """A request that the services answer with 400 and this reason."""


class UnknownHereError(ValueError):
    """A request that the real service may support and this one does not."""


@dataclass(frozen=True)
class Service:
    """One of the services: its path, its time step, units by variable, and its grid in degrees."""

    path: str
    kind: str
    units: Mapping[str, str]
    grid: float

    def router(self, sample: Sample) -> APIRouter:  # noqa: ARG002
        """The endpoint, for any points."""
        routes = APIRouter()

        @routes.get(self.path)
        def points(request: Request) -> Response:
            try:
                answers = _answers(self, request.query_params)
            except RefusedError as error:
                return JSONResponse({"error": True, "reason": str(error)}, 400)
            except UnknownHereError as error:
                return PlainTextResponse(str(error), 501)
            return Response(
                _json(answers[0] if len(answers) == 1 else answers), media_type="application/json"
            )

        return routes

    def damage(self, body: bytes, kind: Damage) -> bytes:
        """Falsify the first variable of the first point at its first time, or remove that variable.

        Answers do not name places, so `unknown_area` adds the answer for a point that was not requested. An
        answer without variables stays as it is.
        """
        answer = json.loads(body)
        first = answer[0] if isinstance(answer, list) else answer
        columns = first[self.kind]
        variable = next((name for name in columns if name != "time"), None)
        if variable is None:
            return body
        match kind:
            case "missing_column":
                del columns[variable]
            case "unknown_area":
                answer = [*(answer if isinstance(answer, list) else [answer]), first]
            case "out_of_range":
                columns[variable][0] = OUT_OF_RANGE
            case "not_a_number":
                columns[variable][0] = NOT_A_NUMBER
            case "duplicate_row":
                for column in columns.values():
                    column.insert(0, column[0])
        return _json(answer)


CELSIUS: Final = ("temperature_2m_max", "temperature_2m_min", "temperature_2m_mean")
ARCHIVE: Final = Service(
    "/v1/archive", "daily", {**dict.fromkeys(CELSIUS, "°C"), "precipitation_sum": "mm"}, 0.25
)
CLIMATE: Final = Service(
    "/v1/climate", "daily", {"temperature_2m_max": "°C", "precipitation_sum": "mm"}, 0.0625
)
AIR: Final = Service("/v1/air-quality", "hourly", {"pm2_5": "\N{GREEK SMALL LETTER MU}g/m³"}, 0.4)


def _answers(service: Service, given: Mapping[str, str]) -> list[dict[str, Any]]:
    """One answer per point, in the order of the request.

    Raises:
        RefusedError: a parameter is not valid.
        UnknownHereError: the mock server does not have a variable.
    """
    points = _points(given)
    zones = _zones(given.get("timezone") or "GMT", len(points))
    first, last = _interval(given)
    names = [name for name in given.get(service.kind, "").split(",") if name]
    if unknown := [name for name in names if name not in service.units]:
        known = ", ".join(service.units)
        raise UnknownHereError(f"The mock server knows {known} only, not {', '.join(unknown)}.")
    days = [f"{first + timedelta(number)}" for number in range((last - first).days + 1)]
    times = days if service.kind == "daily" else [day + hour for day in days for hour in HOURS]
    columns = {"time": times} | {name: [None] * len(times) for name in names}
    units = {"time": "iso8601"} | {name: service.units[name] for name in names}
    return [
        {
            "latitude": _snapped(latitude, service.grid),
            "longitude": _snapped(longitude, service.grid),
            "generationtime_ms": 0.0,
            **_zone(zone, first),
            **({"location_id": number} if number else {}),
            f"{service.kind}_units": units,
            service.kind: columns,
        }
        for number, ((latitude, longitude), zone) in enumerate(zip(points, zones, strict=True))
    ]


def _points(given: Mapping[str, str]) -> list[tuple[float, float]]:
    latitudes, longitudes = (
        [_number(text) for text in given.get(name, "").split(",") if text]
        for name in ("latitude", "longitude")
    )
    if not latitudes and not longitudes:
        raise RefusedError("Parameter 'latitude' and 'longitude' must not be empty")
    if len(latitudes) != len(longitudes):
        raise RefusedError("Parameter 'latitude' and 'longitude' must have the same number of elements")
    for latitude, longitude in zip(latitudes, longitudes, strict=True):
        if not abs(latitude) <= 90:
            raise RefusedError(f"Latitude must be in range of -90 to 90°. Given: {latitude}.")
        if not abs(longitude) <= 180:
            raise RefusedError(f"Longitude must be in range of -180 to 180°. Given: {longitude}.")
    return list(zip(latitudes, longitudes, strict=True))


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return float("nan")


def _zones(text: str, points: int) -> list[ZoneInfo]:
    names = text.split(",")
    if len(names) not in {1, points}:
        raise UnknownHereError(f"{len(names)} time zones for {points} points: give one, or one for each.")
    try:
        zones = [ZoneInfo(name) for name in names]
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise RefusedError("Invalid timezone") from error
    return zones if len(zones) == points else zones * points


def _interval(given: Mapping[str, str]) -> tuple[date, date]:
    if not (given.get("start_date") and given.get("end_date")):
        raise RefusedError("Both 'start_date' and 'end_date' must be set in the url")
    try:
        first, last = (date.fromisoformat(given[name]) for name in ("start_date", "end_date"))
    except ValueError as error:
        raise RefusedError("Invalid date format. Make sure to use 'YYYY-MM-DD'") from error
    if last < first:
        raise RefusedError("End-date must be larger or equals than start-date")
    return first, last


def _zone(zone: ZoneInfo, on: date) -> dict[str, Any]:
    offset = datetime(on.year, on.month, on.day, tzinfo=zone).utcoffset() or timedelta()
    seconds = int(offset.total_seconds())
    hours, minutes = divmod(abs(seconds) // 60, 60)
    sign = "-" if seconds < 0 else "+"
    ahead = f"{sign}{hours}" + (f":{minutes:02}" if minutes else "")
    return {
        "utc_offset_seconds": seconds,
        "timezone": zone.key,
        "timezone_abbreviation": f"GMT{ahead if seconds else ''}",
    }


def _snapped(degrees: float, grid: float) -> float:
    return round(round(degrees / grid) * grid, 4)


def _json(content: Any) -> bytes:
    return json.dumps(content, separators=(",", ":"), ensure_ascii=False).encode()
