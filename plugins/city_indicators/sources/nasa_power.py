"""NASA POWER daily point service: CSV after a header, or JSON; one request per city.

Format: https://power.larc.nasa.gov/docs/services/api/temporal/daily/ . The coordinates of the request
identify the place. Files that others derived from such answers (`YEAR,DOY,…,CITY,LAT,LON`) have the
requested coordinates in columns; their city names are not used.
"""

import csv
import re
from collections import Counter
from collections.abc import Iterator
from typing import Final

import numpy as np
import pandas as pd

from city_indicators.catalog.models import Catalogue
from city_indicators.catalog.source import Source
from city_indicators.core.intervals import Interval
from city_indicators.core.snapshots import Snapshot
from city_indicators.sources import daily
from city_indicators.sources.climate_indices import MISSING
from city_indicators.sources.records import Archived, Fetch, Record, as_number, breach, parse_json

COLUMNS: Final = {"t_mean": "T2M", "t_max": "T2M_MAX", "t_min": "T2M_MIN", "precipitation": "PRECTOTCORR"}
UNITS: Final = {"T2M": "C", "T2M_MAX": "C", "T2M_MIN": "C", "PRECTOTCORR": "mm/day"}
BEGIN, END = "-BEGIN HEADER-", "-END HEADER-"
LOCATION: Final = re.compile(r"^location:\s*latitude\s+(-?[\d.]+)\s+longitude\s+(-?[\d.]+)", re.I | re.M)
FILL_VALUE: Final = re.compile(r"^The value for missing source data.*:\s*(-?[\d.]+)\s*$", re.M)
PARAMETER: Final = re.compile(r"^([A-Z][A-Z0-9_]*)\s+.*\(([^()]+)\)\s*$", re.M)
# Half a cell of the model's grid of 0.5 by 0.625 degrees: a point farther away is another place.
HALF_CELL: Final = (0.25, 0.3125)


def fetch(source: Source, catalogue: Catalogue, interval: Interval, fetch: Fetch) -> list[Snapshot]:
    """One request per city, for the interval's years; none if no year begins in the interval."""
    if not interval.years:
        return []
    requested = {
        "parameters": ",".join(COLUMNS.values()),
        "community": "ag",
        "start": f"{interval.years[0]}0101",
        "end": f"{interval.years[-1]}1231",
        "format": "csv",
        "time-standard": "LST",
    }
    return [
        fetch(
            source.path or "", {**requested, "latitude": str(city.latitude), "longitude": str(city.longitude)}
        )[0]
        for city in catalogue.cities.values()
    ]


def read(source: Source, archived: Archived, interval: Interval) -> Iterator[Record]:  # noqa: ARG001
    """One record per series and year, for the requested point."""
    for snapshot, content in archived:
        text = content.decode("utf-8-sig", "replace")
        days = _json(snapshot, text) if text.lstrip().startswith("{") else _csv(snapshot, text)
        yield from daily.records(source, snapshot, days)


def _csv(snapshot: Snapshot, text: str) -> daily.Days:
    header, lines, skipped = _split(snapshot, text)
    _check_header(snapshot, header)
    table = _table(snapshot, lines, skipped)
    given = _given_point(snapshot, header)
    noted = _noted_point(snapshot, table) if "LAT" in table else None
    dates = _dates_of_year_and_day(snapshot, table)
    return daily.Days(
        point=_point(snapshot, given or noted, noted),
        frame=_frame(snapshot, table, dates, "line"),
        columns=COLUMNS,
        spans=daily.spans(dates, table["line"]),
        pointer="lines {first}-{last}/{column}",
    )


def _split(snapshot: Snapshot, text: str) -> tuple[str, list[str], int]:
    """The header, the lines of the table, and the number of lines before them."""
    if not text.startswith(BEGIN):
        return "", text.splitlines(), 0
    header, end, table = text.partition(END)
    if not end:
        raise breach(snapshot, f"{BEGIN} without {END}: {text[:120]!r}")
    return header, table.lstrip("\r\n").splitlines(), len(header.splitlines()) + 1


def _check_header(snapshot: Snapshot, header: str) -> None:
    for fill_value in FILL_VALUE.findall(header):
        _check_fill_value(snapshot, fill_value)
    for name, unit in PARAMETER.findall(header):
        if UNITS.get(name, unit) != unit:
            raise breach(snapshot, f"{name} is in {unit!r}, not in {UNITS[name]!r}")


def _given_point(snapshot: Snapshot, header: str) -> tuple[float, float] | None:
    given = LOCATION.search(header)
    try:
        return (float(given[1]), float(given[2])) if given else None
    except ValueError as error:
        raise breach(snapshot, f"the header gives no point: {error}") from error


def _check_fill_value(snapshot: Snapshot, fill_value: object) -> None:
    if as_number(str(fill_value)) != MISSING:
        raise breach(snapshot, f"missing days are marked {fill_value}, not {MISSING}")


def _table(snapshot: Snapshot, lines: list[str], skipped: int) -> pd.DataFrame:
    """The cells as text by title, with the `line` of each row."""
    try:
        rows = [(number, cells) for number, cells in enumerate(csv.reader(lines), skipped + 1) if cells]
    except csv.Error as error:
        raise breach(snapshot, f"the table is not CSV: {error}") from error
    titles = rows[0][1] if rows else []
    _require(snapshot, titles, ["YEAR", "DOY"])
    if repeated := [title for title, times in Counter(titles).items() if times > 1]:
        raise breach(snapshot, f"the columns {repeated} appear more than once")
    for number, cells in rows:
        if len(cells) != len(titles):
            raise breach(snapshot, f"line {number} has {len(cells)} fields, the header {len(titles)}")
    table = pd.DataFrame([cells for _, cells in rows[1:]], columns=titles)
    return table.assign(line=[number for number, _ in rows[1:]])


def _dates_of_year_and_day(snapshot: Snapshot, table: pd.DataFrame) -> "pd.Series[pd.Timestamp]":
    year, day = (_numbers(snapshot, table, column, "line") for column in ("YEAR", "DOY"))
    first = pd.to_datetime({"year": year, "month": 1, "day": 1}, errors="coerce")
    dates = first + pd.to_timedelta(day.where(day.between(1, 366)) - 1, unit="D")
    wrong = dates.dt.year != year
    if wrong.any():
        bad = table[wrong].iloc[0]
        raise breach(snapshot, f"line {bad['line']}: the year {bad['YEAR']} has no day {bad['DOY']!r}")
    return dates


def _json(snapshot: Snapshot, text: str) -> daily.Days:
    answer = parse_json(snapshot, text)
    try:
        longitude, latitude = (float(degrees) for degrees in answer["geometry"]["coordinates"][:2])
        table = pd.DataFrame(answer["properties"]["parameter"]).rename_axis("day").reset_index()
        _check_fill_value(snapshot, answer["header"]["fill_value"])
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise breach(snapshot, f"no days in the answer ({error!r}): {text[:200]!r}") from error
    dates = pd.to_datetime(table["day"], format="%Y%m%d", errors="coerce")
    if dates.isna().any():
        raise breach(snapshot, f"{table['day'][dates.isna()].iloc[0]!r} is no day")
    frame = _frame(snapshot, table, dates, "day")
    return daily.Days(
        point=_point(snapshot, (latitude, longitude), None),
        frame=frame,
        columns=COLUMNS,
        spans=daily.spans(dates, table["day"].astype(int)),
        pointer="/properties/parameter/{column}/{first}-{last}",
    )


def _frame(
    snapshot: Snapshot, table: pd.DataFrame, dates: "pd.Series[pd.Timestamp]", row: str
) -> pd.DataFrame:
    _require(snapshot, list(table.columns), [name for name in COLUMNS.values() if name != "T2M"])
    variables = {variable: name for variable, name in COLUMNS.items() if name in table}
    numbers = {variable: _numbers(snapshot, table, name, row) for variable, name in variables.items()}
    return pd.DataFrame({"date": dates, **numbers})


def _numbers(snapshot: Snapshot, table: pd.DataFrame, column: str, row: str) -> "pd.Series[float]":
    """A column as numbers; an empty cell is missing, any other cell that is no number is an error."""
    cells = table[column]
    try:
        numbers = pd.to_numeric(cells, errors="coerce").astype(float)
    except (TypeError, ValueError, OverflowError) as error:
        raise breach(snapshot, f"{column} has a cell that is no number: {error}") from error
    wrong = ~np.isfinite(numbers) & cells.notna() & (cells.astype(str).str.strip() != "")
    if wrong.any():
        raise breach(
            snapshot, f"{row} {table[row][wrong].iloc[0]}: {column} {cells[wrong].iloc[0]!r} is no number"
        )
    return numbers


def _require(snapshot: Snapshot, titles: list[str], needed: list[str]) -> None:
    if missing := [title for title in needed if title not in titles]:
        raise breach(snapshot, f"the answer lacks {missing}, it has {titles[:20]}")


def _noted_point(snapshot: Snapshot, table: pd.DataFrame) -> tuple[float, float]:
    """The coordinates in the columns LAT and LON of a file that somebody derived from an answer."""
    _require(snapshot, list(table.columns), ["LON"])
    points = table[["LAT", "LON"]].drop_duplicates()
    if len(points) != 1:
        raise breach(snapshot, f"the file mixes {len(points)} points, expected one")
    latitude, longitude = (_numbers(snapshot, table, name, "line").iloc[0] for name in ("LAT", "LON"))
    return float(latitude), float(longitude)


def _point(snapshot: Snapshot, given: tuple[float, float] | None, noted: tuple[float, float] | None) -> str:
    """The requested point; the point that the answer gives must not contradict it."""
    try:
        requested = daily.points_requested(snapshot.url)
    except ValueError as error:
        raise breach(snapshot, f"the address has no usable coordinates: {error}") from error
    if not requested and noted:
        return f"{noted[0]},{noted[1]}"
    if len(requested) != 1:
        raise breach(snapshot, f"the address requests {len(requested)} points, expected one")
    latitude, longitude = (float(part) for part in requested[0].split(","))
    if given and any(
        abs(one - other) > half
        for one, other, half in zip(given, (latitude, longitude), HALF_CELL, strict=True)
    ):
        raise breach(snapshot, f"requested the point {requested[0]}, the answer is for {given[0]},{given[1]}")
    return requested[0]
