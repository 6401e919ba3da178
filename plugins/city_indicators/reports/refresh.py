"""Refreshes report.* with the loads published since the last refresh, in one transaction."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import pyarrow as pa
from sqlalchemy import Connection, Engine

from city_indicators.analytics.ratings.method import Method
from city_indicators.catalog.reference import Reference
from city_indicators.reports.best_practices import LatestCases
from city_indicators.reports.editions.diff import compare_all
from city_indicators.reports.past import reference_of, store_method
from city_indicators.reports.plan import Plan, latest_refresh
from city_indicators.reports.rated import RatedTables
from city_indicators.reports.ratings import draws, in_batches, names_of_tables, rating_tables
from city_indicators.reports.research import Research
from city_indicators.reports.tables import Vintage, queried_tables
from city_indicators.reports.write import append, as_arrow, delete, replace, write
from city_indicators.warehouse.database import frame, statement
from city_indicators.warehouse.moment import NOW
from city_indicators.warehouse.publications import block_publications
from city_indicators.warehouse.staged import with_constants

MOVERS: Final = 10
"""How many cities report.rating_mover has of a rating."""


@dataclass(frozen=True)
class Refresh:
    """The result of a refresh: the number of new loads, and of years of ratings it recomputed.

    `written` is whether it wrote any table; new cases or declarations alone also do.
    """

    loads: int
    rating_years: int
    written: bool


Tables = Iterator[Mapping[str, Iterable[pa.Table | pa.RecordBatch]]]
"""The tables of a rating by name, batch of years by batch of years."""


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
    with _reports_locked(warehouse) as connection:
        listed = _list_ratings(connection, methods, at)
        plan = Plan.of(connection, methods, research, listed, at, rebuild)
        return _write(connection, plan, methods, research, at, _computed)


def refresh_or_plan(
    warehouse: Engine, methods: Mapping[str, Method], research: Research, at: datetime, rebuild: bool
) -> Refresh | Plan:
    """Refresh the report tables as `refresh`, or only plan it if several tasks are to compute the ratings.

    A plan is as of the latest publication: while nothing is published, the plan is the same.

    Raises:
        MethodError: a method changed without a new version.
    """
    with _reports_locked(warehouse) as connection:
        listed = _list_ratings(connection, methods, at)
        plan = Plan.of(connection, methods, research, listed, at, rebuild)
        if not plan.is_large:
            return _write(connection, plan, methods, research, at, _computed)
        block_publications(connection)
        known_at = connection.execute(statement("refresh/latest_publication")).scalar_one()
        plan = Plan.of(connection, methods, research, listed, at, rebuild, known_at)
        connection.rollback()
        return plan


def refresh_as_planned(
    warehouse: Engine,
    methods: Mapping[str, Method],
    research: Research,
    at: datetime,
    plan: Plan,
    stored: RatedTables,
) -> Refresh:
    """Refresh the report tables by a plan whose ratings are stored, in one transaction.

    Loads published after the moment of the plan are left to the next refresh.

    Raises:
        OutdatedPlanError: the plan no longer leads to the reports of its moment, or a rating is not stored.
    """

    def read(_: Connection, method: Method, plan: Plan, __: Reference) -> Tables:
        return (stored.read(method.id, years) for years in plan.batches(method.id))

    with _reports_locked(warehouse) as connection:
        if latest_refresh(connection).plan == plan.key:
            # An earlier try did it, and died afterwards.
            done = Refresh(len(plan.loads), plan.rating_years, written=False)
        else:
            plan.check(connection)
            _list_ratings(connection, methods, at)
            done = _write(connection, plan, methods, research, at, read)
    stored.remove()
    return done


@contextmanager
def _reports_locked(warehouse: Engine) -> Iterator[Connection]:
    with warehouse.begin() as connection:
        connection.execute(statement("refresh/lock_reports"))
        yield connection


def _write(
    connection: Connection,
    plan: Plan,
    methods: Mapping[str, Method],
    research: Research,
    at: datetime,
    tables: Callable[[Connection, Method, Plan, Reference], Tables],
) -> Refresh:
    """Write what the plan recomputes; the ratings are those of `tables`."""
    cases = LatestCases.of(connection)
    if plan.is_empty and cases.is_reported:
        return Refresh(0, 0, written=False)
    reference = reference_of(connection, plan.reference_id)
    opened = {
        "refreshed_at": at,
        "loads": len(plan.loads),
        "ratings": plan.rating_years,
        "reference_id": plan.reference_id,
        "declaration": plan.declaration,
        "plan": None if plan.known_at == NOW else plan.key,
    }
    refresh_id: int = connection.execute(statement("refresh/open_refresh"), opened).scalar_one()
    for key, method in methods.items():
        _store_method(connection, method, at)
        if key in plan.superseded:
            connection.execute(statement("refresh/make_wide_view"), {"rating": key})
            _clear_rating(connection, key, None)
        elif plan.affected[key]:
            _clear_rating(connection, key, plan.affected[key])
        if plan.rated[key]:
            _write_rating(connection, tables(connection, method, plan, reference), refresh_id)
        if plan.affected[key]:
            _write_movers(connection, key)
    if plan.profiles:
        for name, rows in queried_tables(connection, reference, plan.known_at).items():
            replace(connection, name, rows)
    research.refresh(connection, reference, plan.indicators, cases, refresh_id, plan.known_at)
    compare_all(connection, at, plan.known_at)
    done = {"loads": plan.loads, "report_refresh_id": refresh_id}
    connection.execute(statement("refresh/close_loads"), done)
    return Refresh(len(plan.loads), plan.rating_years, written=True)


def _list_ratings(connection: Connection, methods: Mapping[str, Method], at: datetime) -> set[str]:
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


def _computed(connection: Connection, method: Method, plan: Plan, reference: Reference) -> Tables:
    years = plan.batches(method.id)
    for rating in in_batches(connection, method, reference, years, Vintage(plan.known_at)):
        yield {name: [as_arrow(name, rows)] for name, rows in rating_tables(rating, reference).items()}


def _write_rating(connection: Connection, tables: Tables, refresh_id: int) -> None:
    number = pa.scalar(refresh_id, pa.int64())
    for batch in tables:
        for name, parts in batch.items():
            more = {"report_refresh_id": number} if name == "rating" else {}
            append(connection, name, (with_constants(part, more) for part in parts))


def _write_movers(connection: Connection, rating: str) -> None:
    """Write the cities that moved most in the latest year of a rating, which the overview shows."""
    delete(connection, "rating_mover", rating=rating)
    write(connection, "rating_mover", frame(connection, "refresh/movers", rating=rating, most=MOVERS))
