"""Compiles the daily weather of the sample: days of NASA POWER for the cities with an archived file.

A file belongs to the city at whose coordinates its days were requested, regardless of its name.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import pandas as pd

from city_indicators.catalog import Catalogue
from demo.sample.citations import Citation
from demo.sample.publishers import SourceFileError, read_table

SOURCE: Final = "nasa_power"
YEARS: Final = range(2000, 2025)
PARAMETERS: Final = ["T2M_MAX", "T2M_MIN", "PRECTOTCORR"]
COLUMNS: Final = ["ref_area", "latitude", "longitude", "date", *PARAMETERS]


def compile_weather(folder: Path, citations: Mapping[str, Citation], catalogue: Catalogue) -> pd.DataFrame:
    """The days of `YEARS` for every city of `citations`.

    Args:
        folder: the publishers' real files.
        citations: ref_area -> the citation of its file.
        catalogue: for the coordinates of the cities.

    Returns:
        A frame of text with `COLUMNS`, ordered by city and day; coordinates in degrees, values in °C and mm
        per day, with the digits of the file.

    Raises:
        SourceFileError: a file is absent, of another place, or lacks a day.
    """
    parts = [_city(folder / citations[city].file, city, catalogue) for city in sorted(citations)]
    return pd.concat(parts)


def _city(path: Path, city: str, catalogue: Catalogue) -> pd.DataFrame:
    table = read_table(path)
    if missing := [name for name in ("YEAR", "DOY", "LAT", "LON", *PARAMETERS) if name not in table]:
        message = f"{path.name}: no columns {missing}; check their names in the publisher's current file"
        raise SourceFileError(message)
    table = table[table["YEAR"].isin([str(year) for year in YEARS])]
    _check_place(path, table, city, catalogue)
    days = table["YEAR"] + table["DOY"].str.zfill(3)
    table = table.rename(columns={"LAT": "latitude", "LON": "longitude"})
    table = table.assign(ref_area=city, date=pd.to_datetime(days, format="%Y%j").dt.strftime("%Y-%m-%d"))
    _check_days(path, table)
    return table[COLUMNS].sort_values("date")


def _check_place(path: Path, table: pd.DataFrame, city: str, catalogue: Catalogue) -> None:
    areas = catalogue.ref_areas(catalogue.sources[SOURCE])
    points = table[["LAT", "LON"]].drop_duplicates().itertuples(index=False)
    found = {areas.get(f"{float(latitude)},{float(longitude)}") for latitude, longitude in points}
    if found != {city}:
        message = (
            f"{path.name}: the coordinates are of {sorted(map(str, found))}, not of {city}; compare LAT "
            f"and LON with the points of {SOURCE}.yaml"
        )
        raise SourceFileError(message)


def _check_days(path: Path, table: pd.DataFrame) -> None:
    every_day = pd.date_range(f"{YEARS[0]}-01-01", f"{YEARS[-1]}-12-31").strftime("%Y-%m-%d")
    if sorted(table["date"]) != list(every_day):
        message = f"{path.name}: {len(table)} days of {len(every_day)}; each day must be there once"
        raise SourceFileError(message)
