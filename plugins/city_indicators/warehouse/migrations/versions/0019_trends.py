"""Runs include/sql/schema/0019_trends.sql."""

from city_indicators.warehouse.migrate import run_sql_file

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    """Forward only."""
    run_sql_file("0019_trends.sql")
