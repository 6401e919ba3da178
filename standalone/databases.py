"""Creates and migrates the two databases, and queries the progress of the loading."""

import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import URL, create_engine, text

from city_indicators.core.paths import SQL
from standalone.errors import ServiceFailedError
from standalone.postgres import Server
from standalone.settings import Settings

METADATA = "airflow"
WAREHOUSE = "warehouse"
ADMIN_SQL = SQL / "admin"


@dataclass(frozen=True)
class Progress:
    """The progress of the loading."""

    rows_loaded: int
    loads_not_in_report: int


def create(server: Server) -> None:
    """Create the roles and the two databases. Running it again changes nothing."""
    from city_indicators.warehouse.revoke_public import revoke_public

    engine = create_engine(server.admin, isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            connection.exec_driver_sql(_sql("roles"))
            for database in (METADATA, WAREHOUSE):
                if not connection.scalar(text(_sql("database_exists")), {"name": database}):
                    connection.exec_driver_sql(_sql(f"create_{database}"))
    finally:
        engine.dispose()
    revoke_public(server.url(WAREHOUSE))


def migrate(server: Server, settings: Settings, env: dict[str, str]) -> None:
    """Upgrade both databases to the newest schema, and the catalogue tables to include/catalog.

    Raises:
        ServiceFailedError: Airflow could not migrate its metadata.
    """
    log = settings.log_of("db-migrate")
    command = [sys.executable, "-m", "airflow", "db", "migrate"]
    with log.open("wb") as out:
        airflow = subprocess.Popen(command, env=env, stdout=out, stderr=subprocess.STDOUT)  # noqa: S603
    try:
        migrate_warehouse(server.url(WAREHOUSE, "etl"))
        failed = airflow.wait()
    except BaseException:
        airflow.terminate()
        airflow.wait()
        raise
    if failed:
        raise ServiceFailedError("airflow db migrate", f"ended with code {failed}", log)


def progress(server: Server) -> Progress:
    """Rows loaded so far, and loads that the report tables do not show yet."""
    row = _rows(server, "progress", {})[0]
    return Progress(int(row["rows_loaded"]), int(row["loads_not_in_report"]))


def top_ten(server: Server, rating: str) -> list[dict[str, Any]]:
    """The top ten of `rating` in its latest year with ranks; empty if nothing is ranked."""
    return _rows(server, "top_ten", {"rating": rating})


def airflow_connection(server: Server) -> dict[str, Any]:
    """The warehouse as an Airflow connection, acting as role `etl`."""
    url = server.url(WAREHOUSE, "etl")
    query = {key: value for key, value in url.query.items() if key != "host"}
    fields = {
        "conn_type": "postgres",
        "host": url.host or url.query.get("host"),
        "port": url.port,
        "login": url.username,
        "password": url.password,
        "schema": url.database,
        "extra": query,
    }
    return {key: value for key, value in fields.items() if value}


def migrate_warehouse(url: URL) -> None:
    """Upgrade the warehouse at `url` to the newest schema and the catalogue of include/catalog."""
    from city_indicators.warehouse.catalog_sync import sync
    from city_indicators.warehouse.upgrade import upgrade

    upgrade(url)
    sync(url)


def _rows(server: Server, name: str, parameters: Mapping[str, Any]) -> list[dict[str, Any]]:
    engine = create_engine(server.url(WAREHOUSE, "etl"))
    try:
        with engine.connect() as connection:
            found = connection.execute(text(_sql(name)), parameters).mappings()
            return [dict(row) for row in found]
    finally:
        engine.dispose()


def _sql(name: str) -> str:
    return (ADMIN_SQL / f"{name}.sql").read_text(encoding="utf-8")
