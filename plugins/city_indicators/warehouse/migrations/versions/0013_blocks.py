"""Runs include/sql/schema/0013_blocks.sql."""

from city_indicators.warehouse.migrate import run_sql_file

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Forward only."""
    run_sql_file("0013_blocks.sql")
