"""report.trend, report.convergence and report.city_system: read, computed and replaced by indicator."""

from collections.abc import Collection
from typing import Any, Final

import pandas as pd
import pyarrow as pa
from sqlalchemy import Connection

from city_indicators.catalog.load import translated
from city_indicators.catalog.reference import Reference
from city_indicators.trends.city_system import city_systems
from city_indicators.trends.convergence import convergence
from city_indicators.trends.declared import Declared
from city_indicators.trends.trend import trends
from city_indicators.warehouse.bulk import copy
from city_indicators.warehouse.database import frame, statement
from city_indicators.warehouse.moment import NOW

OF_SERIES: Final = ["unit_measure", "geo_basis", "source"]


def superseded(connection: Connection, declared: Declared) -> bool:
    """Whether reports were made, and the trend tables not by this version of what is declared."""
    found = connection.execute(statement("report/trends_superseded"), {"version": declared.version})
    return bool(found.scalar_one())


def refresh_trends(
    connection: Connection,
    declared: Declared,
    reference: Reference,
    indicators: Collection[str] | None,
    refresh_id: int,
) -> None:
    """Write the rows of some indicators anew, those of all if `indicators` is None; note the version."""
    chosen = None if indicators is None else sorted(indicators)
    if chosen is None or chosen:
        for name, rows in trend_tables(connection, declared, reference, chosen).items():
            connection.execute(statement(f"report/delete_{name}"), {"indicators": chosen})
            copy(connection, f"report.{name}", [as_arrow(rows)])
    marked = {"version": declared.version, "report_refresh_id": refresh_id}
    connection.execute(statement("report/mark_trends"), marked)


def trend_tables(
    connection: Connection, declared: Declared, reference: Reference, indicators: list[str] | None
) -> dict[str, pd.DataFrame]:
    """The three tables by name, from the figures known now."""
    figures = frame(
        connection, "report/trend_inputs", **reference.parameters(), known_at=NOW, indicators=indicators
    )
    names = frame(connection, "export/code_names")
    members = declared.members(reference)
    series = figures[["indicator", "ref_area", *OF_SERIES]].drop_duplicates(["indicator", "ref_area"])
    tables = {
        "trend": trends(figures, declared).merge(series, on=["indicator", "ref_area"]),
        "convergence": convergence(figures, members, declared),
        "city_system": city_systems(figures, members, declared),
    }
    named = {
        "indicator": _named("indicator", "indicator", names[names["list"] == "indicator"]),
        "ref_area": _named("ref_area", "place", names[names["list"] == "place"]),
        "time_window": _named("time_window", "window", _declared_names(declared.windows)),
        "city_group": _named("city_group", "group", _declared_names(declared.groups)),
    }
    return {
        name: _with_names(rows, [named[key] for key in named if key in rows]) for name, rows in tables.items()
    }


def as_arrow(rows: pd.DataFrame) -> pa.Table:
    """The rows as PostgreSQL reads them: a list of years as it writes arrays."""
    if "shift_years" in rows:
        lists = rows["shift_years"].map(lambda years: "{" + ",".join(map(str, years)) + "}", "ignore")
        rows = rows.assign(shift_years=lists)
    return pa.Table.from_pandas(rows, preserve_index=False)


def _declared_names(entries: Collection[Any]) -> pd.DataFrame:
    return pd.DataFrame([{"code": entry.id, **translated(entry.name)} for entry in entries])


def _named(key: str, kind: str, names: pd.DataFrame) -> pd.DataFrame:
    """The names of a code list as columns of ours, such as place_name_en, by the column `key`."""
    columns = {f"name_{language}": f"{kind}_name_{language}" for language in ("en", "ru", "zh")}
    return names.rename(columns={"code": key, **columns})[[key, *columns.values()]]


def _with_names(rows: pd.DataFrame, names: list[pd.DataFrame]) -> pd.DataFrame:
    for of_one in names:
        rows = rows.merge(of_one, on=of_one.columns[0])
    return rows
