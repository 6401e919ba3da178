"""Runs include/sql/schema/0003_grants.sql."""

from city_indicators.warehouse.migrate import run_sql_file

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Forward only."""
    run_sql_file("0003_grants.sql")
