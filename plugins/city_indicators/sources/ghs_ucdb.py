"""GHS Urban Centre Database of the JRC: a zip for each theme, with one row of CSV for each urban centre.

A series' `code` is its theme and its attribute: "HEALTH/HL_SHP_HOS". The encoding differs between themes, and
the leading columns of a centre are the same in all of them.

A centre is the densely built area around a city, within one country. Some hold several cities, some only a
part of one: the basis of their values says so (`urban_centre_merged`, `urban_centre_part`).
"""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from city_indicators.catalog.entry import GeoBasis
from city_indicators.catalog.models import Catalogue
from city_indicators.catalog.source import Layout, Series, Source
from city_indicators.core.intervals import Interval
from city_indicators.core.snapshots import Snapshot
from city_indicators.sources import workbooks, zips
from city_indicators.sources.places import folded
from city_indicators.sources.records import (
    Archived,
    Fetch,
    Record,
    as_number,
    as_text,
    breach,
    changed,
    check_area_names,
    preferred,
)
from city_indicators.sources.rows import Row
from city_indicators.sources.table import Columns, table_of

FILE: Final = re.compile(r"GHS_UCDB_THEME_([A-Z_]+)_GLOBE_R[0-9]{4}[A-Z]\.csv")
NAME, PEOPLE, AREA = "GC_UCN_MAI_2025", "GC_POP_TOT_2025", "GC_UCA_KM2_2025"
FACTOR: Final = 1.5
"""A centre with more than so many times the people of the city's agglomeration, or less than one part in so
many, is another place. The centres looked at agree within 0.78 and 1.47, or are below 0.63 or above 1.66."""
ROUNDING: Final = 1e-6
SELF_STATEMENTS: Final = {
    "title": "the complete titles of the columns, which the catalogue declares",
    "fields": "the number of fields of the header, which is that of every line",
    "name": "the name and the country of a centre, beside its id",
    "size": "the people and the area of a centre, the same in every theme",
}
"""What the themes say about themselves: they are refused if each other or the catalogue differ."""


@dataclass(frozen=True)
class City:
    """One of our cities in a row: how a record names it, and its ref_area."""

    area_code: str
    country: str | None
    ref_area: str


def fetch(source: Source, catalogue: Catalogue, interval: Interval, fetch: Fetch) -> list[Snapshot]:  # noqa: ARG001
    """Fetch the zip of each theme, complete, because the publisher offers no smaller part."""
    return [fetch(path_of(source, theme), {})[0] for theme in themes(source)]


def themes(source: Source) -> list[str]:
    """The themes of a source's series, in their order."""
    return list(dict.fromkeys(theme_of(series) for series in source.series))


def theme_of(series: Series) -> str:
    """The theme of a series."""
    return series.code.partition("/")[0]


def path_of(source: Source, theme: str) -> str:
    """The path of a theme's zip."""
    return (source.path or "").format(theme=theme)


def read(source: Source, archived: Archived, interval: Interval) -> Iterator[Record]:  # noqa: ARG001
    """The records of our centres; of each other centre one record, so that it is counted.

    Of the series of one indicator, the first that has a value for a place and year is used.

    Raises:
        SourceContractError: an answer is no such theme, two themes contradict each other, or the centre of a
            city is missing or ambiguous.
    """
    yield from preferred(_records(source, archived))


def _records(source: Source, archived: Archived) -> Iterator[Record]:
    finder = Finder(source)
    sizes: dict[str, tuple[str, str]] = {}
    seen: set[str] = set()
    for snapshot, content in archived:
        theme, columns, rows = _theme(source, snapshot, content)
        if theme in seen or theme not in themes(source):
            raise breach(
                snapshot, f"the answer is the theme {theme}, which was not requested, or is there twice"
            )
        seen.add(theme)
        series = list(columns.by_year(each for each in source.series if theme_of(each) == theme))
        for each in series:
            columns.find(each.column or "")
        for row, cities in finder.found(snapshot, rows):
            if cities:
                _check_size(sizes, row, row.text(source.table_layout.place))
                yield from _of_centre(source, row, cities, series)
            else:
                yield finder.other(row, series[0])


def _theme(source: Source, snapshot: Snapshot, content: bytes) -> tuple[str, Columns, Iterator[Row]]:
    """The name of a theme, its columns and its rows, decoded as the bytes themselves show."""
    if not content.startswith(workbooks.ZIP):
        raise breach(snapshot, f"not a zip: the bytes begin with {content[:120]!r}")
    name, text = zips.only_file(snapshot, content, FILE)
    layout = source.table_layout.model_copy(update={"encoding": encoding_of(text)})
    titles, rows = table_of(layout, snapshot, text)
    columns = Columns(titles, snapshot)
    for title in (layout.place, layout.country or "", NAME, PEOPLE, AREA):
        columns.find(title)
    match = FILE.fullmatch(name)
    return match[1] if match else "", columns, rows()


def encoding_of(text: bytes) -> str:
    """UTF-8, with or without a mark at its beginning, or else Windows-1252."""
    try:
        text.decode()
    except UnicodeDecodeError:
        return "windows-1252"
    return "utf-8-sig"


class Finder:
    """Finds our cities among the centres: by the declared ids, the others by name and country."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._layout: Layout = source.table_layout
        self._by_id: dict[str, list[City]] = {}
        for code, ref_area in (source.areas or {}).items():
            self._by_id.setdefault(code.partition(":")[0], []).append(City(code, None, ref_area))
        self._by_name = {
            folded(name): ref_area for names in source.places.values() for name, ref_area in names.items()
        }
        self._declared = {
            folded(text.partition(",")[0]) for each in source.area_names.values() for text in each
        }

    def found(self, snapshot: Snapshot, rows: Iterable[Row]) -> Iterator[tuple[Row, list[City]]]:
        """Each row of a theme with its cities, which are none for most rows.

        Raises:
            SourceContractError: the id of a city has another name, or is missing or there twice; or two
                centres have the name of a city.
        """
        ids: set[str] = set()
        named: dict[tuple[str, str], str] = {}
        for row in rows:
            id_, name, country = self._key(row)
            cities = self._by_id.get(id_, [])
            if cities:
                # Other countries have centres of the same name.
                check_area_names(self._source, snapshot, row.pointer, id_, f"{name}, {country}")
                if id_ in ids:
                    raise breach(snapshot, f"{row.pointer}: the centre {id_} ({name}) is there twice")
            ids.add(id_)
            if not cities and (ref_area := self._by_name.get(folded(name))):
                other = named.setdefault((country, ref_area), id_)
                if other != id_:
                    raise breach(
                        snapshot,
                        f"{row.pointer}: the centres {other} and {id_} of {country} are both named as "
                        f"{ref_area}: declare the id of the right one in `areas`",
                    )
                cities = [City(name, country, ref_area)]
            yield row, cities
        for id_ in self._by_id.keys() - ids:
            raise changed(snapshot, f"the centre of {self._by_id[id_][0].ref_area}", id_, "no such id")

    def other(self, row: Row, series: Series) -> Record:
        """The record of a centre without one of our cities, which takes the place of all its cells.

        A centre with the name of a city that another id is declared for is named only by its id.
        """
        id_, name, country = self._key(row)
        is_namesake = folded(name) in self._declared
        city = City(id_, None, "") if is_namesake else City(name, country, "")
        return _record(self._layout, row, series, city)

    def _key(self, row: Row) -> tuple[str, str, str]:
        return row.text(self._layout.place), row.text(NAME), row.text(self._layout.country or "")


def _check_size(sizes: dict[str, tuple[str, str]], row: Row, id_: str) -> None:
    """Check that a centre has the people and the area that it has in the themes before."""
    size = row.text(PEOPLE), row.text(AREA)
    for title, sent, known in zip((PEOPLE, AREA), size, sizes.setdefault(id_, size), strict=True):
        one, other = as_number(sent), as_number(known)
        if sent != known and not abs(one - other) <= ROUNDING * abs(other):
            fault = f"{title} of {row.text(NAME)} is {sent!r} here and {known!r} in another theme"
            raise breach(row.snapshot, f"{row.pointer}: {fault}")


def _of_centre(source: Source, row: Row, cities: list[City], series: list[Series]) -> Iterator[Record]:
    people = as_number(row.text(PEOPLE))
    for city in cities:
        basis = basis_of(people, len(cities), source.people[city.ref_area])
        for each in series:
            yield _record(source.table_layout, row, each.model_copy(update={"geo_basis": basis}), city)


def _record(layout: Layout, row: Row, series: Series, city: City) -> Record:
    column = series.column or ""
    value = as_text(row.cells[column])
    kept = dict.fromkeys((layout.place, NAME, layout.country or "", PEOPLE, AREA, column))
    return Record(
        series=series,
        area_code=city.area_code,
        country=city.country,
        time_period=str(series.period),
        value=None if value in layout.empty else value,
        title=column,
        snapshot=row.snapshot,
        pointer=f"{row.pointer}/{column}",
        raw=json.dumps({title: row.cells[title] for title in kept}, ensure_ascii=False),
    )


def basis_of(people: float, cities: int, in_agglomeration: int) -> GeoBasis:
    """What the values of a centre are measured for, by its people and those of the city's agglomeration.

    A centre of unknown size counts as a part of the city.
    """
    ratio = people / in_agglomeration
    if cities > 1 or ratio > FACTOR:
        return "urban_centre_merged"
    return "urban_centre" if ratio >= 1 / FACTOR else "urban_centre_part"
