"""Runs include/sql/schema/0002_reports.sql."""

from city_indicators.warehouse.migrate import run_sql_file

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Forward only."""
    run_sql_file("0002_reports.sql")
