"""Observations, methods and the catalogue can be read as of any past moment."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
import pytest
from sqlalchemy import Engine, create_engine, text

from city_indicators.analytics.ratings.method import Method
from city_indicators.catalog.reference import Reference
from city_indicators.core.errors import MethodError
from city_indicators.reports.past import method_of, reference_as_of, reports_as_of, store_method
from city_indicators.reports.ratings import names_of_tables
from city_indicators.reports.refresh import refresh
from city_indicators.warehouse.catalog_sync import sync
from tests.methods import FIRST, METHODS, RESEARCH, VARIED
from tests.warehouse.conftest import CATALOGUE, Publisher
from tests.warehouse.test_publish import MANY

Query = Callable[[str], list[tuple[object, ...]]]
AS_OF = """
    select ref_area, obs_value, version from core.observations_as_of('{0:%Y-%m-%d %H:%M}+00')
    where ref_area in ('RUS', 'CHN', 'ARE') order by ref_area
"""
AT = datetime(2026, 2, 1, tzinfo=UTC)


def moments(query: Query) -> list[datetime]:
    """The times of publication of the loads."""
    return [row[0] for row in query("select published_at from ops.load order by load_id")]


def test_reads_observations_as_of_any_moment(publisher: Publisher, warehouse: Engine, query: Query) -> None:
    publisher.load({**MANY, "RUS": 10, "CHN": 20})
    publisher.load({**MANY, "RUS": 11, "CHN": 20})
    publisher.load({k: v for k, v in MANY.items() if k != "RUS"} | {"CHN": 20})
    publisher.load({**MANY, "RUS": 12, "CHN": 21})
    first, second, third, fourth = moments(query)
    emirates = ("ARE", 1000.5, 1)
    assert query(AS_OF.format(first - timedelta(minutes=1))) == []
    assert query(AS_OF.format(first)) == [emirates, ("CHN", 20.0, 1), ("RUS", 10.0, 1)]
    assert query(AS_OF.format(second)) == [emirates, ("CHN", 20.0, 1), ("RUS", 11.0, 2)]
    assert query(AS_OF.format(third)) == [emirates, ("CHN", 20.0, 1)]
    assert query(AS_OF.format(fourth)) == [emirates, ("CHN", 21.0, 2), ("RUS", 12.0, 4)]
    researcher = create_engine(warehouse.url.set(username="researcher"))
    with researcher.connect() as connection:
        count = connection.execute(text("select count(*) from core.observations_as_of(:at)"), {"at": third})
        assert count.scalar_one() == 11
    researcher.dispose()
    now = query("select * from core.observation order by 1")
    assert query("select * from core.observations_as_of('infinity') order by 1") == now
    assert len(now) == 12


def tables(warehouse: Engine, reports: dict[str, pd.DataFrame]) -> dict[str, list[tuple[object, ...]]]:
    """The same tables of the schema report, without the number of the refresh."""
    found = {}
    with warehouse.connect() as connection:
        for name, rows in reports.items():
            columns = ", ".join(rows.columns)
            stored = connection.execute(text(f"select {columns} from report.{name}"))  # noqa: S608
            found[name] = sorted((as_values(row) for row in stored), key=str)
    return found


def as_values(row: object) -> tuple[object, ...]:
    values = [tuple(v) if isinstance(v, list | np.ndarray) else None if pd.isna(v) else v for v in row]
    return tuple(float(v) if isinstance(v, int | float) else v for v in values)


def as_rows(reports: dict[str, pd.DataFrame]) -> dict[str, list[tuple[object, ...]]]:
    return {
        name: sorted((as_values(row) for row in rows.itertuples(index=False)), key=str)
        for name, rows in reports.items()
    }


def test_rebuilds_every_report_of_a_past_moment_exactly(
    publisher: Publisher, warehouse: Engine, query: Query
) -> None:
    publisher.load({**MANY, "RUS": 61234.5, "CHN": 30123.25}, year=2018)
    publisher.load({**MANY, "RUS": 60000.1}, year=2019)
    refresh(warehouse, {VARIED.id: VARIED}, RESEARCH, AT)
    then = moments(query)[-1]
    with warehouse.connect() as connection:
        now = reports_as_of(connection, AT)
    before = tables(warehouse, now)
    assert as_rows(now) == before
    made = {name for name, rows in before.items() if rows}
    assert made >= {*names_of_tables()} - {"rating_mover"} | {"city_profile", "data_coverage", "trend"}
    publisher.load({**MANY, "RUS": 50000, "ZAF": 9}, year=2019)
    publisher.load({k: v for k, v in MANY.items() if k != "CHN"}, year=2018)
    refresh(warehouse, {VARIED.id: VARIED}, RESEARCH, AT)
    assert tables(warehouse, now)["rating"] != before["rating"]
    with warehouse.connect() as connection:
        # The moment of the second load; ratings reach up to the year of that moment.
        assert as_rows(reports_as_of(connection, then)) == before


def test_a_past_rating_uses_the_catalogue_and_method_of_its_moment(
    publisher: Publisher, warehouse: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    publisher.load({**MANY, "RUS": 60000.1})
    refresh(warehouse, METHODS, RESEARCH, AT)
    with warehouse.connect() as connection:
        before = as_rows(reports_as_of(connection, AT))
        stored = reference_as_of(connection, AT)
    assert stored.reference == Reference.of(CATALOGUE)
    fewer = {city: entry for city, entry in CATALOGUE.cities.items() if city != "moscow"}
    sync(warehouse.url, CATALOGUE.model_copy(update={"cities": fewer}))
    later = datetime.now(UTC) + timedelta(days=1)
    assert refresh(warehouse, METHODS, RESEARCH, later).rating_years > 0, (
        "the cities changed, so all years are computed anew"
    )
    with warehouse.connect() as connection:
        assert as_rows(reports_as_of(connection, AT)) == before
        now = reports_as_of(connection, later)
    assert "moscow" in {row[2] for row in before["rating"]}
    assert "moscow" not in set(now["rating"]["ref_area"]) | set(now["city_profile"]["ref_area"])
    assert set(now["data_coverage"]["cities_of_catalogue"]) == {47}


def test_a_version_of_a_method_never_changes(warehouse: Engine) -> None:
    method = FIRST
    other = method.model_copy(update={"max_age_years": method.max_age_years + 1})
    with warehouse.begin() as connection:
        store_method(connection, method, AT)
        store_method(connection, method, AT)
        with pytest.raises(MethodError, match=r"version .* another content. Next step: give include"):
            store_method(connection, other, AT)
        newer: Method = other.model_copy(update={"version": "99.0.0"})
        store_method(connection, newer, AT)
        assert method_of(connection, method.id, method.version) == method
        assert method_of(connection, method.id, "99.0.0") == newer


def test_methods_and_references_are_append_only(warehouse: Engine) -> None:
    method = FIRST
    with warehouse.begin() as connection:
        store_method(connection, method, AT)
    for statement in ("update catalog.method set document = '{}'", "delete from catalog.reference"):
        with pytest.raises(Exception, match="append-only"), warehouse.begin() as connection:
            connection.execute(text(statement))
