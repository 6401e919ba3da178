"""Runs include/sql/schema/0001_warehouse.sql."""

from city_indicators.warehouse.migrate import run_sql_file

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Forward only."""
    run_sql_file("0001_warehouse.sql")
