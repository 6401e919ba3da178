"""Loads the code lists that cases are validated against: vocabularies, countries, cities and indicators."""

from dataclasses import dataclass
from pathlib import Path

from city_indicators.catalog import load_catalogue
from city_indicators.catalog.load import iso_countries
from city_indicators.catalog.vocabularies import Vocabularies, load_vocabularies
from city_indicators.core.paths import CATALOG
from city_indicators.sources.places import folded


@dataclass(frozen=True)
class CodeLists:
    """The code lists that cases are validated against.

    `countries` maps ISO 3166-1 alpha-3 codes to English names. `cities` maps a country code and a folded
    city name in any of the three languages to the ref_area.
    """

    vocabularies: Vocabularies
    countries: dict[str, str]
    cities: dict[tuple[str, str], str]
    indicators: frozenset[str]

    def ref_area(self, country: str, city: str) -> str | None:
        """The ref_area of the city with exactly this name and country; None if it is not in the catalogue."""
        return self.cities.get((country, folded(city)))


def load_code_lists(root: Path = CATALOG) -> CodeLists:
    """Load the vocabularies, countries, cities and indicators that a case may name.

    Raises:
        CatalogueError: a file of the catalogue is wrong.
    """
    catalogue = load_catalogue(root)
    return CodeLists(
        vocabularies=load_vocabularies(root),
        countries=iso_countries(catalogue.countries, root),
        cities={
            (city.country, folded(name)): city.ref_area
            for city in catalogue.cities.values()
            for name in (city.name_en, city.name_ru, city.name_zh)
        },
        indicators=frozenset(catalogue.indicators),
    )
