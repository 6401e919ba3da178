"""Methods, references and report tables as of a date."""

import json
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

import pandas as pd
from sqlalchemy import Connection

from city_indicators.analytics.ratings.method import Method
from city_indicators.catalog.reference import Reference
from city_indicators.core.errors import MethodError
from city_indicators.reports.ratings import computed, rating_tables
from city_indicators.reports.research import Research
from city_indicators.reports.tables import Vintage, queried_tables
from city_indicators.warehouse.database import frame, rows, statement
from city_indicators.warehouse.moment import NOW, Moment


class StoredReference(NamedTuple):
    """A reference stored in the warehouse, with its id."""

    reference_id: int
    reference: Reference


def reference_as_of(connection: Connection, known_at: Moment = NOW) -> StoredReference:
    """The reference in force at a point in time.

    Raises:
        MethodError: the warehouse has none.
    """
    row = connection.execute(statement("catalog/reference_as_of"), {"known_at": known_at}).first()
    if row is None:
        raise MethodError("the warehouse has no catalogue. Next step: restart the stack, which loads it")
    return StoredReference(row.reference_id, Reference.model_validate(row.document))


def reference_of(connection: Connection, reference_id: int) -> Reference:
    """A stored reference (cities, groups, preferences)."""
    row = connection.execute(statement("catalog/reference"), {"reference_id": reference_id})
    return Reference.model_validate(row.scalar_one())


def store_method(connection: Connection, method: Method, at: datetime) -> bool:
    """Store a version of a method, which never changes again; returns whether it is new.

    Raises:
        MethodError: the version is already stored with another content.
    """
    parameters = {
        "rating": method.id,
        "method_version": method.version,
        "known_from": at,
        "document": json.dumps(method.model_dump(mode="json", exclude_unset=True)),
    }
    if connection.execute(statement("catalog/method_differs"), parameters).scalar_one():
        raise MethodError(
            f"rating {method.id}: version {method.version} was already used with another content. "
            f"Next step: give include/catalog/ratings/{method.id}.yaml a new version"
        )
    return connection.execute(statement("catalog/insert_method"), parameters).first() is not None


def method_of(connection: Connection, rating: str, version: str) -> Method:
    """A stored version of a method."""
    key = {"rating": rating, "method_version": version}
    return Method.model_validate(connection.execute(statement("catalog/method"), key).scalar_one())


def methods_as_of(connection: Connection, known_at: Moment = NOW) -> dict[str, Method]:
    """The methods in force at a point in time that reports were computed with, by rating id."""
    found = rows(connection, "catalog/methods_as_of", known_at=known_at)
    methods = [_method(row["document"]) for row in found]
    return {method.id: method for method in methods}


@lru_cache(maxsize=256)
def _method(document: str) -> Method:
    """The method of a document; pages need the same ones again and again."""
    return Method.model_validate_json(document)


def research_as_of(connection: Connection, known_at: Moment = NOW) -> Research | None:
    """The declarations of the research products at a point in time, if they were ever computed."""
    document = connection.execute(statement("refresh/research_as_of"), {"known_at": known_at}).scalar()
    return None if document is None else Research.model_validate(document)


def reports_as_of(connection: Connection, known_at: datetime) -> dict[str, pd.DataFrame]:
    """Recompute the report tables from the observations, cases, methods and catalogue of a point in time.

    These are the tables of ratings (all years that the observations of that time affect; without
    rating_mover, which compares the two latest), city_profile, data_coverage, and the tables of the
    research. Names of places and texts of licences are the current ones.
    """
    reference = reference_as_of(connection, known_at).reference
    known = frame(connection, "refresh/known_periods", known_at=known_at)
    made: dict[str, list[pd.DataFrame]] = {}
    for method in methods_as_of(connection, known_at).values():
        periods = rated_periods(method, affected_periods(method, known, known_at.year), known)
        if periods:
            rating = computed(connection, method, reference, periods, Vintage(known_at))
            for name, rows in rating_tables(rating, reference).items():
                made.setdefault(name, []).append(rows)
    ratings = {name: pd.concat(rows, ignore_index=True) for name, rows in made.items()}
    tables = ratings | queried_tables(connection, reference, known_at)
    research = research_as_of(connection, known_at)
    if research is None:
        return tables
    return tables | research.tables(connection, reference, tables["city_profile"], known_at)


def affected_periods(method: Method, changed: pd.DataFrame, last_year: int) -> list[str]:
    """The years of a rating affected by changed observations, including `max_age_years` later years."""
    years = changed.loc[changed["indicator"].isin(method.used), "time_period"].astype(int)
    reached = {year + age for year in years for age in range(method.max_age_years + 1)}
    return [str(year) for year in sorted(reached) if year <= last_year]


def rated_periods(method: Method, periods: list[str], known: pd.DataFrame) -> list[str]:
    """The years in which at least one rated indicator has an observation.

    A year with only carried-forward values is not rated.
    """
    observed = set(known.loc[known["indicator"].isin(method.indicator_ids), "time_period"])
    return [period for period in periods if period in observed]
