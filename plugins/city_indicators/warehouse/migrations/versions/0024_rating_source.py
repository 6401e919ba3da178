"""Runs include/sql/schema/0024_rating_source.sql."""

from city_indicators.warehouse.migrate import run_sql_file

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    """Forward only."""
    run_sql_file("0024_rating_source.sql")
