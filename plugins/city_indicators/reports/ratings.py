"""The tables of a rating as frames, as they were at any moment. Nothing is written here."""

import json
from typing import Final

import pandas as pd
from sqlalchemy import Connection

from city_indicators.analytics.ratings.coherence import coherence
from city_indicators.analytics.ratings.draws import SampleDesign
from city_indicators.analytics.ratings.engine import Rating, rate
from city_indicators.analytics.ratings.method import Method
from city_indicators.analytics.ratings.sensitivity import sensitivity
from city_indicators.analytics.ratings.structure import structure_of
from city_indicators.analytics.ratings.uncertainty import UncertaintyResult, scenarios, uncertainty
from city_indicators.catalog.load import translated
from city_indicators.catalog.reference import Reference
from city_indicators.reports.tables import Vintage
from city_indicators.warehouse.database import frame

INTERVALS: Final = ["rank_p05", "rank_median", "rank_p95", "p_top3", "p_top10"]
# Tables by name: their keys besides the rating, and their other columns.
PUBLISHED: Final = {
    "rating": (
        ["time_period", "ref_area"],
        [
            "method_version",
            *("city_name_en", "city_name_ru", "city_name_zh", "country", "city_groups"),
            *("score", "score_arithmetic", "score_geometric"),
            *("rank", "n_ranked", "league", "rank_in_league", *INTERVALS),
            *("coverage", "city_level_share", "imputed_share", "status", "reason_code"),
        ],
    ),
    "rating_pillar": (
        ["time_period", "ref_area", "pillar"],
        [
            *("parent", "pillar_name_en", "pillar_name_ru", "pillar_name_zh"),
            *("weight", "weight_effective", "score", "rank", "coverage", "contribution"),
        ],
    ),
    "rating_indicator": (
        ["time_period", "ref_area", "indicator"],
        [
            *("pillar", "raw_value", "unit_measure", "raw_time_period", "obs_status", "geo_basis"),
            *("source", "source_ref_area", "version"),
            *("denominator", "denominator_value", "denominator_time_period", "denominator_source"),
            *("denominator_source_ref_area", "denominator_version", "treated_value", "treatment"),
            *("goalpost_worst", "goalpost_best", "normalised", "weight", "contribution"),
            *("strength_rank", "gap_to_best", "correction"),
        ],
    ),
}
ANALYSES: Final = {
    "rating_uncertainty": (["time_period", "scenario", "ref_area"], ["score", "rank"]),
    "rank_pairs": (["time_period", "ref_area", "other_ref_area"], ["p_above", "tied"]),
    "rating_sensitivity": (
        ["time_period", "kind", "factor"],
        ["s1", "s1_conf", "st", "st_conf", "mean_abs_rank_shift"],
    ),
    "rating_coherence": (
        ["time_period", "pillar", "part", "other", "statistic"],
        ["value", "p_value", "threshold", "flag"],
    ),
}


def computed(
    connection: Connection, method: Method, reference: Reference, periods: list[str], vintage: Vintage
) -> Rating:
    """A rating of some years from what the warehouse knew at a moment."""
    values = frame(
        connection,
        "report/rating_inputs",
        **reference.parameters(),
        **vars(vintage),
        periods=periods,
        first_period=str(int(min(periods)) - method.max_age_years),
        last_period=max(periods),
        indicators=method.used,
        max_age=method.max_age_years,
    ).astype({"obs_value": float})
    cities = [city.ref_area for city in reference.cities]
    return rate(method, cities, values, reference.city_level, _groups(reference, periods), periods)


def scores(rating: Rating, reference: Reference) -> pd.DataFrame:
    """The scores with the names, countries and groups of the cities, a row a city and year."""
    cities = reference.cities_of(rating.steps.chain.panel.periods)
    return rating.scores.merge(cities, on=["ref_area", "time_period"])


def published_tables(rating: Rating, reference: Reference) -> dict[str, pd.DataFrame]:
    """rating, rating_pillar and rating_indicator, each ordered by its key."""
    steps = rating.steps
    return _published(rating, reference, uncertainty(steps) if steps.chain.method.uncertainty else None)


def rating_tables(rating: Rating, reference: Reference) -> dict[str, pd.DataFrame]:
    """The published tables, and those of all analyses, each ordered by its key."""
    method = rating.steps.chain.method
    found = {"rating_sensitivity": sensitivity(rating.steps), "rating_coherence": coherence(rating.steps)}
    found["rating_coherence"] = found["rating_coherence"].fillna({"part": "", "other": ""})
    drawn = uncertainty(rating.steps) if method.uncertainty else None
    if drawn:
        found |= {"rating_uncertainty": scenarios(rating.steps), "rank_pairs": drawn.pairs}
    analyses = {name: _table(method, rows, *ANALYSES[name]) for name, rows in found.items()}
    return _published(rating, reference, drawn) | analyses


def draws(method: Method) -> pd.DataFrame:
    """What is varied in each draw of a method's analysis: draw, parameters (JSON); no row if it has none."""
    if method.uncertainty is None:
        return pd.DataFrame({"draw": [], "parameters": []})
    told = SampleDesign(method.uncertainty, structure_of(method)).told()
    return told.assign(parameters=told["parameters"].map(json.dumps))


def _published(
    rating: Rating, reference: Reference, drawn: UncertaintyResult | None
) -> dict[str, pd.DataFrame]:
    method = rating.steps.chain.method
    empty = pd.DataFrame(columns=["time_period", "ref_area", *INTERVALS])
    intervals = drawn.intervals if drawn else empty
    cities = scores(rating, reference).merge(intervals, "left", ["time_period", "ref_area"])
    pillars = rating.pillars.merge(_pillar_names(method), on="pillar")
    indicators = rating.indicators.rename(
        columns={
            "obs_value": "raw_value",
            "worst": "goalpost_worst",
            "best": "goalpost_best",
            "denominator_obs_value": "denominator_value",
            "denominator_raw_time_period": "denominator_time_period",
        }
    )
    frames = {
        "rating": cities.assign(method_version=method.version),
        "rating_pillar": pillars,
        "rating_indicator": indicators,
    }
    return {name: _table(method, rows, *PUBLISHED[name]) for name, rows in frames.items()}


def _groups(reference: Reference, periods: list[str]) -> pd.DataFrame:
    """A row a city and year with a column a group, empty where it is no member."""
    cities = reference.cities_of(periods)
    members = {
        group.id: cities["city_groups"].map(lambda own, group=group: group.id if group.id in own else None)
        for group in reference.groups
    }
    return cities[["ref_area", "time_period"]].assign(**members)


def _pillar_names(method: Method) -> pd.DataFrame:
    pillars = list(method.root.below())[:-1]
    return pd.DataFrame(
        [
            {"pillar": p.id, **{f"pillar_{key}": name for key, name in translated(p.name).items()}}
            for p in pillars
        ],
        columns=["pillar", "pillar_name_en", "pillar_name_ru", "pillar_name_zh"],
    )


def _table(method: Method, rows: pd.DataFrame, key: list[str], columns: list[str]) -> pd.DataFrame:
    """The rows in the order of the table's key, which is how an edition's checksum reads them."""
    named = rows.assign(rating=method.id)[["rating", *key, *columns]]
    return named.sort_values(key, ignore_index=True)
