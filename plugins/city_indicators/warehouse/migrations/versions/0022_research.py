"""Runs include/sql/schema/0022_research.sql."""

from city_indicators.warehouse.migrate import run_sql_file

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    """Forward only."""
    run_sql_file("0022_research.sql")
