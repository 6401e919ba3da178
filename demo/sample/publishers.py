"""Reads the publishers' own files and returns normalised rows of text."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from city_indicators.core.errors import PermanentError
from demo.sample.table import read_text_csv

FIRST_YEAR = 2000
WUP_LAST_YEAR = 2025

OBSERVATION_COLUMNS = [
    "source",
    "series",
    "ref_area",
    "time_period",
    "obs_value",
    "unit_measure",
    "obs_status",
    "geo_basis",
    "citation",
]
WUP_KEY_COLUMNS = [
    "Index",
    "Country Code",
    "Country or area",
    "City Code",
    "Urban Agglomeration",
    "Note",
    "Latitude",
    "Longitude",
]
WUP_HEADER_ROW = 17  # counted from one, as the publisher's own documentation does


class SourceFileError(PermanentError):
    """A publisher's file is not as expected; the message names the file and what to check."""


@dataclass(frozen=True)
class Observation:
    """A column of a publisher's table and its series."""

    column: str
    series: str
    unit_measure: str


def read_table(path: Path) -> pd.DataFrame:
    """Read a publisher's CSV as text.

    Raises:
        SourceFileError: the file is absent.
    """
    try:
        return read_text_csv(path)
    except FileNotFoundError as error:
        message = f"{path.name} is absent from {path.parent.name}: pass the folder that holds the real files"
        raise SourceFileError(message) from error


def long_rows(
    table: pd.DataFrame,
    *,
    area: str,
    year: str,
    observations: list[Observation],
    areas: list[str],
    source: str,
    citation: str,
) -> pd.DataFrame:
    """Turn a table with a row per area and year into observations of the given areas from 2000 on.

    Args:
        table: the publisher's table, text cells.
        area: its column of ISO 3166 alpha-3 codes.
        year: its column of years.
        observations: its columns of observations; an empty cell gives no row.
        areas: the codes to keep; every one must be present.
        source: the source's id in the catalogue.
        citation: the citation's id.

    Returns:
        A frame with the columns of `OBSERVATION_COLUMNS`.

    Raises:
        SourceFileError: an area has no row, or an area and year has two.
    """
    selected = table[table[area].isin(areas) & (pd.to_numeric(table[year]) >= FIRST_YEAR)]
    if absent := sorted(set(areas) - set(selected[area])):
        raise SourceFileError(f"{citation}: no rows for {', '.join(absent)}; check the column {area!r}")
    if selected.duplicated([area, year]).any():
        raise SourceFileError(f"{citation}: two rows for one area and year; decide which one is published")
    parts = [
        pd.DataFrame(
            {
                "source": source,
                "series": observation.series,
                "ref_area": selected[area],
                "time_period": selected[year],
                "obs_value": selected[observation.column],
                "unit_measure": observation.unit_measure,
                "obs_status": "A",
                "geo_basis": "country",
                "citation": citation,
            }
        )
        for observation in observations
    ]
    rows = pd.concat(parts)
    return rows[rows["obs_value"] != ""]


def wdi_series(export: pd.DataFrame, series: str) -> pd.DataFrame:
    """One series of a World Bank DataBank export as `Country Code, Year, Value`.

    The export writes years as `2018 [YR2018]` and a missing value as `..`, and ends with lines that name the
    database; those have no series code and are left out.
    """
    years = [column for column in export.columns if column.endswith("]")]
    wanted = export[export["Series Code"] == series]
    tall = wanted.melt("Country Code", years, "Year", "Value")
    return tall.assign(Year=tall["Year"].str[:4], Value=tall["Value"].replace("..", ""))


@dataclass(frozen=True)
class WupFile:
    """The part of the WUP workbook in the sample."""

    observations: pd.DataFrame
    agglomerations: pd.DataFrame
    text: pd.DataFrame


def _cell(value: Any) -> str:
    """A spreadsheet number as its shortest text: the workbook stores integers as floats."""
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    return str(value)


def _wup_text(sheets: Mapping[str, list[list[Any]]], notes: set[str]) -> pd.DataFrame:
    """Title lines above the header row, and the footnotes that the selected cities cite."""
    title = [
        ("Data", row, column, str(value))
        for row, line in enumerate(sheets["Data"][: WUP_HEADER_ROW - 1], start=1)
        for column, value in enumerate(line, start=1)
        if value != ""
    ]
    cited = [
        ("NOTES", row, 1, str(line[0]))
        for row, line in enumerate(sheets["NOTES"], start=1)
        if row == 1 or str(line[0]).partition(")")[0].removeprefix("(") in notes
    ]
    return pd.DataFrame(title + cited, columns=["sheet", "row", "column", "text"]).astype(str)


def read_wup(path: Path, cities: Mapping[str, str], *, last_estimated: int, citation: str) -> WupFile:
    """Read the annual agglomeration workbook (F22), with values in thousands of persons.

    Args:
        path: the publisher's workbook.
        cities: WUP city code -> the city's id in the catalogue.
        last_estimated: years after this one are the publisher's projections and get status F.
        citation: the citation's id.

    Raises:
        SourceFileError: the file or one of the cities is absent, or the header row has moved.
    """
    from python_calamine import CalamineWorkbook

    if not path.is_file():
        message = f"{path.name} is absent from {path.parent.name}: pass the folder that holds the real files"
        raise SourceFileError(message)
    book = CalamineWorkbook.from_path(path)
    sheets = {
        name: book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in ("Data", "NOTES")
    }
    header = [_cell(value) for value in sheets["Data"][WUP_HEADER_ROW - 1]]
    if header[: len(WUP_KEY_COLUMNS)] != WUP_KEY_COLUMNS:
        message = f"{path.name}: row {WUP_HEADER_ROW} is not the header; check where the table starts now"
        raise SourceFileError(message)
    table = pd.DataFrame(
        [[_cell(value) for value in line] for line in sheets["Data"][WUP_HEADER_ROW:]], columns=header
    )
    table.insert(0, "ref_area", table["City Code"].map(dict(cities)))
    table = table[table["ref_area"].notna()]
    if len(table) != len(cities):
        message = f"{path.name}: {len(table)} of {len(cities)} cities found; check the codes in un_wup.yaml"
        raise SourceFileError(message)
    years = [str(year) for year in range(FIRST_YEAR, WUP_LAST_YEAR + 1)]
    tall = table.melt("ref_area", years, "time_period", "obs_value")
    observations = tall.assign(
        source="un_wup",
        series="population",
        unit_measure="PS_1000",
        obs_status=["E" if int(year) <= last_estimated else "F" for year in tall["time_period"]],
        geo_basis="agglomeration",
        citation=citation,
    )[OBSERVATION_COLUMNS]
    return WupFile(
        observations[observations["obs_value"] != ""],
        table[["ref_area", *WUP_KEY_COLUMNS]],
        _wup_text(sheets, set(table["Note"]) - {""}),
    )
