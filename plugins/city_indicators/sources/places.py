"""Matches records to places: by code, or by country and name through declared aliases. Nothing is guessed."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from city_indicators.catalog.models import Catalogue
from city_indicators.catalog.source import Source

INVISIBLE: Final = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")


@dataclass(frozen=True)
class Place:
    """A place. `requested` is False for places that are not ours; their cells are left out.

    `country` is set for a place that was looked up by name in one of our countries.
    """

    ref_area: str | None
    requested: bool
    country: str | None = None


class Places:
    """The places of one source."""

    def __init__(self, source: Source, catalogue: Catalogue) -> None:
        self._by_code = catalogue.ref_areas(source)
        self._has_own_codes = source.areas is not None
        self._countries: dict[str, str] = {}
        self._cities: dict[tuple[str, str], str] = {}
        self._found: dict[tuple[str | None, str], Place] = {}
        if source.by_name:
            self._learn_countries(catalogue)
            self._learn_cities(source, catalogue)

    def find(self, country: str | None, area_code: str) -> Place:
        """The place that a source names by a code, or by a country and a name.

        An unknown code from a source of ISO codes has no ref_area but counts as requested, so that the row
        rules reject it visibly.
        """
        named = country, area_code
        if named not in self._found:
            self._found[named] = self._find(country, area_code)
        return self._found[named]

    def _find(self, country: str | None, area_code: str) -> Place:
        if country is not None:
            return self._by_name(country, area_code)
        ref_area = self._by_code.get(area_code)
        return Place(ref_area, requested=ref_area is not None or not self._has_own_codes)

    def _by_name(self, country: str, name: str) -> Place:
        iso3 = self._countries.get(folded(country))
        ref_area = self._cities.get((iso3, folded(name))) if iso3 else None
        return Place(ref_area, requested=ref_area is not None, country=iso3)

    def _learn_countries(self, catalogue: Catalogue) -> None:
        for country in catalogue.countries.values():
            for name in (
                country.ref_area,
                country.iso2,
                country.m49,
                country.m49.lstrip("0"),
                country.name_en,
            ):
                self._countries[folded(name)] = country.ref_area
        for name, ref_area in catalogue.country_names.items():
            self._countries[folded(name)] = ref_area

    def _learn_cities(self, source: Source, catalogue: Catalogue) -> None:
        for city in catalogue.cities.values():
            self._cities[city.country, folded(city.name_en)] = city.ref_area
        for country, names in source.places.items():
            for name, ref_area in names.items():
                self._cities[country, folded(name)] = ref_area


def with_candidates(unmatched: Mapping[tuple[str, str], int], catalogue: Catalogue) -> list[dict[str, Any]]:
    """Each unmatched place with the cities of its country that have the most similar names.

    `candidates` maps ref_area to similarity (0 to 100), at most three. An engineer decides.
    """
    from rapidfuzz import fuzz, process

    rows = []
    for (country, place), records in unmatched.items():
        cities = {c.ref_area: folded(c.name_en) for c in catalogue.cities.values() if c.country == country}
        found = process.extract(folded(place), cities, scorer=fuzz.WRatio, limit=3)
        candidates = {ref_area: round(likeness) for _, likeness, ref_area in found}
        rows.append({"country": country, "place": place, "records": records, "candidates": candidates})
    return rows


def folded(name: str) -> str:
    """A name without the differences in spelling that do not distinguish places.

    These are case, accents, invisible characters, doubled and non-breaking spaces: "  S\u00e3o\u00a0Paulo"
    and "Sao Paulo" are the same name. Word order, suffixes and other spellings stay.
    """
    plain = INVISIBLE.sub("", unicodedata.normalize("NFKD", name))
    letters = "".join(character for character in plain if not unicodedata.combining(character))
    return " ".join(letters.casefold().split())
