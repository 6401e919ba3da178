"""The part of the catalogue that ratings use, stored with every rating.

Because it is stored, a rating of years ago can be computed again after the catalogue has changed. A field
that is added must have a default.
"""

from datetime import date
from typing import Self

import pandas as pd
from pydantic import Field

from city_indicators.catalog.entry import Entry
from city_indicators.catalog.models import Catalogue, Group


class RatedCity(Entry):
    """A rated city, with its country, its names and its Köppen-Geiger climate."""

    ref_area: str
    country: str
    name_en: str
    name_ru: str
    name_zh: str
    climate_class: str | None = None


class Reference(Entry):
    """The cities, the groups, and the order of preference of observations.

    `bases` are the geographic bases, preferred first; `city_level` are those that count as the city itself.
    `precedence` is that of each source, the lower is preferred. `units` is the unit of each indicator, and
    `also_units` are those that other vintages of a source use.
    """

    cities: tuple[RatedCity, ...]
    groups: tuple[Group, ...]
    bases: tuple[str, ...]
    city_level: tuple[str, ...]
    precedence: dict[str, int]
    units: dict[str, str]
    also_units: dict[str, tuple[str, ...]] = Field(default_factory=dict)

    @classmethod
    def of(cls, catalogue: Catalogue) -> Self:
        """The part of a catalogue that ratings use."""
        names = RatedCity.model_fields.keys()
        return cls(
            cities=tuple(
                RatedCity(**city.model_dump(include=set(names))) for city in catalogue.cities.values()
            ),
            groups=tuple(catalogue.groups.values()),
            bases=tuple(catalogue.geo_bases),
            city_level=tuple(basis.id for basis in catalogue.geo_bases.values() if basis.city_level),
            precedence={source.id: source.precedence for source in catalogue.sources.values()},
            units={indicator.id: indicator.unit for indicator in catalogue.indicators.values()},
            also_units={i.id: i.also_units for i in catalogue.indicators.values() if i.also_units},
        )

    def parameters(self) -> dict[str, list[str]]:
        """The cities and the preferences as bound parameters of the statements that select observations.

        `bases` and `sources` are in order, preferred first.
        """
        accepted = [
            (indicator, each)
            for indicator, unit in self.units.items()
            for each in (unit, *self.also_units.get(indicator, ()))
        ]
        return {
            "cities": [city.ref_area for city in self.cities],
            "countries": [city.country for city in self.cities],
            "bases": list(self.bases),
            "sources": sorted(self.precedence, key=lambda source: (self.precedence[source], source)),
            "measured": list(self.units),
            "units": list(self.units.values()),
            "accepted_for": [indicator for indicator, _ in accepted],
            "accepted_units": [unit for _, unit in accepted],
        }

    def cities_of(self, periods: list[str]) -> pd.DataFrame:
        """One row per city and year: its names, country and groups in that year.

        Columns ref_area, time_period, city_name_en, city_name_ru, city_name_zh, country, and city_groups, a
        sorted list.
        """
        cities = pd.DataFrame(
            [(city.ref_area, city.name_en, city.name_ru, city.name_zh, city.country) for city in self.cities],
            columns=["ref_area", "city_name_en", "city_name_ru", "city_name_zh", "country"],
        )
        # Groups have countries as members, of which there are far fewer than cities.
        years = pd.DataFrame(
            [
                (country, period, self._groups_of(country, int(period)))
                for country in dict.fromkeys(cities["country"])
                for period in periods
            ],
            columns=["country", "time_period", "city_groups"],
        )
        columns = ["ref_area", "time_period", *cities.columns[1:], "city_groups"]
        return cities.merge(years, on="country", how="left")[columns]

    def _groups_of(self, country: str, year: int) -> list[str]:
        """The sorted groups of which a country is a member at the end of a year."""
        end = date(year, 12, 31)
        return sorted(group.id for group in self.groups if group.has(country, end))
