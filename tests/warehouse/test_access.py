"""Who may read what, and how the schema comes to be."""

from datetime import date

import pytest
from sqlalchemy import URL, create_engine, text
from sqlalchemy.exc import ProgrammingError

from city_indicators.warehouse.catalog_sync import sync
from city_indicators.warehouse.migrate import upgrade

REPORTS = ["rating", "rating_pillar", "rating_indicator", "city_profile", "data_coverage"]


@pytest.mark.parametrize("table", [*(f"report.{t}" for t in REPORTS), "core.observation"])
def test_a_researcher_reads_the_reports(warehouse_url: URL, table: str) -> None:
    with create_engine(warehouse_url.set(username="researcher")).connect() as connection:
        assert connection.execute(text(f"select count(*) from {table}")).scalar_one() == 0  # noqa: S608


@pytest.mark.parametrize(
    "statement",
    [
        "select * from ops.load",
        "select * from quality.rejected_row",
        "select * from catalog.city",
        "delete from report.rating",
        "insert into core.observation_state (ref_area) values ('x')",
        "create table report.mine (x integer)",
        "create table public.mine (x integer)",
    ],
)
def test_a_researcher_does_nothing_else(warehouse_url: URL, statement: str) -> None:
    with (
        create_engine(warehouse_url.set(username="researcher")).begin() as connection,
        pytest.raises(ProgrammingError, match="permission denied"),
    ):
        connection.execute(text(statement))


def test_migrating_and_syncing_again_changes_nothing(warehouse_url: URL) -> None:
    engine = create_engine(warehouse_url)
    count = text("select count(*) from catalog.city")
    upgrade(warehouse_url)
    sync(warehouse_url)
    with engine.connect() as connection:
        assert connection.execute(count).scalar_one() == 48


def test_the_catalogue_carries_dated_membership(warehouse_url: URL) -> None:
    with create_engine(warehouse_url).connect() as connection:
        members = connection.execute(
            text("select country, valid_from from catalog.city_group_member order by 2, 1")
        )
        assert [tuple(row) for row in members][-1] == ("IDN", date(2025, 1, 1))
