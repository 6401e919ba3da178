"""Rates the cities for some years and writes report.rating, rating_pillar and rating_indicator."""

from typing import Final

import pandas as pd
import pyarrow as pa
from sqlalchemy import Connection

from city_indicators.catalog.load import translated
from city_indicators.ratings.engine import Rating, rate
from city_indicators.ratings.method import Method
from city_indicators.warehouse.bulk import copy
from city_indicators.warehouse.database import frame, statement

PROVENANCE: Final = [
    "unit_measure",
    "raw_time_period",
    "obs_status",
    "geo_basis",
    "source",
    "source_ref_area",
    "version",
]
RATING: Final = [
    "city_name_en",
    "city_name_ru",
    "city_name_zh",
    "country",
    "city_groups",
    "score",
    "rank",
    "n_ranked",
    "coverage",
    "city_level_share",
    "status",
    "reason_code",
]
INDICATOR: Final = [
    "indicator",
    "pillar",
    "raw_value",
    *PROVENANCE,
    "goalpost_worst",
    "goalpost_best",
    "normalised",
    "weight",
    "contribution",
]


def write_rating(connection: Connection, method: Method, periods: list[str], refresh_id: int) -> None:
    """Replace the rows of `periods` with the rating as the warehouse's figures give it now."""
    parameters = {"periods": periods, "indicators": method.indicators, "max_age": method.max_age_years}
    values = frame(connection, "report/rating_inputs", **parameters)
    cities = frame(connection, "report/cities", periods=periods)
    ratings = {period: _rate(method, cities, values, period) for period in periods}
    for table in ("rating", "rating_pillar", "rating_indicator"):
        connection.execute(statement(f"report/delete_{table}"), {"rating": method.id, "periods": periods})
    scores = _all(ratings, "scores").merge(cities, on=["ref_area", "time_period"])
    scores = scores.assign(method_version=method.version, report_refresh_id=refresh_id)
    scores["city_groups"] = ["{" + ",".join(groups) + "}" for groups in scores["city_groups"]]
    _write(connection, method, "rating", scores, ["method_version", *RATING, "report_refresh_id"])
    _write(
        connection,
        method,
        "rating_pillar",
        _all(ratings, "pillars").merge(_pillar_names(method), on="pillar"),
        ["pillar", *_pillar_names(method).columns[1:], "weight", "score", "coverage", "contribution"],
    )
    indicators = _all(ratings, "indicators").rename(
        columns={"obs_value": "raw_value", "worst": "goalpost_worst", "best": "goalpost_best"}
    )
    _write(
        connection,
        method,
        "rating_indicator",
        indicators,
        INDICATOR,
    )


def _rate(method: Method, cities: pd.DataFrame, values: pd.DataFrame, period: str) -> Rating:
    units = list(cities.loc[cities["time_period"] == period, "ref_area"])
    return rate(method, units, values[values["time_period"] == period].drop(columns="time_period"))


def _all(ratings: dict[str, Rating], part: str) -> pd.DataFrame:
    """One part of the ratings of all years, with the year in time_period."""
    parts: list[pd.DataFrame] = [
        getattr(rating, part).assign(time_period=period) for period, rating in ratings.items()
    ]
    return pd.concat(parts)


def _pillar_names(method: Method) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {"pillar": p.id, **{f"pillar_{key}": name for key, name in translated(p.name).items()}}
            for p in method.pillars
        ]
    )


def _write(
    connection: Connection, method: Method, table: str, rows: pd.DataFrame, columns: list[str]
) -> None:
    keyed = rows.assign(rating=method.id)[["rating", "time_period", "ref_area", *columns]]
    copy(connection, f"report.{table}", [pa.Table.from_pandas(keyed, preserve_index=False)])
