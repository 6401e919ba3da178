"""Runs include/sql/schema/0010_data_quality.sql."""

from city_indicators.warehouse.migrate import run_sql_file

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Forward only."""
    run_sql_file("0010_data_quality.sql")
