"""Runs include/sql/schema/0027_what_reports_show.sql."""

from city_indicators.warehouse.migrate import run_sql_file

revision = "0027"
down_revision = "0026"


def upgrade() -> None:
    """Forward only."""
    run_sql_file("0027_what_reports_show.sql")
