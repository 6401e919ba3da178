"""What a case is checked against: vocabularies, countries, cities and indicators of the catalogue."""

from dataclasses import dataclass
from pathlib import Path

from city_indicators.catalog import load_catalogue
from city_indicators.catalog.load import iso_countries
from city_indicators.catalog.vocabularies import Vocabularies, load_vocabularies
from city_indicators.core.paths import CATALOG
from city_indicators.sources.places import folded


@dataclass(frozen=True)
class CodeLists:
    """What a case is checked against.

    `countries` maps ISO 3166-1 alpha-3 codes to English names, `cities` a country's code and a
    folded name in any of our three languages to the ref_area of one of our cities.
    """

    vocabularies: Vocabularies
    countries: dict[str, str]
    cities: dict[tuple[str, str], str]
    indicators: frozenset[str]

    def ref_area(self, country: str, city: str) -> str | None:
        """Our city of exactly that name in that country, if it is one of ours."""
        return self.cities.get((country, folded(city)))


def load_code_lists(root: Path = CATALOG) -> CodeLists:
    """The vocabularies, countries, cities and indicators that a case may name.

    Raises:
        CatalogueError: a file of the catalogue is wrong.
    """
    known = load_catalogue(root)
    return CodeLists(
        vocabularies=load_vocabularies(root),
        countries=iso_countries(known.countries, root),
        cities={
            (city.country, folded(name)): city.ref_area
            for city in known.cities.values()
            for name in (city.name_en, city.name_ru, city.name_zh)
        },
        indicators=frozenset(known.indicators),
    )
