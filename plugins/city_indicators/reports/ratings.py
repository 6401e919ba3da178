"""Computes the tables of a rating as frames, as of any point in time. Writes nothing."""

import json
import logging
from collections.abc import Iterator
from typing import Final

import pandas as pd
from sqlalchemy import Connection

from city_indicators.analytics.ratings.bounds import checked, statuses
from city_indicators.analytics.ratings.candidates import OBSERVATIONS, Observations
from city_indicators.analytics.ratings.coherence import coherence
from city_indicators.analytics.ratings.coverage import coverage_tables
from city_indicators.analytics.ratings.draws import SampleDesign
from city_indicators.analytics.ratings.engine import Rating, rate
from city_indicators.analytics.ratings.method import Method
from city_indicators.analytics.ratings.sensitivity import sensitivity
from city_indicators.analytics.ratings.structure import structure_of
from city_indicators.analytics.ratings.uncertainty import UncertaintyResult, scenarios, uncertainty
from city_indicators.catalog.load import translated
from city_indicators.catalog.reference import Reference
from city_indicators.reports.tables import Vintage
from city_indicators.warehouse.bulk import read
from city_indicators.warehouse.report_tables import report_tables

log = logging.getLogger(__name__)

CITY_YEARS_AT_ONCE: Final = 20_000
"""Cities × years that are rated at once: one year of twelve thousand cities, all years of a few hundred."""
INTERVALS: Final = ["rank_p05", "rank_median", "rank_p95", "p_top3", "p_top10"]


def computed(
    connection: Connection, method: Method, reference: Reference, periods: list[str], vintage: Vintage
) -> Rating:
    """Compute a rating of some years from the data of a vintage."""
    used = observed(connection, reference, method.used, periods, method.max_age_years, vintage)
    return _rated(method, used, periods)


def batches(periods: list[str], cities: int) -> list[list[str]]:
    """The years that are rated at once: memory does not grow with their number."""
    years = max(1, CITY_YEARS_AT_ONCE // max(1, cities))
    return [periods[start : start + years] for start in range(0, len(periods), years)]


def in_batches(
    connection: Connection, method: Method, reference: Reference, periods: list[list[str]], vintage: Vintage
) -> Iterator[Rating]:
    """Compute a rating as `computed`, one batch of years after the other."""
    every = [period for batch in periods for period in batch]
    used = observed(connection, reference, method.used, every, method.max_age_years, vintage)
    for batch in periods:
        yield _rated(method, used, batch)


def observed(
    connection: Connection,
    reference: Reference,
    indicators: list[str],
    periods: list[str],
    max_age: int,
    vintage: Vintage,
) -> Observations:
    """The observations of a vintage from which some indicators take their values in some years."""
    rows = read(
        connection,
        "reports/rating/inputs",
        OBSERVATIONS,
        **vars(vintage),
        first_period=str(int(min(periods)) - max_age),
        last_period=max(periods),
        indicators=indicators,
    )
    return Observations(rows, reference)


def _rated(method: Method, used: Observations, periods: list[str]) -> Rating:
    reference = used.reference
    values = used.candidates(periods, method.max_age_years)
    cities = [city.ref_area for city in reference.cities]
    rating = rate(method, cities, values, reference.city_level, _groups(reference, periods), periods)
    for warning in rating.warnings:
        log.warning("%s: %s", method.id, warning)
    return rating


def scores(rating: Rating, reference: Reference) -> pd.DataFrame:
    """The scores with the names, countries and groups of the cities, one row per city and year."""
    cities = reference.cities_of(rating.steps.chain.panel.periods)
    return rating.scores.merge(cities, on=["ref_area", "time_period"])


def names_of_tables() -> list[str]:
    """The names of the tables with ratings by year."""
    tables = report_tables().values()
    return [
        table.name for table in tables if table.is_computed and table.key[:2] == ("rating", "time_period")
    ]


def published_tables(rating: Rating, reference: Reference) -> dict[str, pd.DataFrame]:
    """rating, rating_pillar and rating_indicator, which editions store, each ordered by its key."""
    steps = rating.steps
    drawn = uncertainty(steps) if steps.chain.method.uncertainty else None
    return _published(rating, reference, drawn, _coherence(rating, drawn))


def rating_tables(rating: Rating, reference: Reference) -> dict[str, pd.DataFrame]:
    """Scores, pillars and indicators, and the tables of all analyses, each ordered by its key."""
    method = rating.steps.chain.method
    drawn = uncertainty(rating.steps) if method.uncertainty else None
    found = {"rating_sensitivity": sensitivity(rating.steps), "rating_coherence": _coherence(rating, drawn)}
    if drawn:
        found |= {"rating_uncertainty": scenarios(rating.steps), "drawn_ranks": drawn.ranks}
    analyses = {name: _table(method, name, rows) for name, rows in found.items()}
    published = _published(rating, reference, drawn, found["rating_coherence"])
    covered = coverage_tables(method, published["rating_indicator"], reference.city_level)
    return published | analyses | {name: _table(method, name, rows) for name, rows in covered.items()}


def draws(method: Method) -> pd.DataFrame:
    """The parameters of each draw of the uncertainty analysis, as JSON; empty if the method has none."""
    if method.uncertainty is None:
        return pd.DataFrame({"draw": [], "parameters": []})
    table = SampleDesign(method.uncertainty, structure_of(method)).table()
    return table.assign(parameters=table["parameters"].map(json.dumps))


def _coherence(rating: Rating, drawn: UncertaintyResult | None) -> pd.DataFrame:
    """The coherence of the rating, beside the bounds that the method declares."""
    found = coherence(rating.steps).assign(lower_bound=None, upper_bound=None, within_bounds=None)
    bounds = rating.steps.chain.method.coherence
    if bounds:
        found = checked(bounds, found, drawn.intervals if drawn else pd.DataFrame())
    return found.assign(**{name: found[name].astype(object).fillna("") for name in ("part", "other")})


def _published(
    rating: Rating, reference: Reference, drawn: UncertaintyResult | None, held: pd.DataFrame
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
    status = None
    if method.coherence:
        found = cities["time_period"].map(statuses(method.coherence, held))
        status = found.where(cities["n_ranked"] > 0, None)
    frames = {
        "rating": cities.assign(method_version=method.version, method_status=status),
        "rating_pillar": pillars,
        "rating_indicator": indicators,
    }
    return {name: _table(method, name, rows) for name, rows in frames.items()}


def _groups(reference: Reference, periods: list[str]) -> pd.DataFrame:
    """One row per city and year with one column per group, empty if the city is not a member."""
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


def _table(method: Method, name: str, rows: pd.DataFrame) -> pd.DataFrame:
    """The declared columns of the rows, ordered by the key of the table, as checksums need it."""
    declared = report_tables()[name]
    named = rows.assign(rating=method.id)
    columns = [column for column in declared.columns if column in named]
    return named[columns].sort_values(list(declared.key), ignore_index=True)
