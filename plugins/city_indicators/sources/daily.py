"""Turns daily data at the requested coordinates into one record per year and index."""

import json
from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

import pandas as pd

from city_indicators.catalog.source import Series, Source
from city_indicators.core.snapshots import Snapshot
from city_indicators.sources import climate_indices as indices
from city_indicators.sources.records import Record, breach

MEAN_OF_EXTREMES: Final = "({t_max}+{t_min})/2"


@dataclass(frozen=True)
class Days:
    """The days of one point in one answer.

    `point` is "latitude,longitude" as requested, `frame` a daily frame of climate_indices.py without
    `place`, `columns` the source's own name of each variable. `spans` gives, by year, the positions of the
    first and the last day; `pointer` formats them with {column}, {first} and {last}.
    """

    point: str
    frame: pd.DataFrame
    columns: Mapping[str, str]
    spans: Mapping[int, tuple[object, object]]
    pointer: str


def points_requested(url: str) -> list[str]:
    """The coordinates in the address of a request, in order; empty if it has none.

    Raises:
        ValueError: they are not numbers, or there are not as many latitudes as longitudes.
    """
    query = parse_qs(urlsplit(url).query)
    latitudes, longitudes = (
        [float(text) for value in query.get(name, []) for text in value.split(",")]
        for name in ("latitude", "longitude")
    )
    return [f"{latitude},{longitude}" for latitude, longitude in zip(latitudes, longitudes, strict=True)]


def spans(dates: "pd.Series[pd.Timestamp]", positions: "pd.Series[int]") -> dict[int, tuple[int, int]]:
    """The first and the last position of every year."""
    ends = positions.groupby(dates.dt.year).agg(["min", "max"])
    return {int(year): (int(first), int(last)) for year, first, last in ends.itertuples()}


def records(source: Source, snapshot: Snapshot, days: Days) -> Iterator[Record]:
    """One record per series and year of the answer; its value is None if the year is incomplete.

    Raises:
        SourceContractError: the answer has a day twice.
    """
    frame = days.frame.assign(place=days.point)
    columns = dict(days.columns)
    if {"t_max", "t_min"} <= set(frame) and not _gives(frame, "t_mean"):
        columns["t_mean"] = MEAN_OF_EXTREMES.format(**columns)
        frame = indices.with_mean(frame.drop(columns="t_mean", errors="ignore"))
    wanted = {_statistic(source, series): series for series in source.series}
    try:
        annual = indices.annual(frame, wanted)
    except ValueError as error:
        raise breach(snapshot, str(error)) from error
    rows: list[dict[Hashable, Any]] = annual.to_dict("records")
    for row in rows:
        statistic, year = row["statistic"], row["year"]
        column = columns[indices.INDICES[statistic].variable]
        first, last = days.spans[year]
        yield Record(
            series=wanted[statistic],
            area_code=days.point,
            time_period=str(year),
            value=None if row["reason"] else row["value"],
            title=f"{statistic} of {column}",
            snapshot=snapshot,
            pointer=days.pointer.format(column=column, first=first, last=last),
            raw=_account(row, column),
        )


def _gives(frame: pd.DataFrame, variable: str) -> bool:
    """Whether the answer has the variable on any day."""
    return variable in frame and bool((frame[variable].notna() & (frame[variable] != indices.MISSING)).any())


def _statistic(source: Source, series: Series) -> str:
    if series.statistic is None or series.statistic not in indices.INDICES:
        raise ValueError(
            f"source {source.id}, series {series.code}: statistic {series.statistic!r} is none of "
            f"{sorted(indices.INDICES)}"
        )
    return series.statistic


def _account(row: Mapping[Hashable, Any], column: str) -> str:
    account = {"statistic": row["statistic"], "of": column, "share": round(row["share"], 4)}
    account |= {name: row[name] for name in ("days_used", "days_in_year", "reason") if row[name] is not None}
    return json.dumps(account)
