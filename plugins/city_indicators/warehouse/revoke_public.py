"""What the warehouse's readers may not do, beside the rights that its roles are given."""

from sqlalchemy import URL

from city_indicators.warehouse.database import engine, statement


def revoke_public(admin: URL) -> None:
    """Take from the readers of the warehouse what PostgreSQL lets everybody do; `admin` opens it."""
    with engine(admin).execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        connection.execute(statement("admin/revoke_public"))
