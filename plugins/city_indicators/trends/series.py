"""Observations laid out as series of equal length: what counts as observed, and where a series begins."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from city_indicators.errors import TrendError
from city_indicators.trends.declared import Window
from city_indicators.trends.statistics import Array

KEY: Final = ["indicator", "ref_area"]
PAIRS_AT_ONCE: Final = 4_000_000
"""Pairs of points in memory at once, 8 bytes each."""


@dataclass(frozen=True)
class Block:
    """Series of one length: their `rows` in the table of series, years and values (series, points)."""

    rows: NDArray[np.int64]
    years: Array
    values: Array

    def parts(self) -> Iterator["Block"]:
        """The block in parts whose pairs of points fit into memory."""
        points = self.values.shape[1]
        size = max(1, PAIRS_AT_ONCE // max(1, points * (points - 1) // 2))
        for begun in range(0, len(self.rows), size):
            part = slice(begun, begun + size)
            yield Block(self.rows[part], self.years[part], self.values[part])


def checked(observations: pd.DataFrame) -> pd.DataFrame:
    """The observations with years as numbers, places and indicators as categories, in the order of both.

    Raises:
        TrendError: a place has two figures of an indicator in one year.
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
            f"{first.ref_area} has more than one figure of {first.indicator} in {first.time_period}",
            "pass those of one source",
        )
    return rows


def lay_out(rows: pd.DataFrame, window: Window) -> tuple[pd.DataFrame, list[Block]]:
    """The series of `checked` rows within a window: a table with a row a series, and the series by length.

    Projections (F) and missing figures are no part of a series. A break in definition (B) begins it anew: only
    what is comparable with the newest figure stays. The table has indicator, ref_area, n, first_year, last_year,
    first_value, last_value, split_year (of the break, where one cut figures off), projections (left out).
    """
    inside = rows[window.holds(rows["time_period"])]
    series = inside.groupby(KEY, observed=True, sort=False).ngroup().to_numpy()
    heads = inside.drop_duplicates(KEY)[KEY].reset_index(drop=True)
    year = inside["time_period"].to_numpy()
    value = inside["obs_value"].to_numpy()
    status = inside["obs_status"].to_numpy()
    observed = (status != "F") & np.isfinite(value)
    begins = np.full(len(heads), np.iinfo(np.int16).min, dtype=np.int16)
    broken = observed & (status == "B")
    np.maximum.at(begins, series[broken], year[broken])
    cut = observed & (year < begins[series])
    used = observed & ~cut
    points = np.bincount(series[used], minlength=len(heads))
    was_cut = np.bincount(series[cut], minlength=len(heads)) > 0
    heads = heads.assign(
        n=points,
        split_year=pd.array(np.where(was_cut, begins, 0), "Int64"),
        projections=np.bincount(series[status == "F"], minlength=len(heads)),
    )
    heads["split_year"] = heads["split_year"].where(was_cut)
    blocks = list(_blocks(points, year[used], value[used]))
    return _with_ends(heads, blocks), blocks


def _blocks(points: NDArray[np.int64], years: NDArray[np.int16], values: Array) -> Iterator[Block]:
    begun = np.concatenate([[0], points.cumsum()[:-1]])
    for length in np.unique(points[points > 0]):
        rows = np.flatnonzero(points == length)
        cells = begun[rows][:, None] + np.arange(length)
        yield Block(rows, years[cells].astype("float64"), values[cells])


def _with_ends(heads: pd.DataFrame, blocks: list[Block]) -> pd.DataFrame:
    ends = np.full((len(heads), 4), np.nan)
    for block in blocks:
        ends[block.rows] = np.column_stack([block.years[:, [0, -1]], block.values[:, [0, -1]]])
    return heads.assign(
        first_year=pd.array(ends[:, 0], "Int64"),
        last_year=pd.array(ends[:, 1], "Int64"),
        first_value=ends[:, 2],
        last_value=ends[:, 3],
    )
