"""What a Waste of the World Bank: a table of cities, and a codebook with the years of two of its columns.

The codebook has a row per city and measurement (population and tonnage of waste). The shares by treatment
have no year of their own: they describe the same waste and take the year of its tonnage.
"""

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from city_indicators.catalog.models import Catalogue
from city_indicators.catalog.source import Series, Share, Source
from city_indicators.core.intervals import Interval
from city_indicators.core.snapshots import Snapshot
from city_indicators.sources.places import folded
from city_indicators.sources.records import (
    Archived,
    Fetch,
    Record,
    as_number,
    as_text,
    breach,
    changed,
    total,
)
from city_indicators.sources.rows import Row
from city_indicators.sources.table import Columns, rows_of

FILES: Final = ("/DR0049200/city_level_data_0_0.csv", "/DR0049202/city_level_codebook_0.csv")
KEYS: Final = ("iso3c", "city_name")
MEASUREMENT, YEAR, UNIT = "measurement", "year", "units"
TONNAGE: Final = "total_msw_total_msw_generated_tons_year"
POPULATION: Final = "population_population_number_of_people"
# Cities of these sizes grow by up to 4 % a year: a population two years off changes a value per head by 8 %.
MAX_YEARS_APART: Final = 2
# Twelve shares rounded to integer percentages almost always add up to 100 within this tolerance.
ROUNDING: Final = 2.0

UNITS: Final = {TONNAGE: "tonnes/year", POPULATION: "# of people"}
"""The unit of each measurement as the codebook writes it; the titles of the columns say tons and number."""
SELF_STATEMENTS: Final = {
    "title": "the title of each column, which the catalogue declares",
    "units": "the unit of a measurement, in the codebook",
    "codebook": "the city and measurement of each row of the codebook, once each",
}
"""What the two files say about themselves: they are refused if each other or the catalogue differ."""

Codebook = Mapping[tuple[str, str, str], Row]
"""The rows of the codebook by country, folded name of the city and measurement."""


@dataclass(frozen=True)
class CityRow:
    """One row of the table with its rows of the codebook, by measurement."""

    name: str
    row: Row
    notes: Mapping[str, Row]

    def cell(self, column: str) -> str | float | None:
        """A value as published; None if the cell is empty."""
        return as_text(self.row.cells[column])

    def year(self, column: str) -> str:
        """The year of a column; empty if the codebook has none."""
        return self.notes[column].text(YEAR) if column in self.notes else ""


def fetch(source: Source, catalogue: Catalogue, interval: Interval, fetch: Fetch) -> list[Snapshot]:  # noqa: ARG001
    """Fetch the table and its codebook, both complete."""
    return [fetch((source.path or "") + file, {})[0] for file in FILES]


def read(source: Source, archived: Archived, interval: Interval) -> Iterator[Record]:  # noqa: ARG001
    """One record per series and city.

    Raises:
        SourceContractError: a file is not such a table, or one of the two is missing.
    """
    layout = source.table_layout
    tables = [(snapshot, *rows_of(layout, snapshot, content)) for snapshot, content in archived]
    codebook: dict[tuple[str, str, str], Row] = {}
    cities = []
    for snapshot, titles, rows in tables:
        if missing := [title for title in KEYS if titles.count(title) != 1]:
            raise breach(snapshot, f"not one column each of {missing} among {titles}")
        if MEASUREMENT in titles:
            _add(codebook, Columns(titles, snapshot), rows, snapshot)
        else:
            cities.append((snapshot, Columns(titles, snapshot), rows))
    if tables and not (codebook and cities):
        raise breach(tables[0][0], "expected two files, the table of cities and its codebook")
    for snapshot, columns, rows in cities:
        for row in rows:
            city = _city(row, codebook)
            for series in source.series:
                yield _record(series, city, columns, snapshot)


def _add(
    codebook: dict[tuple[str, str, str], Row], columns: Columns, rows: list[Row], snapshot: Snapshot
) -> None:
    """Add the rows of a codebook, each of which names the unit of its measurement."""
    unit, _ = columns.find(UNIT), columns.find(YEAR)
    for row in rows:
        measurement = row.text(MEASUREMENT)
        if row.text(unit) != UNITS.get(measurement, row.text(unit)):
            what = f"the unit of {measurement} in {row.pointer}"
            raise changed(snapshot, what, UNITS[measurement], row.text(unit))
        key = (*_place(row), measurement)
        if key in codebook:
            raise breach(snapshot, f"{row.pointer} repeats {key} of {codebook[key].pointer}")
        codebook[key] = row


def repaired(name: str) -> str:
    """Repair a name whose UTF-8 was read as Windows-1252; return any other name unchanged.

    Do not strip white space before: a non-breaking space can be half of such a character.
    """
    try:
        return name.encode("cp1252").decode("utf-8").strip()
    except UnicodeError:
        return name.strip()


def _name(row: Row) -> str:
    return repaired(str(row.cells["city_name"]))


def _place(row: Row) -> tuple[str, str]:
    return row.text("iso3c"), folded(_name(row))


def _city(row: Row, codebook: Codebook) -> CityRow:
    place = _place(row)
    notes = {key[2]: note for key, note in codebook.items() if key[:2] == place}
    return CityRow(_name(row), row, notes)


def _record(series: Series, city: CityRow, columns: Columns, snapshot: Snapshot) -> Record:
    column = columns.find(series.column or TONNAGE)
    if series.share:
        value = treated(series.share, city, columns)
    elif series.per:
        value = per_head(city, column, columns.find(series.per))
    else:
        value = city.cell(column)
    notes = [dict(note.cells) for note in city.notes.values()]
    pointers = [city.row.pointer, *(f"codebook {note.pointer}" for note in city.notes.values())]
    return Record(
        series=series,
        area_code=city.name,
        country=city.row.text("iso3c"),
        time_period=city.year(column),
        value=value,
        title=series.code,
        snapshot=snapshot,
        pointer=" + ".join(pointers),
        raw=json.dumps({**city.row.cells, "codebook": notes}, ensure_ascii=False),
    )


def per_head(city: CityRow, column: str, population: str) -> str | float | None:
    """A value divided by the population of about the same year; a cell that is no number as it is.

    None if one of the two or its year is unknown, or if the years are too far apart.
    """
    years = city.year(column), city.year(population)
    cells = city.cell(column), city.cell(population)
    if None in cells or not all(year.isdecimal() and len(year) == 4 for year in years):
        return None
    observation, people = (as_number(cell) for cell in cells)
    if math.isnan(observation) or not people > 0:
        return str(cells[0] if math.isnan(observation) else cells[1])
    apart = abs(int(years[0]) - int(years[1]))
    return observation / people if apart <= MAX_YEARS_APART else None


def treated(share: Share, city: CityRow, columns: Columns) -> str | float | None:
    """The sum of the published percentages of `of`; None if none of them is given.

    If a percentage is no number, or the percentages do not add up to 100, the value is a text that says
    so, which the row rules reject.
    """
    cells = {name: city.cell(columns.find(name)) for name in share.in_}
    given = {name: as_number(cell) for name, cell in cells.items() if cell is not None}
    parts = [given[name] for name in share.of if name in given]
    if not parts:
        return None
    if odd := [str(cells[name]) for name, number in given.items() if math.isnan(number)]:
        return odd[0]
    part, all_shares = total(parts), total(given.values())
    return part if abs(all_shares - 100) <= ROUNDING else f"{part:g} of shares that add up to {all_shares:g}"
