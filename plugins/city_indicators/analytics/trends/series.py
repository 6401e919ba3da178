"""Arranges observations as series of equal length: excludes projections and years before a break."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from city_indicators.analytics.trends.declared import Window
from city_indicators.analytics.trends.statistics import Array
from city_indicators.core.errors import TrendError

KEY: Final = ["indicator", "ref_area"]
PAIRS_AT_ONCE: Final = 4_000_000
"""The maximum of pairs of points in memory, 8 bytes each."""


@dataclass(frozen=True)
class SeriesBatch:
    """Series of one length: their `rows` in the table of series, and years and values (series, points)."""

    rows: NDArray[np.int64]
    years: Array
    observations: Array

    def parts(self) -> Iterator["SeriesBatch"]:
        """Split the batch into parts whose pairs of points fit into memory."""
        points = self.observations.shape[1]
        size = max(1, PAIRS_AT_ONCE // max(1, points * (points - 1) // 2))
        for begun in range(0, len(self.rows), size):
            part = slice(begun, begun + size)
            yield SeriesBatch(self.rows[part], self.years[part], self.observations[part])


def checked(observations: pd.DataFrame) -> pd.DataFrame:
    """The observations with years as numbers and places and indicators as categories, sorted.

    Raises:
        TrendError: a place has two observations of an indicator in one year.
    """
    rows = observations[[*KEY, "time_period", "obs_value", "obs_status"]].assign(
        time_period=observations["time_period"].astype("int16"),
        obs_value=observations["obs_value"].astype("float64"),
        **{name: observations[name].astype("category") for name in (*KEY, "obs_status")},
    )
    rows = rows.sort_values([*KEY, "time_period"], ignore_index=True)
    columns = [rows[name].cat.codes.to_numpy() for name in KEY] + [rows["time_period"].to_numpy()]
    repeated = np.logical_and.reduce([column[1:] == column[:-1] for column in columns])
    if repeated.any():
        first = rows.iloc[int(repeated.argmax())]
        raise TrendError(
            f"{first.ref_area} has more than one observation of {first.indicator} in {first.time_period}",
            "pass the observations of one source",
        )
    return rows


def marked(rows: pd.DataFrame, window: Window) -> pd.DataFrame:
    """The `checked` rows within a window, with the number of their `series`, and whether they are `used`.

    Projections (F) and missing values are not used. A break in series (B) starts the series again: only
    values comparable with the newest one are used. `split_year` is the year of the break that excludes an
    older value, else 0.
    """
    inside = rows[window.holds(rows["time_period"])]
    series = inside.groupby(KEY, observed=True, sort=False).ngroup().to_numpy()
    year = inside["time_period"].to_numpy()
    observed = inside["obs_status"].ne("F").to_numpy() & np.isfinite(inside["obs_value"].to_numpy())
    broken = observed & inside["obs_status"].eq("B").to_numpy()
    begins = np.zeros(series.max(initial=-1) + 1, dtype=np.int16)
    np.maximum.at(begins, series[broken], year[broken])
    cut = observed & (year < begins[series])
    return inside.assign(series=series, used=observed & ~cut, split_year=np.where(cut, begins[series], 0))


def lay_out(rows: pd.DataFrame) -> tuple[pd.DataFrame, list[SeriesBatch]]:
    """The series of `marked` rows: a table with one row per series, and the series by length.

    The table has indicator, ref_area, n, first_year, last_year, first_value, last_value, split_year (missing
    if no break excludes observations), projections (number left out) and estimated (number of E among n).
    """
    heads = rows.drop_duplicates("series")[KEY].reset_index(drop=True)
    used = rows["used"].to_numpy()
    series = rows["series"].to_numpy()
    points = np.bincount(series[used], minlength=len(heads))
    split = np.zeros(len(heads), dtype=np.int16)
    np.maximum.at(split, series, rows["split_year"].to_numpy())
    heads = heads.assign(
        n=points,
        split_year=pd.Series(split, dtype="Int64").where(split > 0),
        projections=np.bincount(series[rows["obs_status"].eq("F")], minlength=len(heads)),
        estimated=np.bincount(series[used & rows["obs_status"].eq("E")], minlength=len(heads)),
    )
    year, observation = (rows[name].to_numpy()[used] for name in ("time_period", "obs_value"))
    batches = list(_batches(points, year, observation))
    return _with_ends(heads, batches), batches


def with_absent(heads: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """The table of the series of a window, followed by the series without an observation in the window."""
    every = rows[KEY].drop_duplicates().merge(heads[KEY], how="left", indicator="found")
    absent = every.loc[every["found"].eq("left_only"), KEY]
    return pd.concat([heads, absent.assign(n=0, projections=0, estimated=0)], ignore_index=True)


def _batches(
    points: NDArray[np.int64], years: NDArray[np.int16], observations: Array
) -> Iterator[SeriesBatch]:
    begun = np.concatenate([[0], points.cumsum()[:-1]])
    for length in np.unique(points[points > 0]):
        rows = np.flatnonzero(points == length)
        cells = begun[rows][:, None] + np.arange(length)
        yield SeriesBatch(rows, years[cells].astype("float64"), observations[cells])


def _with_ends(heads: pd.DataFrame, batches: list[SeriesBatch]) -> pd.DataFrame:
    ends = np.full((len(heads), 4), np.nan)
    for batch in batches:
        ends[batch.rows] = np.column_stack([batch.years[:, [0, -1]], batch.observations[:, [0, -1]]])
    return heads.assign(
        first_year=pd.array(ends[:, 0], "Int64"),
        last_year=pd.array(ends[:, 1], "Int64"),
        first_value=ends[:, 2],
        last_value=ends[:, 3],
    )
