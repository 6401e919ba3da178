"""Runs include/sql/schema/0016_editions.sql."""

from city_indicators.warehouse.migrate import run_sql_file

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    """Forward only."""
    run_sql_file("0016_editions.sql")
