"""Runs include/sql/schema/0017_freshness.sql."""

from city_indicators.warehouse.migrate import run_sql_file

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    """Forward only."""
    run_sql_file("0017_freshness.sql")
