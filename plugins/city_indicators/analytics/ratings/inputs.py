"""Reads values and groups from CSV files, for the command `rate`."""

import csv
import io
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from city_indicators.analytics.ratings.method import Method
from city_indicators.analytics.ratings.panel import KEY, cell
from city_indicators.analytics.ratings.ratios import of_bases
from city_indicators.core.errors import RatingInputError

COLUMNS: Final = {
    "unit": "ref_area",
    "indicator": "indicator",
    "value": "obs_value",
    "period": "time_period",
}
SEPARATORS: Final = {";": "semicolons", "\t": "tabs"}


@dataclass(frozen=True)
class Inputs:
    """The values of a file for a method, and all its units, including those without a value.

    `values` has ref_area, indicator, obs_value, time_period and optionally obs_status. `projections` is the
    number of values with the status F, which ratings do not use.
    """

    values: pd.DataFrame
    units: list[str]
    projections: int


def read_inputs(file: Path, method: Method) -> Inputs:
    """Read the values for a method. The file is read once, because it may be a pipe.

    An empty cell is a missing value; projections are left out. A unit without a value for a period gets its
    latest one, at most `max_age_years` older.

    Raises:
        RatingInputError: the file is invalid; names the file, the row or key, and the fault.
    """
    table = _read(file, ["unit", "indicator", "value"]).rename(columns=COLUMNS)
    if "time_period" not in table:
        table["time_period"] = ""
    numbers = pd.to_numeric(table["obs_value"].where(table["obs_value"] != ""), errors="coerce")
    if (bad := ~np.isfinite(numbers) & (table["obs_value"] != "")).any():
        row = bad.to_numpy().argmax()
        fault = f"the value {table['obs_value'].iloc[row]!r} is not a finite number"
        raise RatingInputError(file, f"row {row + 2}", fault)
    table["obs_value"] = numbers.astype(float)
    projected = _projected(table)
    present = table[table["obs_value"].notna() & ~projected]
    for indicator in method.used:
        if indicator not in set(table["indicator"]):
            raise RatingInputError(file, indicator, "the method uses it, but the file does not have it")
        if indicator not in set(present["indicator"]):
            raise RatingInputError(file, indicator, "all its values are missing or projections")
    used_values = present[present["indicator"].isin(method.used)]
    _check_statuses(used_values, method, file)
    if "geo_basis" in used_values:
        # A value of another basis would be carried forward.
        used_values = used_values[of_bases(used_values, "indicator", method.geo_bases)]
    used_values = used_values.reset_index(drop=True)
    if (repeated := used_values.duplicated(KEY)).any():
        raise RatingInputError(
            file, cell(used_values[repeated].iloc[0]), "has several values: keep one of them"
        )
    left_out = projected & table["obs_value"].notna() & table["indicator"].isin(method.used)
    if method.max_age_years:
        used_values = _carried(used_values, method.max_age_years, file)
    return Inputs(used_values, sorted(set(table["ref_area"])), int(left_out.sum()))


def read_groups(file: Path) -> pd.DataFrame:
    """Read ref_area, optionally time_period, and one column per group; an empty cell means no group.

    Raises:
        RatingInputError: the file has no column `unit`.
    """
    groups = _read(file, ["unit"]).rename(columns=COLUMNS)
    return groups.mask(groups == "")


def _read(file: Path, needed: list[str]) -> pd.DataFrame:
    header, *rows = _cells(file)
    table = pd.DataFrame(rows, columns=header, dtype=str)
    if "unit" in table and (unnamed := table["unit"] == "").any():
        raise RatingInputError(file, f"row {unnamed.to_numpy().argmax() + 2}", "has no unit")
    if absent := [column for column in needed if column not in table]:
        raise RatingInputError(file, ", ".join(absent), f"no such column; the file has {list(table.columns)}")
    return table


def _cells(file: Path) -> list[list[str]]:
    """The header and the rows, all of the same length, without spaces around the cells."""
    try:
        text = file.read_bytes().decode("utf-8-sig")
        lines = csv.reader(io.StringIO(text, newline=""), strict=True)
        rows = [[cell.strip() for cell in line] for line in lines if line]
    except (csv.Error, UnicodeDecodeError) as error:
        raise RatingInputError(file, "(file)", f"is not CSV in UTF-8: {error}") from error
    if not rows:
        raise RatingInputError(file, "(file)", "is not CSV in UTF-8: it has no header")
    for separator, name in SEPARATORS.items():
        if len(rows[0]) == 1 and separator in rows[0][0]:
            fault = (
                f"is separated by {name}. Next step: save it with commas between columns and decimal points"
            )
            raise RatingInputError(file, "(file)", fault)
    for column in rows[0]:
        if rows[0].count(column) > 1:
            raise RatingInputError(file, column, "there are several columns of this name: keep one of them")
    for number, row in enumerate(rows, 1):
        if len(row) != len(rows[0]):
            fault = f"has {len(row)} cells, but the header has {len(rows[0])}"
            raise RatingInputError(file, f"row {number}", fault)
    return rows


def _projected(table: pd.DataFrame) -> pd.Series:
    return table["obs_status"] == "F" if "obs_status" in table else pd.Series(False, table.index)


def _check_statuses(values: pd.DataFrame, method: Method, file: Path) -> None:
    """Check that noise is declared for the status of each rated value; the index is that of the file."""
    noise = method.uncertainty.factors.noise if method.uncertainty else None
    if noise is None or "obs_status" not in values:
        return
    varied = values[values["indicator"].isin(method.indicator_ids)]
    for row, status in varied.loc[~varied["obs_status"].isin(noise.keys()), "obs_status"].items():
        fault = f"has the obs_status {status!r}, for which the method declares no noise"
        raise RatingInputError(file, f"row {int(str(row)) + 2}", fault)


def _carried(values: pd.DataFrame, years: int, file: Path) -> pd.DataFrame:
    """The latest value of each unit and indicator for each period, at most so many years old."""
    if not values["time_period"].str.fullmatch(r"\d{4}").all():
        raise RatingInputError(file, "period", "must be a year of four digits: the method has max_age_years")
    known = values.assign(year=values["time_period"].astype(int)).sort_values("year")
    cells = known[["ref_area", "indicator"]].drop_duplicates()
    periods = pd.DataFrame({"year": sorted(set(known["year"]))})
    target = cells.merge(periods, how="cross").sort_values("year", kind="stable")
    found = pd.merge_asof(target, known, on="year", by=["ref_area", "indicator"], tolerance=years)
    present = found.dropna(subset="obs_value")
    return present.assign(
        raw_time_period=present["time_period"], time_period=present["year"].astype(str)
    ).drop(columns="year")
