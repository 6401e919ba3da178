"""Runs include/sql/schema/0011_remarks.sql."""

from city_indicators.warehouse.migrate import run_sql_file

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Forward only."""
    run_sql_file("0011_remarks.sql")
