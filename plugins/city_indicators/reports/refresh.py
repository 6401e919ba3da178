"""Refreshes report.* with the loads published since the last refresh, in one transaction."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import pandas as pd
from sqlalchemy import Connection, Engine

from city_indicators.analytics.ratings.method import Method
from city_indicators.catalog.reference import Reference
from city_indicators.reports.best_practices import LatestCases
from city_indicators.reports.editions.diff import compare_all
from city_indicators.reports.past import affected_periods, rated_periods, reference_as_of, store_method
from city_indicators.reports.ratings import draws, in_batches, names_of_tables, rating_tables
from city_indicators.reports.research import Research
from city_indicators.reports.tables import Vintage, queried_tables
from city_indicators.reports.write import delete, replace, write
from city_indicators.warehouse.database import frame, statement
from city_indicators.warehouse.moment import NOW
from city_indicators.warehouse.report_tables import digest


@dataclass(frozen=True)
class Refresh:
    """The result of a refresh: the number of new loads, and of years of ratings it recomputed.

    `written` is whether it wrote any table; new cases or declarations alone also do.
    """

    loads: int
    rating_years: int
    written: bool


def refresh(
    warehouse: Engine, methods: Mapping[str, Method], research: Research, at: datetime, rebuild: bool = False
) -> Refresh:
    """Refresh the report tables with new loads and new best practices; without any, nothing is done.

    Everything is recomputed with `rebuild`, or if the reference from the catalogue or the declarations of the
    tables (include/sql/reports) changed. All years of a rating are recomputed if it is new or its method has
    a new version. A rating without a method is deleted.

    Raises:
        MethodError: a method changed without a new version.
    """
    with warehouse.begin() as connection:
        connection.execute(statement("refresh/lock_reports"))
        loads = frame(connection, "refresh/pending_loads")["load_id"].tolist()
        current = reference_as_of(connection)
        made_by = {"reference_id": current.reference_id, "declaration": digest()}
        rebuild = rebuild or connection.execute(statement("refresh/inputs_changed"), made_by).scalar_one()
        superseded = _superseded(connection, methods) | _listed_again(connection, methods, at)
        if rebuild:
            superseded = set(methods)
        all_trends = rebuild or research.superseded(connection)
        cases = LatestCases.of(connection)
        if not loads and not superseded and not all_trends and cases.is_reported:
            return Refresh(0, 0, written=False)
        changed = frame(connection, "refresh/changed_periods", loads=loads)
        affected, rated = _periods(connection, methods, superseded, changed, at.year)
        rating_years = sum(len(years) for years in rated.values())
        counted = {"refreshed_at": at, "loads": len(loads), "ratings": rating_years}
        opened = connection.execute(statement("refresh/open_refresh"), counted | made_by)
        refresh_id: int = opened.scalar_one()
        for key, method in methods.items():
            _store_method(connection, method, at)
            if key in superseded:
                connection.execute(statement("refresh/make_wide_view"), {"rating": key})
                _clear_rating(connection, key, None)
            elif affected[key]:
                _clear_rating(connection, key, affected[key])
            if rated[key]:
                _write_rating(connection, method, current.reference, rated[key], refresh_id)
        if rebuild or len(changed):
            for name, rows in queried_tables(connection, current.reference, NOW).items():
                replace(connection, name, rows)
        of_trends = None if all_trends else set(changed["indicator"])
        research.refresh(connection, current.reference, of_trends, cases, refresh_id)
        compare_all(connection, at)
        done = {"loads": loads, "report_refresh_id": refresh_id}
        connection.execute(statement("refresh/close_loads"), done)
    return Refresh(len(loads), rating_years, written=True)


def _periods(
    connection: Connection,
    methods: Mapping[str, Method],
    superseded: set[str],
    changed: pd.DataFrame,
    last_year: int,
) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """The affected years of each rating (all if it is superseded), and those of them to rate."""
    known = frame(connection, "refresh/known_periods", known_at=NOW)
    affected = {
        key: affected_periods(method, known if key in superseded else changed, last_year)
        for key, method in methods.items()
    }
    return affected, {key: rated_periods(methods[key], years, known) for key, years in affected.items()}


def _superseded(connection: Connection, methods: Mapping[str, Method]) -> set[str]:
    versions = json.dumps({method.id: method.version for method in methods.values()})
    return set(frame(connection, "refresh/superseded_methods", versions=versions)["rating"])


def _listed_again(connection: Connection, methods: Mapping[str, Method], at: datetime) -> set[str]:
    """Delete the ratings that no longer have a method; returns those that have one again.

    Published editions of them stay.
    """
    changed = frame(connection, "refresh/list_ratings", ratings=list(methods), changed_at=at)
    listed = changed["listed"].astype(bool)
    for rating in changed.loc[~listed, "rating"]:
        _clear_rating(connection, rating, None)
        connection.execute(statement("refresh/drop_wide_view"), {"rating": rating})
    return set(changed.loc[listed, "rating"])


def _store_method(connection: Connection, method: Method, at: datetime) -> None:
    """Store the method, and its draws if this version is new."""
    if store_method(connection, method, at):
        key = {"rating": method.id, "method_version": method.version}
        write(connection, "rating_draw", draws(method).assign(**key))


def _clear_rating(connection: Connection, rating: str, periods: list[str] | None) -> None:
    """Delete some years of a rating, or all of them."""
    years = {} if periods is None else {"time_period": periods}
    for name in names_of_tables():
        delete(connection, name, rating=rating, **years)


def _write_rating(
    connection: Connection, method: Method, reference: Reference, periods: list[str], refresh_id: int
) -> None:
    for rating in in_batches(connection, method, reference, periods, Vintage()):
        for name, rows in rating_tables(rating, reference).items():
            more = {"report_refresh_id": refresh_id} if name == "rating" else {}
            write(connection, name, rows.assign(**more))
