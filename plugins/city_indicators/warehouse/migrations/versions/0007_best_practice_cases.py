"""Runs include/sql/schema/0007_best_practice_cases.sql."""

from city_indicators.warehouse.migrate import run_sql_file

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Forward only."""
    run_sql_file("0007_best_practice_cases.sql")
