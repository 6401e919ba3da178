"""A synthetic world: any number of cities, a source of twenty indicators, and its published file.

All numbers are invented; they serve this benchmark alone.
"""

import io
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import product
from string import ascii_lowercase
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.csv

from city_indicators.catalog import Catalogue, load_catalogue
from city_indicators.catalog.models import City, Indicator
from city_indicators.catalog.source import Layout, Series, Source
from city_indicators.core.archive import Archive
from city_indicators.core.intervals import Interval
from city_indicators.core.snapshots import Answer, Snapshot

INDICATORS: Final = 20
YEARS: Final = range(2000, 2025)
EMPTY: Final = 0.05
"""The share of cities without a value, of each indicator."""
ADDRESS: Final = "https://scale.invalid/cities.csv"
FETCHED_AT: Final = datetime(2026, 1, 2, tzinfo=UTC)
SEED: Final = 1


@dataclass(frozen=True)
class World:
    """The shipped catalogue with other cities, and one source that names them by country and name."""

    catalogue: Catalogue
    source: Source

    def archive_file(self, archive: Archive) -> Snapshot:
        """Publish the file of the source, and archive it as a fetch does."""
        answer = Answer(ADDRESS, self.file(), "text/csv", None, None)
        return archive.store(self.source.id, answer, FETCHED_AT)

    def file(self) -> bytes:
        """The file as CSV: a row for each city and year, a column for each indicator."""
        random = np.random.default_rng(SEED)
        cities = list(self.catalogue.cities.values())
        names = {
            "Country": np.repeat(
                [self.catalogue.countries[city.country].name_en for city in cities], len(YEARS)
            ),
            "City": np.repeat([city.name_en for city in cities], len(YEARS)),
            "Year": np.tile(np.array([str(year) for year in YEARS]), len(cities)),
        }
        columns = {name: pa.array(texts.tolist()) for name, texts in names.items()}
        for series in self.source.series:
            low, high = self.catalogue.indicators[series.indicator].range
            # A city's values rise slowly, so that no rule on changes rejects them.
            level = np.repeat(random.uniform(0.4, 0.6, len(cities)), len(YEARS))
            drift = np.tile(1 + 0.001 * np.arange(len(YEARS)), len(cities))
            values = np.char.mod("%.6g", low + (high - low) * level * drift)
            given = np.repeat(random.random(len(cities)) >= EMPTY, len(YEARS))
            columns[series.column or ""] = pa.array(np.where(given, values, ""))
        stream = io.BytesIO()
        options = pyarrow.csv.WriteOptions(quoting_style="needed")
        pyarrow.csv.write_csv(pa.table(columns), stream, options)
        return stream.getvalue()


def world_of(cities: int) -> World:
    """The world with this number of cities; the same for the same number."""
    shipped = load_catalogue()
    indicators = [each for each in shipped.indicators.values() if _is_simple(each)][:INDICATORS]
    places = _cities(shipped, cities)
    catalogue = shipped.model_copy(update={"cities": {city.ref_area: city for city in places}})
    source = Source(
        id="scale",
        name="Scale",
        publisher="Scale",
        format="table",
        connection="scale",
        base_url="https://scale.invalid",
        path="/cities.csv",
        licence="CC0",
        licence_url="",
        attribution="",
        schedule="0 0 1 1 *",
        first_period=YEARS[0],
        trailing_years=0,
        max_parallel_requests=1,
        series=[_series(indicator) for indicator in indicators],
        layout=Layout(kind="csv", country="Country", place="City", period="Year"),
    )
    sources = shipped.sources | {source.id: source}
    return World(catalogue.model_copy(update={"sources": sources}), source)


def years(first: int, last: int) -> Interval:
    """The interval from the first to the last year, both inclusive."""
    return Interval(date(first, 1, 1), date(last + 1, 1, 1))


def _is_simple(indicator: Indicator) -> bool:
    """Whether any values within the range are possible beside any values of other indicators."""
    return "city" in indicator.geo_basis and not indicator.mix and not indicator.at_least


def _series(indicator: Indicator) -> Series:
    title = f"{indicator.name.en} ({indicator.unit})"
    return Series(
        code=indicator.id, indicator=indicator.id, geo_basis="city", unit=indicator.unit, column=title
    )


def _cities(shipped: Catalogue, number: int) -> list[City]:
    template = next(iter(shipped.cities.values()))
    countries = list(shipped.countries)
    words = ("".join(letters) for letters in product(ascii_lowercase, repeat=4))
    random = np.random.default_rng(SEED)
    return [
        template.model_copy(
            update={
                "ref_area": f"scale-{word}",
                "name_en": f"Scale {word.title()}",
                "name_ru": f"Scale {word.title()}",
                "name_zh": f"Scale {word.title()}",
                "country": countries[n % len(countries)],
                "geonames_id": n + 1,
                "wikidata_id": f"Q{n + 1}",
                "latitude": round(float(random.uniform(-60, 60)), 4),
                "longitude": round(float(random.uniform(-180, 180)), 4),
            }
        )
        for n, word in zip(range(number), words, strict=False)
    ]
