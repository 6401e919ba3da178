"""Initialises or upgrades the server: databases, roles, schemas, catalogue, pools. Safe to run again."""

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
from city_indicators.orchestration.access import URL_SAFE_PASSWORD
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
"""The variables with a folder that every worker must reach."""


def main() -> int:
    """Create or upgrade databases, roles, schemas, catalogue and pools. Returns the exit code."""
    passwords = {role: os.environ[variable] for role, variable in PASSWORD_OF.items()}
    if refused := unfit(passwords):
        print(f"{', '.join(refused)}: use letters, digits, - and _ only, at least 12.", file=sys.stderr)
        return 1
    if local := unshared(os.environ):
        print(
            f"Several workers run the tasks, but {', '.join(local)} names a folder of one machine. "
            "Next step: set the bucket in .env (docs/how-to/run-several-workers.md)",
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
    return [PASSWORD_OF[role] for role, given in passwords.items() if not URL_SAFE_PASSWORD.fullmatch(given)]


def unshared(environment: Mapping[str, str]) -> list[str]:
    """The variables with a folder of one machine, although several workers need it."""
    if "Celery" not in environment["AIRFLOW__CORE__EXECUTOR"]:
        return []
    return [name for name in SHARED if not re.match(r"(?!file:)\w+://", environment[name])]


def prepare_server(admin: URL, passwords: Mapping[str, str]) -> None:
    """Create missing roles and databases, and set the passwords."""
    with engine(admin).execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        connection.execute(statement("admin/roles"))
        for database in DATABASES:
            if not connection.scalar(statement("admin/database_exists"), {"name": database}):
                connection.execute(statement(f"admin/create_{database}"))
        connection.execute(text(AIRFLOW_ROLE.read_text(encoding="utf-8")))
        set_passwords(connection, passwords)
    revoke_public(admin.set(database="warehouse"))


def set_passwords(connection: Connection, passwords: Mapping[str, str]) -> None:
    """Set the password of each role, hashed here, so that the server's log never shows it."""
    driver = connection.connection.driver_connection
    for role, password in passwords.items():
        hashed = driver.pgconn.encrypt_password(password.encode(), role.encode(), b"scram-sha-256")
        command = sql.SQL("alter role {} password {}")
        driver.execute(command.format(sql.Identifier(role), sql.Literal(hashed.decode())))


def make_pools() -> None:
    """Create one pool per host, with the slots that the catalogue allows."""
    body = {"description": "Parallel requests to one host", "include_deferred": False}
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
