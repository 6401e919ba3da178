"""Runs include/sql/schema/0028_explained_alike.sql."""

from city_indicators.warehouse.migrate import run_sql_file

revision = "0028"
down_revision = "0027"


def upgrade() -> None:
    """Forward only."""
    run_sql_file("0028_explained_alike.sql")
