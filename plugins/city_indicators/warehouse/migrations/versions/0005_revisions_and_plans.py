"""Runs include/sql/schema/0005_revisions_and_plans.sql."""

from city_indicators.warehouse.migrate import run_sql_file

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Forward only."""
    run_sql_file("0005_revisions_and_plans.sql")
