"""Bring the server to the state that the project declares. Running it again changes nothing."""

import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from psycopg import sql
from sqlalchemy import URL, Connection, make_url, text

from city_indicators.catalog import load_sources
from city_indicators.catalog.pools import pools
from city_indicators.orchestration.access import FIT_FOR_A_URL
from city_indicators.warehouse.catalog_sync import sync
from city_indicators.warehouse.database import engine, statement
from city_indicators.warehouse.revoke_public import revoke_public
from city_indicators.warehouse.upgrade import upgrade

AIRFLOW_ROLE = Path(__file__).with_name("airflow_role.sql")
DATABASES = ("airflow", "warehouse")
PASSWORD_OF = {
    "airflow": "AIRFLOW_DATABASE_PASSWORD",
    "etl": "WAREHOUSE_ETL_PASSWORD",
    "researcher": "WAREHOUSE_RESEARCHER_PASSWORD",
    "steward": "WAREHOUSE_STEWARD_PASSWORD",
}
"""Role → the variable with its password."""
SHARED = (
    "CITY_INDICATORS_ARCHIVE",
    "CITY_INDICATORS_INBOX",
    "CITY_INDICATORS_DATA_DOCS",
    "AIRFLOW__LOGGING__REMOTE_BASE_LOG_FOLDER",
)
"""Variables that name a folder which every worker must reach."""


def main() -> int:
    """Databases and roles, schemas, catalogue, pools. Returns the exit code."""
    passwords = {role: os.environ[variable] for role, variable in PASSWORD_OF.items()}
    if refused := unfit(passwords):
        print(f"{', '.join(refused)}: use letters, digits, - and _ only, at least 12.", file=sys.stderr)
        return 1
    if local := unshared(os.environ):
        print(
            f"Several workers run the tasks, but {', '.join(local)} names a folder of one machine. "
            "Next step: set the bucket in .env as docs/how-to/run-several-workers.md describes",
            file=sys.stderr,
        )
        return 1
    admin = make_url(os.environ["POSTGRES_URL"])
    prepare_server(admin, passwords)
    run("airflow", "db", "migrate")
    warehouse = admin.set(username="etl", password=passwords["etl"], database="warehouse")
    upgrade(warehouse)
    sync(warehouse)
    make_pools()
    print("Databases, schemas, catalogue and pools are up to date.")
    return 0


def unfit(passwords: Mapping[str, str]) -> list[str]:
    """The variables whose password is short, or would change its meaning within a URL."""
    return [PASSWORD_OF[role] for role, given in passwords.items() if not FIT_FOR_A_URL.fullmatch(given)]


def unshared(environment: Mapping[str, str]) -> list[str]:
    """The variables that name a folder of one machine although workers on several need it."""
    if "Celery" not in environment["AIRFLOW__CORE__EXECUTOR"]:
        return []
    return [name for name in SHARED if not re.match(r"(?!file:)\w+://", environment[name])]


def prepare_server(admin: URL, passwords: Mapping[str, str]) -> None:
    """Make the roles and databases that are missing, and set the passwords."""
    with engine(admin).execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        connection.execute(statement("admin/roles"))
        for database in DATABASES:
            if not connection.scalar(statement("admin/database_exists"), {"name": database}):
                connection.execute(statement(f"admin/create_{database}"))
        connection.execute(text(AIRFLOW_ROLE.read_text(encoding="utf-8")))
        set_passwords(connection, passwords)
    revoke_public(admin.set(database="warehouse"))


def set_passwords(connection: Connection, passwords: Mapping[str, str]) -> None:
    """Give each role its password, hashed here so that the server's log can never show it."""
    driver = connection.connection.driver_connection
    for role, password in passwords.items():
        hashed = driver.pgconn.encrypt_password(password.encode(), role.encode(), b"scram-sha-256")
        command = sql.SQL("alter role {} password {}")
        driver.execute(command.format(sql.Identifier(role), sql.Literal(hashed.decode())))


def make_pools() -> None:
    """One pool per host, as wide as the catalogue lets us ask it."""
    body = {"description": "Requests at a time to one host", "include_deferred": False}
    declared = {pool: {"slots": slots, **body} for pool, slots in pools(load_sources().values()).items()}
    with tempfile.NamedTemporaryFile("w", suffix=".json", encoding="utf-8") as file:
        json.dump(declared, file)
        file.flush()
        run("airflow", "pools", "import", file.name)


def run(*command: str) -> None:
    """Run a command; a failure ends this script."""
    subprocess.run(command, check=True)  # noqa: S603 - the commands are ours


if __name__ == "__main__":
    sys.exit(main())
