"""Runs include/sql/schema/0026_compared_alike.sql."""

from city_indicators.warehouse.migrate import run_sql_file

revision = "0026"
down_revision = "0025"


def upgrade() -> None:
    """Forward only."""
    run_sql_file("0026_compared_alike.sql")
