"""Runs include/sql/schema/0012_stewards.sql."""

from city_indicators.warehouse.migrate import run_sql_file

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Forward only."""
    run_sql_file("0012_stewards.sql")
