"""Runs include/sql/schema/0018_ratings.sql."""

from city_indicators.warehouse.migrate import run_sql_file

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    """Forward only."""
    run_sql_file("0018_ratings.sql")
