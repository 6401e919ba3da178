"""Open-Meteo climate projections: daily column arrays of one model of CMIP6, by city and year, to 2050.

The answer is that of the archive of weather. Every figure of it is a model's, also of years that are over.
"""

from collections.abc import Iterator
from typing import Final

from city_indicators.archive import Snapshot
from city_indicators.catalog.models import Catalogue
from city_indicators.catalog.source import Source
from city_indicators.sources import open_meteo
from city_indicators.sources.quota import Request
from city_indicators.sources.records import Archived, Fetch, Interval, Record

COLUMNS: Final = {"t_max": "temperature_2m_max", "precipitation": "precipitation_sum"}
UNITS: Final = {"temperature_2m_max": "°C", "precipitation_sum": "mm"}
# One of the seven models that the service has: how it names the columns of several is not verified.
MODEL: Final = "MRI_AGCM3_2_S"


def requests(source: Source, catalogue: Catalogue, interval: Interval) -> list[Request]:
    """One request a year and group of cities."""
    asked = {"daily": ",".join(COLUMNS.values()), "models": MODEL}
    return open_meteo.requests(source, catalogue, interval, asked, len(COLUMNS))


def fetch(source: Source, catalogue: Catalogue, interval: Interval, fetch: Fetch) -> list[Snapshot]:
    """All requests of the interval, one after the other."""
    return open_meteo.fetch_all(requests(source, catalogue, interval), fetch)


def read(source: Source, archived: Archived, interval: Interval) -> Iterator[Record]:  # noqa: ARG001
    """One record a series, city and year."""
    return open_meteo.read_days(source, archived, COLUMNS, UNITS)
