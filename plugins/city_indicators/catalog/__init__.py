"""The catalogue of include/catalog: places, groups, units, indicators and sources."""

from city_indicators.catalog.load import load_catalogue, load_sources
from city_indicators.catalog.models import Catalogue, City, Country, Group, Indicator, Unit
from city_indicators.catalog.source import Series, Source

__all__ = [
    "Catalogue",
    "City",
    "Country",
    "Group",
    "Indicator",
    "Series",
    "Source",
    "Unit",
    "load_catalogue",
    "load_sources",
]
