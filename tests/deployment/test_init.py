"""The initialisation of the server can be repeated and never sends passwords in plain text."""

from collections.abc import Callable
from types import ModuleType

import pytest
from sqlalchemy import create_engine

from standalone.postgres import Server

GOOD = {"airflow": "a" * 24, "etl": "b_-" * 8, "researcher": "c" * 12, "steward": "d" * 12}


@pytest.fixture
def init(script: Callable[[str], ModuleType]) -> ModuleType:
    return script("init")


def test_accepts_passwords_that_mean_the_same_within_a_url(init: ModuleType) -> None:
    assert init.unfit(GOOD) == []


@pytest.mark.parametrize("password", ["", "short", "with@sign-and-more", "per%20cent-more", "пароль-длинный"])
def test_names_the_variable_of_a_password_that_would_not(init: ModuleType, password: str) -> None:
    assert init.unfit({**GOOD, "etl": password}) == ["WAREHOUSE_ETL_PASSWORD"]


def test_the_server_holds_a_password_only_hashed(init: ModuleType, server: Server) -> None:
    admin = create_engine(server.admin, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.exec_driver_sql("create role deployment_test login")
        init.set_passwords(connection, {"deployment_test": "it's secret"})
        stored = connection.exec_driver_sql(
            "select rolpassword from pg_catalog.pg_authid where rolname = 'deployment_test'"
        ).scalar_one()
        connection.exec_driver_sql("drop role deployment_test")
    admin.dispose()
    assert stored.startswith("SCRAM-SHA-256$")
