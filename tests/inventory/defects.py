"""Known defects of the real files, each with the result of our parsers and rules."""

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import pandas as pd

from city_indicators.catalog import Catalogue
from city_indicators.catalog.source import Layout, Source
from city_indicators.core.errors import CityIndicatorsError
from city_indicators.core.intervals import EVERY_YEAR
from city_indicators.core.snapshots import Snapshot
from city_indicators.ingest.parse import Parsed, parse_records
from city_indicators.sources import nasa_power, table, undata
from city_indicators.sources.connectors import connector_of
from city_indicators.sources.records import Record, as_number
from tests.inventory.recorded import Exchange

OBSERVATIONS: Final[tuple[tuple[str, str, tuple[str, str, str]], ...]] = (
    ("CDP 2017, Moscow: the total is less than its own scope 1", "cdp_2017", ("moscow", "GHG_TOTAL", "2016")),
    ("CDP 2017, Moscow: its scope 1 is rejected too", "cdp_2017", ("moscow", "GHG_SCOPE1", "2016")),
    ("UN-Habitat, Abu Dhabi: no green area", "un_habitat_green", ("abu-dhabi", "GREEN_SHARE", "2010")),
    ("UN SDG transport, Riyadh twice", "un_sdg_transport", ("riyadh", "PT_ACCESS", "2020")),
    ("Metro systems, Tokyo has several", "metro_systems", ("tokyo", "METRO_KM", "2023")),
    ("EDGAR, New York: implausibly high", "edgar_fua", ("new-york-city", "GHG_TOTAL", "2015")),
    ("EDGAR, Johannesburg: zero emissions", "edgar_fua", ("johannesburg", "GHG_TOTAL", "2015")),
    ("WDI saved by a spreadsheet, Russia", "wdi_damaged", ("RUS", "NET_USERS_SHARE", "2015")),
)
"""The name of the defect, its account, and the place, indicator and year of the observation."""

CDP_2017: Final = "2017_-_Cities_Community_Wide_Emissions.csv"
EDGAR: Final = "edgar_fua_co2/city_emissions.csv"
WDI: Final = "wdi_corrupted_specimen/world_bank_development_indicators.csv"
WHO: Final = "who_aaq/who_aap_2021_v9_11august2022.xlsx"
C40: Final = "c40_gpc/C40_GPC_Database.xlsx"
UNDATA: Final = "undata_city_population/UNdata_Export_20240220_163008679.csv"
BERLIN: Final = "daily_weather_nasa_power/nasa_weather_Berlin_1999_2024.csv"
FREE_YEAR: Final = "July 2018 - June 2019"


@dataclass(frozen=True)
class Files:
    """The folder of real files, and the results of those that were already read, by source."""

    folder: Path
    catalogue: Catalogue
    parsed: Mapping[str, Parsed]

    def records(self, source: Source, file: str) -> Iterator[Record]:
        """The records of one file."""
        content = (self.folder / file).read_bytes()
        archived = Exchange(source, file, Path(file).name, content).archived()
        return connector_of(source).read(source, archived, EVERY_YEAR)


def lines(files: Files) -> Iterator[tuple[str, str]]:
    """Every known defect by name, with its result in Markdown."""
    for name, source, key in OBSERVATIONS:
        yield name, "; ".join(_verdicts(files.parsed[source], key))
    yield "WDI saved by a spreadsheet, all of GDP", _damaged_gdp(files.folder)
    yield "WHO, the lowest PM2.5", _lowest_pm25(files)
    yield f"C40, years like {FREE_YEAR!r}", _free_years(files)
    yield "UNdata, footnotes below the table", _footnotes(files)
    yield "NASA POWER, Dubai is a grid cell at sea", _sea_cell(files.parsed["nasa_power"])
    yield "NASA POWER, Berlin's file for Moscow", _berlin_as_moscow(files)


def _verdicts(parsed: Parsed, key: tuple[str, str, str]) -> Iterator[str]:
    accepted, rejected = (_of(rows, key) for rows in (parsed.accepted, parsed.rejected))
    for _, row in accepted.iterrows():
        yield f"accepted as {row['obs_value']:.15g} {row['unit_measure']}, from {row['pointer']}"
    for _, row in rejected.iterrows():
        yield f"`{row['value_as_published']}`{_heads(row['raw_row'])} {_rejection(row)}"


def _of(rows: pd.DataFrame, key: tuple[str, str, str]) -> pd.DataFrame:
    same = [
        rows[column] == part
        for column, part in zip(["ref_area", "indicator", "time_period"], key, strict=True)
    ]
    return rows[same[0] & same[1] & same[2]]


def _rejection(row: "pd.Series[str]") -> str:
    return f"rejected by `{row['rule']}`: {row['reason']}"


def _heads(raw: str) -> str:
    """Emissions per head, if the row also gives the population."""
    cells = json.loads(raw)
    if not {"emissions", "population"} <= set(cells):
        return ""
    return f" kt, {1000 * float(cells['emissions']) / float(cells['population']):.1f} t a head,"


def _damaged_gdp(folder: Path) -> str:
    """None of our indicators uses this column, so its cells are counted as the parsers read them."""
    content = (folder / WDI).read_bytes()
    layout = Layout(kind="csv", delimiter=";", place="country")
    snapshot = Snapshot("wdi_damaged", WDI, "", len(content), "", datetime.now(UTC))
    rows = [row for row in table.rows_of(layout, snapshot, content)[1] if row.text("GDP_current_US")]
    damaged = [row for row in rows if math.isnan(as_number(row.text("GDP_current_US")))]
    first = damaged[0]
    return (
        f"{len(damaged)} of {len(rows)} values are no numbers, the first in {first.text('country')}, "
        f"{first.text('date')}: `{first.text('GDP_current_US')}`; `value_is_number` would reject each"
    )


def _lowest_pm25(files: Files) -> str:
    """The place is not in our catalogue, so it is validated as if it had been requested."""
    source = files.catalogue.sources["who_air_quality"]
    records = [
        (as_number(record.value), record)
        for record in files.records(source, WHO)
        if record.series.indicator == "PM25_CITY" and record.value is not None
    ]
    _, record = min(records, key=lambda pair: pair[0])
    as_requested = source.model_copy(update={"areas": {record.area_code: record.area_code}})
    parsed = parse_records([replace(record, country=None)], as_requested, files.catalogue)
    where = f"{record.area_code}, {record.country}, {record.time_period}: `{record.value}`"
    return f"{where}, out of scope; if requested, it is {_rejection(parsed.rejected.iloc[0])}"


def _free_years(files: Files) -> str:
    source = files.catalogue.sources["c40_gpc"]
    years: dict[tuple[str, str], tuple[str, str]] = {}
    for record in files.records(source, C40):
        free = str(json.loads(record.raw)["Year"]).removesuffix(".0")
        years[record.area_code, record.time_period] = free, record.time_period
    free_text = {place: both for place, both in years.items() if both[0] != both[1]}
    (place, year) = next(place for place, (free, _) in free_text.items() if free == FREE_YEAR)
    return (
        f"{place} is read as {year}, from the column `{source.table_layout.period}`, and so are all "
        f"{len(free_text)} of {len(years)} inventories whose column `Year` differs"
    )


def _footnotes(files: Files) -> str:
    content = (files.folder / UNDATA).read_bytes()
    source = files.catalogue.sources["undata_population"]
    ((snapshot, _),) = Exchange(source, UNDATA, UNDATA, content).archived()
    notes = content[len(undata.table_only(snapshot, content)) :]
    _, rows = table.rows_of(source.table_layout, snapshot, undata.table_only(snapshot, content))
    return (
        f"{len(notes.splitlines()) - 1} lines from `footnoteSeqID` on are left out, {len(rows)} rows are read"
    )


def _sea_cell(parsed: Parsed) -> str:
    row = parsed.rejected.iloc[0]
    return f"{len(parsed.rejected)} observations of {row['url']} {_rejection(row)}"


def _berlin_as_moscow(files: Files) -> str:
    source, moscow = files.catalogue.sources["nasa_power"], files.catalogue.cities["moscow"]
    url = f"{source.base_url}{source.path}?latitude={moscow.latitude}&longitude={moscow.longitude}"
    exchange = Exchange(source, BERLIN, url, (files.folder / BERLIN).read_bytes())
    try:
        records = list(nasa_power.read(source, exchange.archived(), EVERY_YEAR))
    except CityIndicatorsError as error:
        return f"the file is rejected, {type(error).__name__}: {fault(error)}"
    return f"accepted, {len(records)} records"


def fault(error: CityIndicatorsError) -> str:
    """The fault of an error, as one short line for a Markdown table."""
    text = str(error).split(": ", 2)[-1].rsplit(". Next step:", 1)[0]
    return " ".join(text.split())[:160].replace("|", "\\|").replace("<", "&lt;")
