"""Revokes PostgreSQL's default rights of PUBLIC in the warehouse."""

from sqlalchemy import URL

from city_indicators.warehouse.database import engine, statement


def revoke_public(admin: URL) -> None:
    """Revoke the rights that PostgreSQL grants to PUBLIC by default; `admin` is an administrator's URL."""
    with engine(admin).execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        connection.execute(statement("admin/revoke_public"))
