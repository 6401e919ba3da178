"""Declarations of include/catalog/trends.yaml: windows, groups, and the data that a statistic needs."""

from datetime import date
from pathlib import Path
from typing import Annotated, Self

import pandas as pd
from pydantic import Field, model_validator

from city_indicators.catalog.entry import Entry, Identifier, Names
from city_indicators.catalog.load import parse, read_yaml
from city_indicators.catalog.models import Catalogue
from city_indicators.catalog.reference import Reference
from city_indicators.core.errors import CatalogueError
from city_indicators.core.paths import CATALOG

Points = Annotated[int, Field(ge=3)]


class Window(Entry):
    """Years from `first` to `last`, both inclusive; a missing one leaves that end open."""

    id: Identifier
    name: Names
    first: int | None = None
    last: int | None = None

    @model_validator(mode="after")
    def _rises(self) -> Self:
        if self.first is not None and self.last is not None and self.first >= self.last:
            raise ValueError(f"first {self.first} must be before last {self.last}")
        return self

    def holds(self, years: "pd.Series[int]") -> "pd.Series[bool]":
        """Whether each year is in the window."""
        return years.between(self.first or years.min(), self.last or years.max())


class CityGroup(Entry):
    """Cities that are compared: those of countries in a group, those outside it, or all."""

    id: Identifier
    name: Names
    in_group: str | None = None
    not_in_group: str | None = None


class LeastPoints(Entry):
    """The minimum of years of a series for each statistic; below `short` a series counts as short."""

    growth: Points
    slope: Points
    mann_kendall: Annotated[int, Field(ge=8)]
    breaks: Annotated[int, Field(ge=6)]
    short: Points


class LeastPlaces(Entry):
    """The minimum of places for each statistic; Zipf's regression uses the `zipf_largest` largest places.

    `present` is the share of the places of the best year that the first and last year of a comparison must
    have.
    """

    concentration: int = Field(ge=2)
    convergence: int = Field(ge=5)
    zipf: int = Field(ge=5)
    zipf_largest: int = Field(ge=5)
    present: float = Field(gt=0, le=1)


class Declared(Entry):
    """All declarations of the file.

    A trend is significant if its false discovery rate, within the places of an indicator and window, is at
    most `false_discovery_rate`. Membership of countries in groups is taken at the end of the year
    `groups_as_of`, for all years. `sizes` are the indicators of city systems.
    """

    false_discovery_rate: float = Field(gt=0, lt=1)
    least_points: LeastPoints
    least_places: LeastPlaces
    windows: tuple[Window, ...] = Field(min_length=1)
    groups_as_of: int
    groups: tuple[CityGroup, ...] = Field(min_length=1)
    sizes: tuple[str, ...]

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        for entries in (self.windows, self.groups):
            ids = [entry.id for entry in entries]
            if len(ids) != len(set(ids)):
                raise ValueError(f"{ids}: an id is repeated")
        return self

    def members(self, reference: Reference) -> dict[tuple[str, str], list[str]]:
        """The places of each group by level: its cities, and their countries."""
        on = date(self.groups_as_of, 12, 31)
        groups = {group.id: group for group in reference.groups}
        members = {}
        for group in self.groups:
            cities = [
                city
                for city in reference.cities
                if (group.in_group is None or groups[group.in_group].has(city.country, on))
                and (group.not_in_group is None or not groups[group.not_in_group].has(city.country, on))
            ]
            members[group.id, "city"] = [city.ref_area for city in cities]
            members[group.id, "country"] = sorted({city.country for city in cities})
        return members


def load_declared(catalogue: Catalogue, root: Path = CATALOG) -> Declared:
    """Read the declarations of a catalogue.

    Raises:
        CatalogueError: the file is invalid, or names a group or indicator that is not in the catalogue.
    """
    file = root / "trends.yaml"
    declared = parse(Declared, read_yaml(file), file, "trends")
    named = {g for group in declared.groups for g in (group.in_group, group.not_in_group) if g}
    if unknown := sorted(named - set(catalogue.groups)):
        raise CatalogueError(file, "groups", f"{unknown} are not in include/catalog/groups.yaml")
    if unknown := sorted(set(declared.sizes) - set(catalogue.indicators)):
        raise CatalogueError(file, "sizes", f"{unknown} are not in include/catalog/indicators")
    return declared
