"""What ratings were made by at a moment, and the report tables as they were then."""

import json
from datetime import datetime
from typing import NamedTuple

import pandas as pd
from sqlalchemy import Connection

from city_indicators.analytics.ratings.method import Method
from city_indicators.catalog.reference import Reference
from city_indicators.core.errors import MethodError
from city_indicators.reports.ratings import computed, rating_tables
from city_indicators.reports.research import Research
from city_indicators.reports.tables import Vintage, queried_tables
from city_indicators.warehouse.database import frame, statement
from city_indicators.warehouse.moment import NOW, Moment


class Kept(NamedTuple):
    """A reference of the warehouse, by its number."""

    reference_id: int
    reference: Reference


def reference_as_of(connection: Connection, known_at: Moment = NOW) -> Kept:
    """The reference in force at a moment.

    Raises:
        MethodError: the warehouse keeps none.
    """
    row = connection.execute(statement("catalog/reference_as_of"), {"known_at": known_at}).first()
    if row is None:
        raise MethodError("the warehouse keeps no catalogue. Next step: restart the stack, which loads it")
    return Kept(row.reference_id, Reference.model_validate(row.document))


def keep_method(connection: Connection, method: Method, at: datetime) -> bool:
    """Keep a version of a method, which then stands for ever; whether it is new.

    Raises:
        MethodError: the version is kept and says something else.
    """
    parameters = {
        "rating": method.id,
        "method_version": method.version,
        "known_from": at,
        "document": json.dumps(method.model_dump(mode="json", exclude_unset=True)),
    }
    if connection.execute(statement("catalog/method_differs"), parameters).scalar_one():
        raise MethodError(
            f"rating {method.id}: its version {method.version} was used already and said something else. "
            f"Next step: give include/catalog/ratings/{method.id}.yaml a new version"
        )
    return connection.execute(statement("catalog/insert_method"), parameters).first() is not None


def method_of(connection: Connection, rating: str, version: str) -> Method:
    """A version of a method that was used."""
    key = {"rating": rating, "method_version": version}
    return Method.model_validate(connection.execute(statement("catalog/method"), key).scalar_one())


def methods_as_of(connection: Connection, known_at: Moment = NOW) -> dict[str, Method]:
    """The method of each rating in force at a moment, by its id, of those that a report was made by."""
    found = frame(connection, "catalog/methods_as_of", known_at=known_at)
    methods = [Method.model_validate(document) for document in found["document"]]
    return {method.id: method for method in methods}


def research_as_of(connection: Connection, known_at: Moment = NOW) -> Research | None:
    """What the products of the research were declared by at a moment, if they were ever made."""
    document = connection.execute(statement("refresh/research_as_of"), {"known_at": known_at}).scalar()
    return None if document is None else Research.model_validate(document)


def reports_as_of(connection: Connection, known_at: datetime) -> dict[str, pd.DataFrame]:
    """Every report table as the observations, cases, methods, declarations and catalogue of a moment give it.

    The tables of ratings, city_profile and data_coverage, with every year
    that the observations of then reach, and those of the research. Names of places and texts of licences are
    today's.
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
    """The years of a rating that changed observations reach, through `max_age_years` later ones too."""
    years = changed.loc[changed["indicator"].isin(method.used), "time_period"].astype(int)
    reached = {year + age for year in years for age in range(method.max_age_years + 1)}
    return [str(year) for year in sorted(reached) if year <= last_year]


def rated_periods(method: Method, periods: list[str], known: pd.DataFrame) -> list[str]:
    """Those of the years of which some observation that the method rates was observed.

    A year is not rated by nothing but observations that are carried on.
    """
    observed = set(known.loc[known["indicator"].isin(method.indicator_ids), "time_period"])
    return [period for period in periods if period in observed]
