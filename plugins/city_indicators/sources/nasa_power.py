"""NASA POWER daily point service: CSV after a header, or JSON; one request per city.

Format: https://power.larc.nasa.gov/docs/services/api/temporal/daily/ . The coordinates of the request
identify the place. Files that others derived from such answers (`YEAR,DOY,…,CITY,LAT,LON`) have the
requested coordinates in columns; their city names are not used.
"""

import csv
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pandas as pd

from city_indicators.catalog.models import Catalogue
from city_indicators.catalog.source import Source
from city_indicators.core.intervals import Interval
from city_indicators.core.progress import followed
from city_indicators.core.snapshots import Snapshot
from city_indicators.sources import daily
from city_indicators.sources.bounds import MAX_CHARACTERS, MAX_ROWS
from city_indicators.sources.climate_indices import MISSING
from city_indicators.sources.records import Archived, Fetch, Record, as_number, breach, changed, parse_json

COLUMNS: Final = {"t_mean": "T2M", "t_max": "T2M_MAX", "t_min": "T2M_MIN", "precipitation": "PRECTOTCORR"}
UNITS: Final = {"T2M": "C", "T2M_MAX": "C", "T2M_MIN": "C", "PRECTOTCORR": "mm/day"}
BEGIN, END = "-BEGIN HEADER-", "-END HEADER-"
LOCATION: Final = re.compile(r"^location:\s*latitude\s+(-?[\d.]+)\s+longitude\s+(-?[\d.]+)", re.I | re.M)
FILL_VALUE: Final = re.compile(r"^The value for missing source data.*:\s*(-?[\d.]+)\s*$", re.M)
LINE_ENDS: Final = "\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"
DATES: Final = re.compile(r"^Dates \(month/day/year\): (\S+) through (\S+)", re.M)
PARAMETER: Final = re.compile(r"^([A-Z][A-Z0-9_]*)\s+.*\(([^()]+)\)\s*$", re.M)
# Half a cell of the model's grid of 0.5 by 0.625 degrees: a point farther away is another place.
HALF_CELL: Final = (0.25, 0.3125)
# Every day of a request is in its answer, but how far ahead of the newest day an answer goes is not verified.
LAG: Final = timedelta(days=365)
SELF_STATEMENTS: Final = {
    "Dates": "the first and the last day, in the header: the table has every day between them",
    "Location": "the point, in the header: that of the request",
    "units": "the unit of each parameter, in the header",
    "fill_value": "the mark of missing days, in the header",
    "fields": "the number of fields of the titles, which is that of every line",
    "days": "the days of a parameter, which are those of the others",
}
"""What an answer says about itself: it is refused if its table, its address or the catalogue differ."""


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
        for city in followed([*catalogue.cities.values()], "requests")
    ]


def read(source: Source, archived: Archived, interval: Interval) -> Iterator[Record]:  # noqa: ARG001
    """One record per series and year, for the requested point."""
    for snapshot, content in archived:
        text = content.decode("utf-8-sig", "replace")
        if len(text) > MAX_CHARACTERS or sum(map(text.count, LINE_ENDS)) > MAX_ROWS:
            raise breach(snapshot, f"more than {MAX_CHARACTERS} characters or {MAX_ROWS} lines")
        days = _json(snapshot, text) if text.lstrip().startswith("{") else _csv(snapshot, text)
        yield from daily.records(source, snapshot, days)


def _csv(snapshot: Snapshot, text: str) -> daily.Days:
    header, lines, skipped = _split(snapshot, text)
    table = _table(snapshot, lines, skipped)
    given = _given_point(snapshot, header)
    if header:
        _check_fill_values(snapshot, FILL_VALUE.findall(header))
        _check_units(snapshot, list(table.columns), dict(PARAMETER.findall(header)))
    noted = _noted_point(snapshot, table) if "LAT" in table else None
    dates = _dates_of_year_and_day(snapshot, table)
    if header:
        _check_dates(snapshot, dates, DATES.findall(header), "%m/%d/%Y")
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


def _check_units(snapshot: Snapshot, columns: list[str], units: Mapping[str, object]) -> None:
    """Check the unit that an answer gives for each of our parameters that it has."""
    for name in UNITS.keys() & set(columns):
        if units.get(name) != UNITS[name]:
            raise changed(snapshot, f"the unit of {name}", UNITS[name], units.get(name))


def _check_dates(
    snapshot: Snapshot, dates: "pd.Series[pd.Timestamp]", stated: list[tuple[str, str]], form: str
) -> None:
    """Check that an answer has every day that it states, and states those of the request."""
    if len(stated) != 1:
        raise breach(snapshot, f"the header gives {len(stated)} spans of dates, expected one")
    first, last = (pd.to_datetime(text, format=form, errors="coerce") for text in stated[0])
    if pd.isna(first) or pd.isna(last) or not first <= last:
        raise breach(snapshot, f"the header gives the dates {stated[0]}")
    expected = (last - first).days + 1
    wrong = len(dates) != expected or dates.min() != first or dates.max() != last or not dates.is_unique
    if wrong:
        raise breach(snapshot, f"the header gives {expected} days, {stated[0]}, the table has {len(dates)}")
    query = parse_qs(urlsplit(snapshot.url).query)
    for name, day in (("start", first), ("end", last)):
        requested = pd.to_datetime(query.get(name, [""])[0], format="%Y%m%d", errors="coerce")
        ahead = pd.Timestamp(snapshot.fetched_at.replace(tzinfo=None)) - LAG
        if day != requested and not (pd.isna(requested) or (name == "end" and ahead < requested)):
            raise breach(
                snapshot, f"requested the {name} {requested:%Y-%m-%d}, the answer has {day:%Y-%m-%d}"
            )


def _given_point(snapshot: Snapshot, header: str) -> tuple[float, float] | None:
    given = LOCATION.search(header)
    if header and not given:
        raise breach(snapshot, "the header gives no point")
    try:
        return (float(given[1]), float(given[2])) if given else None
    except ValueError as error:
        raise breach(snapshot, f"the header gives no point: {error}") from error


def _check_fill_values(snapshot: Snapshot, fill_values: list[Any]) -> None:
    if [as_number(str(fill_value)) for fill_value in fill_values] != [MISSING]:
        marks = ", ".join(map(str, fill_values)) or "by nothing"
        raise breach(snapshot, f"missing days are marked {marks}, not {MISSING}")


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
        parameters, header = answer["properties"]["parameter"], answer["header"]
        if len({tuple(days) for days in parameters.values()}) != 1:
            raise ValueError("the parameters have different days")
        table = pd.DataFrame(parameters).rename_axis("day").reset_index()
        units = {name: about["units"] for name, about in answer["parameters"].items()}
        stated = str(header["start"]), str(header["end"])
        _check_fill_values(snapshot, [header["fill_value"]])
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise breach(snapshot, f"no days in the answer ({error!r}): {text[:200]!r}") from error
    _check_units(snapshot, list(table.columns), units)
    dates = pd.to_datetime(table["day"], format="%Y%m%d", errors="coerce")
    if dates.isna().any():
        raise breach(snapshot, f"{table['day'][dates.isna()].iloc[0]!r} is no day")
    _check_dates(snapshot, dates, [stated], "%Y%m%d")
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
