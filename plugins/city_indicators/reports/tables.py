"""The report tables as frames, as they were at any moment. Nothing is written here.

A report is a function of three things that the warehouse keeps for ever: the figures known at a moment,
the reference (cities, groups, preferences) and the method.
"""

from dataclasses import dataclass
from typing import Final

import pandas as pd
import pyarrow as pa
from sqlalchemy import Connection

from city_indicators.catalog.load import translated
from city_indicators.catalog.reference import Reference
from city_indicators.ratings.engine import Rating, rate
from city_indicators.ratings.method import Method
from city_indicators.warehouse.database import frame
from city_indicators.warehouse.moment import NOW, Moment

KEY: Final = ["rating", "time_period", "ref_area"]
RATING: Final = [
    *KEY,
    "method_version",
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
PILLAR: Final = [
    *KEY,
    "pillar",
    "pillar_name_en",
    "pillar_name_ru",
    "pillar_name_zh",
    "weight",
    "score",
    "coverage",
    "contribution",
]
INDICATOR: Final = [
    *KEY,
    "indicator",
    "pillar",
    "raw_value",
    "unit_measure",
    "raw_time_period",
    "obs_status",
    "geo_basis",
    "source",
    "source_ref_area",
    "version",
    "goalpost_worst",
    "goalpost_best",
    "normalised",
    "weight",
    "contribution",
    "correction",
]

FLOATS: Final = {
    *("score", "coverage", "city_level_share", "weight", "contribution", "normalised"),
    *("raw_value", "obs_value", "goalpost_worst", "goalpost_best"),
}
INTEGERS: Final = {
    "rank",
    "n_ranked",
    "version",
    "places",
    "cities",
    "cities_of_catalogue",
    "report_refresh_id",
}


@dataclass(frozen=True)
class Vintage:
    """What was known: `known_at` says when, and figures first known after `keys_known_at` are left out."""

    known_at: Moment = NOW
    keys_known_at: Moment = NOW


def rating_tables(
    connection: Connection, method: Method, reference: Reference, periods: list[str], vintage: Vintage
) -> dict[str, pd.DataFrame]:
    """rating, rating_pillar and rating_indicator with the columns above, ordered by their keys."""
    values = frame(
        connection,
        "report/rating_inputs",
        **reference.parameters(),
        **vars(vintage),
        periods=periods,
        first_period=str(int(min(periods)) - method.max_age_years),
        last_period=max(periods),
        indicators=method.indicators,
        max_age=method.max_age_years,
    ).astype({"obs_value": float})
    cities = reference.cities_of(periods)
    ratings = {
        period: rate(
            method,
            [city.ref_area for city in reference.cities],
            values[values["time_period"] == period].drop(columns="time_period"),
            reference.city_level,
        )
        for period in periods
    }
    scores = _all(ratings, "scores").merge(cities, on=["ref_area", "time_period"])
    pillars = _all(ratings, "pillars").merge(_pillar_names(method), on="pillar")
    indicators = _all(ratings, "indicators").rename(
        columns={"obs_value": "raw_value", "worst": "goalpost_worst", "best": "goalpost_best"}
    )
    return {
        "rating": _table(method, scores.assign(method_version=method.version), RATING),
        "rating_pillar": _table(method, pillars, PILLAR),
        "rating_indicator": _table(method, indicators, INDICATOR),
    }


def city_tables(connection: Connection, reference: Reference, known_at: Moment) -> dict[str, pd.DataFrame]:
    """city_profile and data_coverage with the columns of the tables of the same name."""
    parameters = {**reference.parameters(), "known_at": known_at}
    return {
        name: frame(connection, f"report/{name}", **parameters) for name in ("city_profile", "data_coverage")
    }


def as_arrow(rows: pd.DataFrame) -> pa.Table:
    """The rows with the types of the report tables; a list of identifiers as PostgreSQL writes arrays."""
    columns = {}
    for name in map(str, rows.columns):
        if name in FLOATS or name.startswith(("score_", "delta_")):
            columns[name] = pa.array(rows[name].astype("Float64"), pa.float64(), from_pandas=True)
        elif name in INTEGERS or name.startswith("rank_"):
            columns[name] = pa.array(rows[name].astype("Int64"), pa.int64(), from_pandas=True)
        elif name == "city_groups":
            columns[name] = pa.array(["{" + ",".join(groups) + "}" for groups in rows[name]], pa.string())
        elif name == "known_from":
            columns[name] = pa.array(rows[name], from_pandas=True)
        else:
            columns[name] = pa.array(rows[name].astype(object), pa.string(), from_pandas=True)
    return pa.table(columns)


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


def _table(method: Method, rows: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    """The rows in the order of the table's key, which is how an edition's checksum reads them."""
    keyed = rows.assign(rating=method.id)[columns]
    last = [column for column in ("indicator", "pillar") if column in columns][:1]
    return keyed.sort_values([*KEY, *last], ignore_index=True)
