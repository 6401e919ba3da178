"""Runs include/sql/schema/0009_overrides.sql."""

from city_indicators.warehouse.migrate import run_sql_file

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Forward only."""
    run_sql_file("0009_overrides.sql")
