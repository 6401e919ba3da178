"""Places, groups, units and indicators, and the catalogue of them all."""

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from city_indicators.catalog.entry import Direction, Entry, GeoBasis, Identifier, Names
from city_indicators.catalog.source import Source


class Country(Entry):
    """A country or territory; `ref_area` is its ISO 3166-1 alpha-3 code."""

    ref_area: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
    iso2: Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
    m49: Annotated[str, Field(pattern=r"^\d{3}$")]
    name_en: str = Field(min_length=1)
    name_ru: str = Field(min_length=1)
    name_zh: str = Field(min_length=1)


class City(Entry):
    """A city; coordinates in degrees, `timezone` an IANA name, `climate_class` Köppen-Geiger."""

    ref_area: Annotated[str, Field(pattern=r"^[a-z]+(-[a-z]+)*$")]
    name_en: str = Field(min_length=1)
    name_ru: str = Field(min_length=1)
    name_zh: str = Field(min_length=1)
    country: str
    geonames_id: int
    wikidata_id: Annotated[str, Field(pattern=r"^Q\d+$")]
    unlocode: Annotated[str, Field(pattern=r"^[A-Z]{2}[A-Z2-9]{3}$")]
    latitude: Annotated[float, Field(ge=-90, le=90)]
    longitude: Annotated[float, Field(ge=-180, le=180)]
    timezone: str
    climate_class: Annotated[str, Field(pattern=r"^[ABCDE][A-Za-z]{1,2}$")]

    @property
    def point(self) -> str:
        """The coordinates as requests to gridded sources write them: "latitude,longitude"."""
        return f"{self.latitude},{self.longitude}"


class Membership(Entry):
    """A country's membership of a group, from `since` to `until` (years, both inclusive)."""

    country: str
    since: int
    until: int | None = None


class Group(Entry):
    """A group of countries whose cities are compared with each other."""

    id: Identifier
    name: Names
    members: list[Membership] = Field(min_length=1)

    def has(self, country: str, on: date) -> bool:
        """Whether a country was a member on a day."""
        return any(
            member.country == country
            and member.since <= on.year
            and (member.until is None or on.year <= member.until)
            for member in self.members
        )


class Basis(Entry):
    """A geographic basis: the area that data describe. `city_level` bases count as the city itself."""

    id: GeoBasis
    city_level: bool
    name: Names


class Unit(Entry):
    """A unit of measure; the column unit_measure holds its `id`.

    `pint` is the same unit in the notation of the pint library. Nothing is converted to a unit without
    it (for example a currency at the prices of one year).
    """

    id: Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]*$")]
    name: Names
    pint: str | None = None


class Indicator(Entry):
    """An indicator. `range` bounds plausible values in `unit`, both ends included.

    `also_units` lists units that other vintages of a source use; values in them stay as published and are
    never mixed with `unit` in a rating. `at_least` names indicators that are parts of this one: if the
    total of a published row is smaller than such a part, both are rejected. Indicators of one `mix` are
    shares of the same total. `max_change` bounds the relative change per year from one observation to the
    next, and the relative change of an observation by a revision. `tolerance` bounds the relative
    difference between two sources of the same observation.
    """

    id: Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]*$")]
    name: Names
    definition: Names
    unit: str
    also_units: tuple[str, ...] = ()
    direction: Direction
    pillar: Identifier
    freq: Literal["A"]
    geo_basis: list[GeoBasis] = Field(min_length=1)
    range: tuple[float, float]
    at_least: tuple[Identifier, ...] = ()
    mix: Identifier | None = None
    max_change: float | None = Field(default=None, gt=0)
    tolerance: float | None = Field(default=None, gt=0)

    @model_validator(mode="after")
    def _range_is_ordered(self) -> Self:
        if self.range[0] >= self.range[1]:
            raise ValueError(f"range {list(self.range)} must rise")
        return self


class Catalogue(Entry):
    """Everything that include/catalog declares about places, indicators and sources.

    `geo_bases` are in the order of preference.
    """

    countries: dict[str, Country]
    country_names: dict[str, str]
    cities: dict[str, City]
    groups: dict[str, Group]
    geo_bases: dict[str, Basis]
    units: dict[str, Unit]
    indicators: dict[str, Indicator]
    sources: dict[str, Source]

    def ref_areas(self, source: Source) -> dict[str, str]:
        """The ref_area of each code by which `source` names our places."""
        if source.areas is not None:
            return source.areas
        if source.is_submission:
            return {city: city for city in self.cities}
        if source.points is not None:
            return {city.point: city.ref_area for city in self.cities.values()} | source.points
        return {country: country for country in self.countries}
