"""Runs include/sql/schema/0006_submissions.sql."""

from city_indicators.warehouse.migrate import run_sql_file

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Forward only."""
    run_sql_file("0006_submissions.sql")
