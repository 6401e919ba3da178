"""Runs include/sql/schema/0023_reasons.sql."""

from city_indicators.warehouse.migrate import run_sql_file

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    """Forward only."""
    run_sql_file("0023_reasons.sql")
