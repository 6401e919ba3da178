"""Runs include/sql/schema/0014_vintages.sql."""

from city_indicators.warehouse.migrate import run_sql_file

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    """Forward only."""
    run_sql_file("0014_vintages.sql")
