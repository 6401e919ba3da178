"""Runs include/sql/schema/0008_corrections.sql."""

from city_indicators.warehouse.migrate import run_sql_file

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Forward only."""
    run_sql_file("0008_corrections.sql")
