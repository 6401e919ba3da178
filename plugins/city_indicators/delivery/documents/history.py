"""Other years of a rating as an edition knew them: the ranks, and the series that its values come from."""

from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any, Final

import pandas as pd
from sqlalchemy import Connection

from city_indicators.analytics.ratings.method import Method
from city_indicators.catalog.reference import Reference
from city_indicators.reports.past import affected_periods, rated_periods
from city_indicators.reports.ratings import computed, published_tables
from city_indicators.reports.tables import Vintage
from city_indicators.warehouse.database import frame, rows

INPUTS: Final = ("indicator", "source", "geo_basis", "unit_measure", "denominator_source")
"""What has to be the same in two years for their ranks to be comparable, as in report.rating_history."""


def ranks(
    connection: Connection, method: Method, reference: Reference, period: str, known_at: datetime
) -> pd.DataFrame:
    """The ranks of the years until `period`, computed from what was known at a moment.

    The columns are those of web/ranks_over_years, in its order.
    """
    known = frame(connection, "refresh/known_periods", known_at=known_at)
    years = rated_periods(method, affected_periods(method, known, int(period)), known)
    rating = computed(connection, method, reference, years, Vintage(known_at))
    tables = published_tables(rating, reference)
    ranked = tables["rating"][tables["rating"]["rank"].notna()]
    same = comparable(tables["rating_indicator"])
    shown = ranked.merge(same, "left", ["ref_area", "time_period"])
    columns = ("rating", "ref_area", "time_period", "rank", "n_ranked", "rank_p05", "rank_p95", "comparable")
    ordered = shown.sort_values(["ref_area", "time_period"], ignore_index=True)
    return ordered[list(columns)].astype({"comparable": bool})


def comparable(values: pd.DataFrame) -> pd.DataFrame:
    """Whether a city is rated by the same inputs as in the year before, for each city and year with values.

    `values` has ref_area, time_period, normalised and the columns of INPUTS; each city and year has its
    indicators in the same order.
    """
    used = values[values["normalised"].notna()]
    inputs = pd.Series("", index=used.index)
    for column in INPUTS:
        inputs += "|" + used[column].fillna("").astype(str)
    years = used["time_period"].astype(int).rename("year")
    of_year = inputs.groupby([used["ref_area"], years]).agg("\n".join)
    before = of_year.rename(index=lambda year: year + 1, level="year").reindex(of_year.index)
    found = of_year.eq(before).rename("comparable").reset_index()
    return found.assign(time_period=found.pop("year").astype(str))


def series(connection: Connection, rating: str, edition: str, known_at: datetime) -> dict[str, list[Any]]:
    """The series behind the values of an edition, by city: rows of documents/series."""
    found = rows(connection, "documents/series", rating=rating, edition=edition, known_at=known_at)
    return {city: list(each) for city, each in groupby(found, key=itemgetter("ref_area"))}
