"""Brings report.* up to the loads published since the last refresh, in one transaction."""

import json
from dataclasses import dataclass
from datetime import datetime

import pandas as pd
from sqlalchemy import Connection, Engine

from city_indicators.catalog.models import Catalogue
from city_indicators.ratings.method import Method, load_methods
from city_indicators.reports.rating_tables import write_rating
from city_indicators.warehouse.database import frame, statement


@dataclass(frozen=True)
class Refresh:
    """What a refresh did: how many loads it took in, how many years of ratings it wrote anew."""

    loads: int
    rating_years: int


def refresh(warehouse: Engine, catalogue: Catalogue, at: datetime, rebuild: bool = False) -> Refresh:
    """Take in every published load that no refresh has seen; with none there is nothing to do.

    With `rebuild`, or for a rating whose method has a new version, every year is written anew.
    """
    methods = load_methods(catalogue)
    with warehouse.begin() as connection:
        connection.execute(statement("report/lock_reports"))
        loads = frame(connection, "report/pending_loads")["load_id"].tolist()
        superseded = set(methods) if rebuild else _superseded(connection, methods)
        if not loads and not superseded:
            return Refresh(0, 0)
        changed = frame(connection, "report/changed_periods", loads=loads)
        known = frame(connection, "report/known_periods")
        periods = {
            method.id: affected_periods(method, known if method.id in superseded else changed, at.year)
            for method in methods.values()
        }
        rating_years = sum(len(years) for years in periods.values())
        refresh_id = connection.execute(
            statement("report/open_refresh"),
            {"refreshed_at": at, "loads": len(loads), "ratings": rating_years},
        ).scalar_one()
        for method in methods.values():
            if periods[method.id]:
                write_rating(connection, method, periods[method.id], refresh_id)
                connection.execute(
                    statement("report/rating_corrections"),
                    {"rating": method.id, "periods": periods[method.id]},
                )
        if rebuild or len(changed):
            _rebuild(connection, "city_profile")
            _rebuild(connection, "data_coverage")
        connection.execute(statement("report/close_loads"), {"loads": loads, "report_refresh_id": refresh_id})
    return Refresh(len(loads), rating_years)


def _superseded(connection: Connection, methods: dict[str, Method]) -> set[str]:
    versions = json.dumps({method.id: method.version for method in methods.values()})
    return set(frame(connection, "report/superseded_methods", versions=versions)["rating"])


def affected_periods(method: Method, changed: pd.DataFrame, last_year: int) -> list[str]:
    """The years of a rating that changed figures reach, through `max_age_years` later ones too."""
    years = changed.loc[changed["indicator"].isin(method.indicators), "time_period"].astype(int)
    reached = {year + age for year in years for age in range(method.max_age_years + 1)}
    return [str(year) for year in sorted(reached) if year <= last_year]


def _rebuild(connection: Connection, table: str) -> None:
    connection.execute(statement(f"report/clear_{table}"))
    connection.execute(statement(f"report/{table}"))
