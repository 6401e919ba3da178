"""Runs include/sql/schema/0020_cases.sql."""

from city_indicators.warehouse.migrate import run_sql_file

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    """Forward only."""
    run_sql_file("0020_cases.sql")
