"""Runs include/sql/schema/0004_as_published.sql."""

from city_indicators.warehouse.migrate import run_sql_file

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Forward only."""
    run_sql_file("0004_as_published.sql")
