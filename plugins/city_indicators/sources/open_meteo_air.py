"""Open-Meteo air quality (CAMS): hourly column arrays, by city and year."""

from collections.abc import Iterator
from typing import Final

import pandas as pd

from city_indicators.catalog.models import Catalogue
from city_indicators.catalog.source import Source
from city_indicators.core.intervals import Interval
from city_indicators.core.snapshots import Snapshot
from city_indicators.sources import daily, open_meteo
from city_indicators.sources.climate_indices import daily_means
from city_indicators.sources.quota import Request
from city_indicators.sources.records import Archived, Fetch, Record, breach

PM25: Final = "pm2_5"
# The global model of CAMS has cells of 0.4 degrees.
EXPECTED: Final = open_meteo.Expected("hourly", {PM25: "μg/m³"}, 0.4)
SELF_STATEMENTS: Final = open_meteo.SELF_STATEMENTS
# One model for all cities: by default the service uses a finer one for Europe only.
DOMAIN: Final = "cams_global"


def list_requests(source: Source, catalogue: Catalogue, interval: Interval) -> list[Request]:
    """One request per year and group of cities."""
    parameters = {"hourly": PM25, "domains": DOMAIN}
    return open_meteo.requests(source, catalogue, interval, parameters, 1)


def fetch(source: Source, catalogue: Catalogue, interval: Interval, fetch: Fetch) -> list[Snapshot]:
    """All requests of the interval, one after the other."""
    return open_meteo.fetch_all(list_requests(source, catalogue, interval), fetch)


def read(source: Source, archived: Archived, interval: Interval) -> Iterator[Record]:  # noqa: ARG001
    """One record per series, city and year, from daily means.

    Raises:
        SourceContractError: the answer has an hour twice.
    """
    for snapshot, content in archived:
        for each in open_meteo.points(snapshot, content, EXPECTED):
            hours = pd.DataFrame({"place": each.point, "time": each.times, "value": each.variables[PM25]})
            try:
                means = daily_means(hours)
            except ValueError as error:
                raise breach(snapshot, str(error)) from error
            days = daily.Days(
                point=each.point,
                frame=means.rename(columns={"value": "pm25"}).drop(columns="place"),
                columns={"pm25": PM25},
                spans=daily.spans(each.times, each.times.index.to_series()),
                pointer=each.pointer + "/{column}/{first}-{last}",
            )
            yield from daily.records(source, snapshot, days)
