"""Open-Meteo historical weather and climate projections to 2050: daily column arrays, by city and year.

Both services answer alike. All values of a projection are modelled, also those of past years.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar, Final

import pandas as pd

from city_indicators.catalog.models import Catalogue
from city_indicators.catalog.source import Source
from city_indicators.core.intervals import Interval
from city_indicators.core.snapshots import Snapshot
from city_indicators.sources import daily, open_meteo
from city_indicators.sources.quota import Request
from city_indicators.sources.records import Archived, Fetch, Record


@dataclass(frozen=True)
class Service:
    """One of the services: its variable by our column, what its answers have, and the requested model."""

    SELF_STATEMENTS: ClassVar = open_meteo.SELF_STATEMENTS

    columns: Mapping[str, str]
    expected: open_meteo.Expected
    model: str

    def list_requests(self, source: Source, catalogue: Catalogue, interval: Interval) -> list[Request]:
        """One request per year and group of cities."""
        parameters = {"daily": ",".join(self.columns.values()), "models": self.model}
        return open_meteo.requests(source, catalogue, interval, parameters, len(self.columns))

    def fetch(self, source: Source, catalogue: Catalogue, interval: Interval, fetch: Fetch) -> list[Snapshot]:
        """All requests of the interval, one after the other."""
        return open_meteo.fetch_all(self.list_requests(source, catalogue, interval), fetch)

    def read(self, source: Source, archived: Archived, interval: Interval) -> Iterator[Record]:  # noqa: ARG002
        """One record per series, city and year."""
        for snapshot, content in archived:
            for each in open_meteo.points(snapshot, content, self.expected):
                values = {column: each.variables[name] for column, name in self.columns.items()}
                days = daily.Days(
                    point=each.point,
                    frame=pd.DataFrame({"date": each.times, **values}),
                    columns=self.columns,
                    spans=daily.spans(each.times, each.times.index.to_series()),
                    pointer=each.pointer + "/{column}/{first}-{last}",
                )
                yield from daily.records(source, snapshot, days)


ARCHIVE: Final = Service(
    columns={
        "t_max": "temperature_2m_max",
        "t_min": "temperature_2m_min",
        "t_mean": "temperature_2m_mean",
        "precipitation": "precipitation_sum",
    },
    expected=open_meteo.Expected(
        "daily",
        {
            "temperature_2m_max": "°C",
            "temperature_2m_min": "°C",
            "temperature_2m_mean": "°C",
            "precipitation_sum": "mm",
        },
        0.25,
    ),
    # One reanalysis for all years: by default the service changes the model over time.
    model="era5",
)
CLIMATE: Final = Service(
    columns={"t_max": "temperature_2m_max", "precipitation": "precipitation_sum"},
    # The models have cells of 0.1 to 0.5 degrees.
    expected=open_meteo.Expected("daily", {"temperature_2m_max": "°C", "precipitation_sum": "mm"}, 0.5),
    # One of the service's seven models: how it names the columns of several models is not verified.
    model="MRI_AGCM3_2_S",
)
