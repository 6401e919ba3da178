"""Runs include/sql/schema/0021_cases.sql."""

from city_indicators.warehouse.migrate import run_sql_file

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    """Forward only."""
    run_sql_file("0021_cases.sql")
