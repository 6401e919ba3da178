"""Runs include/sql/schema/0015_lineage_of_reports.sql."""

from city_indicators.warehouse.migrate import run_sql_file

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    """Forward only."""
    run_sql_file("0015_lineage_of_reports.sql")
