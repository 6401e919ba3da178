"""What ratings take from the catalogue, apart from the catalogue: few things, kept for every moment.

It is stored as it is here, so that a rating of years ago can be computed again after the catalogue and its
files have changed; a field that is added must have a default.
"""

from datetime import date
from typing import Self

import pandas as pd
from pydantic import Field

from city_indicators.catalog.entry import Entry
from city_indicators.catalog.models import Catalogue, Group


class RatedCity(Entry):
    """A city that is rated, with its country, its names and its climate by Köppen."""

    ref_area: str
    country: str
    name_en: str
    name_ru: str
    name_zh: str
    climate_class: str | None = None


class Reference(Entry):
    """The cities, the groups, and the order in which observations are preferred.

    `bases` are geographic bases, the preferred first, `city_level` those that count as the city's own;
    `precedence` is that of each source, a lower one first; `units` is the unit of each indicator, and
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
        """What ratings take from a catalogue."""
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
        """The cities and the preferences as bound parameters of the statements that choose observations.

        `bases` and `sources` are in order, the preferred first.
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
        """A row a city and year: its names, country and groups in that year.

        Columns ref_area, time_period, city_name_en, city_name_ru, city_name_zh, country, and city_groups, a
        sorted list.
        """
        return pd.DataFrame(
            [
                {
                    "ref_area": city.ref_area,
                    "time_period": period,
                    "city_name_en": city.name_en,
                    "city_name_ru": city.name_ru,
                    "city_name_zh": city.name_zh,
                    "country": city.country,
                    "city_groups": sorted(
                        group.id
                        for group in self.groups
                        if group.has(city.country, date(int(period), 12, 31))
                    ),
                }
                for city in self.cities
                for period in periods
            ]
        )
