"""Runs include/sql/schema/0025_projection.sql."""

from city_indicators.warehouse.migrate import run_sql_file

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    """Forward only."""
    run_sql_file("0025_projection.sql")
