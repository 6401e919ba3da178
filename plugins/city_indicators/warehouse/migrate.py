"""Brings the warehouse schema to the newest numbered migration of include/sql/schema."""

from pathlib import Path
from typing import Final

from alembic import command, op
from alembic.config import Config
from sqlalchemy import URL

from city_indicators.core.paths import SQL
from city_indicators.warehouse.comments import comment
from city_indicators.warehouse.database import engine, statement
from city_indicators.warehouse.report_ddl import reconcile

MIGRATIONS: Final = Path(__file__).parent / "migrations"


def upgrade(url: URL, revision: str = "head") -> None:
    """Apply every migration that the database at `url` has not seen; all or none of them.

    The newest schema also gets the tables of include/sql/reports and the comments of include/sql/dictionary,
    which may have changed without a migration.
    The roles `etl`, `researcher` and `steward` must exist (include/sql/admin).

    Raises:
        LockHeldError: somebody holds a table for longer than everybody else should wait behind a migration.
    """
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with engine(url).begin() as connection:
        connection.execute(statement("admin/wait_briefly"))
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
        if revision == "head":
            reconcile(connection)
            comment(connection)


def run_sql_file(name: str) -> None:
    """Run one file of include/sql/schema inside the current migration."""
    script = (SQL / "schema" / name).read_text(encoding="utf-8")
    op.get_bind().exec_driver_sql(script, execution_options={"no_parameters": True})
