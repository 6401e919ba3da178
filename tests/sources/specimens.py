"""Specimens: a few rows of every real file, cut when the tests run, and JSON answers made of real data."""

import csv
import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from city_indicators.catalog import Catalogue, Source
from city_indicators.sources import nasa_power, open_meteo_air, open_meteo_daily, wup_workbook
from city_indicators.sources.places import folded
from tests.inventory.inventory import FILES, TOGETHER

Grid = list[list[Any]]
Content = tuple[str, bytes]
"""The address of a file or an answer, and its bytes."""

ROWS: Final = 6
YEAR: Final = "2018"
BEIJING: Final = "nasa_weather_Beijing_1999_2024.csv"
ADDRESS: Final = "https://publisher.example/answer?latitude=39.9075&longitude=116.39723"
HEADER: Final = (
    "-BEGIN HEADER-",
    f"Dates (month/day/year): 01/01/{YEAR} through 12/31/{YEAR} in LST",
    "Location: latitude  39.9075   longitude 116.3972",
    "The value for missing source data that cannot be computed: -999",
    "T2M_MAX     MERRA-2 Temperature at 2 Meters Maximum (C)",
    "T2M_MIN     MERRA-2 Temperature at 2 Meters Minimum (C)",
    "PRECTOTCORR     MERRA-2 Precipitation Corrected (mm/day)",
    "-END HEADER-",
)
FOOTNOTES: Final = '\n"footnoteSeqID"'

# Files that differ only in their place need only one specimen.
TABLES: Final[dict[str, tuple[str, list[str]]]] = {
    **{
        f"{source}-{n}": (source, [file])
        for source, files in FILES.items()
        for n, file in enumerate(files[:3], 1)
    },
    "what_a_waste": ("what_a_waste", TOGETHER["what_a_waste"]),
    "ghs_ucdb": ("ghs_ucdb", ["ghs_ucdb_r2024a/excerpt_health.csv"]),
}
NASA_ANSWER: Final = "nasa_power-answer"
for _name in ("nasa_power", NASA_ANSWER):
    TABLES[_name] = ("nasa_power", [f"daily_weather_nasa_power/{BEIJING}"])
RECORDED: Final = {file.stem: file for file in sorted(Path(__file__).with_name("answers").glob("*.json"))}
"""By source, a file with its address (url), its answer, and the resulting observations."""
ANSWERS: Final = (
    *RECORDED,
    *("grid_co2", "nasa_power"),
    *("open_meteo_archive", "open_meteo_climate", "open_meteo_air"),
)


@dataclass(frozen=True)
class File:
    """One file of a specimen: the rows up to the header, the rows of the table, and their writer."""

    url: str
    head: Grid
    rows: Grid
    write: Callable[[Grid], bytes]


@dataclass(frozen=True)
class Specimen:
    """A source and a few rows of the files that it reads together."""

    source: Source
    files: tuple[File, ...]

    def contents(self, number: int = 0, head: Grid | None = None, rows: Grid | None = None) -> list[Content]:
        """The files; the one with this `number` gets another head or other rows."""
        return [
            (
                file.url,
                file.write(
                    [
                        *(file.head if head is None or n != number else head),
                        *(file.rows if rows is None or n != number else rows),
                    ]
                ),
            )
            for n, file in enumerate(self.files)
        ]


def specimen(name: str, data: Path, catalogue: Catalogue) -> Specimen:
    """The specimen of TABLES with this name, from the folder of real files."""
    source_id, files = TABLES[name]
    source = catalogue.sources[source_id]
    if source.format == "nasa_power":
        return Specimen(source, (_days_file(data / files[0], name == NASA_ANSWER),))
    if source.format == "ghs_ucdb":
        return Specimen(source, (_theme(data / files[0]),))
    # Files that belong together have the same cities only if both have all of ours.
    rows = ROWS if len(files) == 1 else 10_000
    return Specimen(source, tuple(_file(source, data / file, catalogue, rows) for file in files))


def answer(name: str, data: Path, catalogue: Catalogue) -> tuple[Source, str, Any]:
    """Source, address and JSON of the answer with this name of ANSWERS."""
    source = catalogue.sources[name]
    if name in RECORDED:
        recorded = json.loads(RECORDED[name].read_text(encoding="utf-8"))
        return source, recorded["url"], recorded["answer"]
    if name == "grid_co2":
        text = (data / "grid_co2_codecarbon" / "global_energy_mix.json").read_text(encoding="utf-8")
        countries = {code: cells for code, cells in json.loads(text).items() if code in ("BRA", "RUS", "FJI")}
        return source, "global_energy_mix.json", countries
    days = _days(data)
    if name == "nasa_power":
        stamps = [f"{YEAR}{day['stamp'].replace('-', '')}" for day in days]
        columns = ("T2M_MAX", "T2M_MIN", "PRECTOTCORR")
        observations = {
            column: {stamp: float(day[column]) for stamp, day in zip(stamps, days, strict=True)}
            for column in columns
        }
        header = {"fill_value": -999.0, "start": stamps[0], "end": stamps[-1]}
        units = {column: {"units": nasa_power.UNITS[column]} for column in columns}
        place = {"geometry": {"coordinates": [116.397, 39.908, 52.1]}, "header": header}
        return source, ADDRESS, {**place, "parameters": units, "properties": {"parameter": observations}}
    if name in ("open_meteo_archive", "open_meteo_climate"):
        high, low, rain = ([float(day[c]) for day in days] for c in ("T2M_MAX", "T2M_MIN", "PRECTOTCORR"))
        mean = [(one + other) / 2 for one, other in zip(high, low, strict=True)]
        given = dict(zip(open_meteo_daily.ARCHIVE.expected.units, (high, low, mean, rain), strict=True))
        service = open_meteo_daily.ARCHIVE if name == "open_meteo_archive" else open_meteo_daily.CLIMATE
        columns = {column: given[column] for column in service.expected.units}
        times = [f"{YEAR}-{day['stamp']}" for day in days]
        daily = {"daily_units": service.expected.units, "daily": {"time": times, **columns}}
        return source, ADDRESS, {"latitude": 40.0, "longitude": 116.5, **daily}
    # Any values will do for the hours, and few of them: a year of hours would take too long.
    times = [f"{YEAR}-{day['stamp']}T{hour:02}:00" for day in days[:10] for hour in range(24)]
    hours = {"time": times, open_meteo_air.PM25: [float(day["RH2M"]) for day in days[:240]]}
    units = open_meteo_air.EXPECTED.units
    return source, ADDRESS, {"latitude": 40.0, "longitude": 116.5, "hourly_units": units, "hourly": hours}


def zipped(content: bytes, name: str = "UNdata_Export.csv") -> bytes:
    """The bytes as the only file of a zip."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return stream.getvalue()


def _days(data: Path) -> list[dict[str, str]]:
    import pandas as pd

    with (data / "daily_weather_nasa_power" / BEIJING).open(encoding="utf-8", newline="") as stream:
        days = [row for row in csv.DictReader(stream) if row["YEAR"] == YEAR]
    dates = pd.date_range(f"{YEAR}-01-01", periods=len(days))
    return [{**day, "stamp": date.strftime("%m-%d")} for day, date in zip(days, dates, strict=True)]


def _days_file(path: Path, answered: bool) -> File:
    """The days of one year of an archived file, or the same in the format of the service."""
    titles, *days = csv.reader(path.read_text(encoding="utf-8").splitlines())
    days = [day for day in days if day[0] == YEAR]
    if not answered:
        return File(path.name, [titles], days, _csv("utf-8"))
    return File(
        ADDRESS, [[line] for line in HEADER] + [titles[:-3]], [day[:-3] for day in days], _csv("utf-8")
    )


def _theme(path: Path) -> File:
    """A theme of urban centres, all rows of the excerpt: a centre that is missing would be refused."""
    with path.open(encoding="utf-8", newline="") as stream:
        titles, *rows = (["-" if cell == "NA" else cell for cell in row[1:]] for row in csv.reader(stream))
    write = _csv("utf-8")
    theme = "GHS_UCDB_THEME_HEALTH_GLOBE_R2024A.csv"
    return File(
        path.name,
        [titles],
        [list(row) for row in dict.fromkeys(map(tuple, rows))],
        lambda grid: zipped(write(grid), theme),
    )


def _file(source: Source, path: Path, catalogue: Catalogue, rows: int) -> File:
    names = _names(source, catalogue)
    if path.suffix == ".csv":
        encoding = source.layout.encoding if source.layout else "utf-8-sig"
        text, _, notes = path.read_bytes().decode(encoding).partition(FOOTNOTES)
        grid: Grid = list(csv.reader(io.StringIO(text, newline="")))
        header = source.layout.header_row if source.layout else 1
        tail = FOOTNOTES[1:] + "\n".join(notes.split("\n")[:3]) if notes else ""
        return File(path.name, *_cut(grid, header, names, rows), _csv(encoding, tail))
    sheet, header = wup_workbook.SHEET, wup_workbook.HEADER_ROW
    if source.format != "wup_workbook":
        sheet, header = source.table_layout.sheet or "", source.table_layout.header_row
    return File(path.name, *_cut(_page(path, sheet), header, names, rows), _workbook(sheet or "Sheet1"))


def _page(path: Path, sheet: str) -> Grid:
    from python_calamine import CalamineWorkbook

    book = CalamineWorkbook.from_path(path)
    page = book.get_sheet_by_name(sheet) if sheet else book.get_sheet_by_index(0)
    grid: Grid = page.to_python(skip_empty_area=False)
    return grid


def _names(source: Source, catalogue: Catalogue) -> set[str]:
    names = {name for aliases in source.places.values() for name in aliases}
    names |= (
        {city.name_en for city in catalogue.cities.values()}
        if source.by_name
        else set(catalogue.ref_areas(source))
    )
    return {folded(name) for name in names}


def _cut(grid: Grid, header: int, names: set[str], rows: int) -> tuple[Grid, Grid]:
    """The rows up to the header; of the others, a few of our places and two of other places."""
    table = [row for row in grid[header:] if row]
    ours = [bool({_plain(cell) for cell in row} & names) for row in table]
    known = [row for row, is_ours in zip(table, ours, strict=True) if is_ours]
    others = [row for row, is_ours in zip(table, ours, strict=True) if not is_ours]
    return grid[:header], known[:: max(1, len(known) // rows)][:rows] + others[:2]


def _plain(cell: object) -> str:
    return folded(str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell))


def _csv(encoding: str, tail: str = "") -> Callable[[Grid], bytes]:
    def write(grid: Grid) -> bytes:
        text = io.StringIO()
        csv.writer(text).writerows(grid)
        return (text.getvalue() + tail).encode(encoding, "replace")

    return write


def _workbook(sheet: str) -> Callable[[Grid], bytes]:
    def write(grid: Grid) -> bytes:
        from openpyxl import Workbook

        book = Workbook(write_only=True)
        page = book.create_sheet(sheet)
        for row in grid:
            page.append([_cell(cell) for cell in row])
        stream = io.BytesIO()
        book.save(stream)
        return stream.getvalue()

    return write


def _cell(cell: Any) -> Any:
    """A cell that a workbook can store: text without control characters and broken surrogates."""
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    if not isinstance(cell, str):
        return cell
    return ILLEGAL_CHARACTERS_RE.sub("", cell).encode("utf-8", "ignore").decode()[:32_000]
