"""The address of the warehouse, for commands."""

import os
from typing import TYPE_CHECKING, Final

from city_indicators.core.errors import NoWarehouseError

if TYPE_CHECKING:
    from sqlalchemy import URL

ADDRESS: Final = "CITY_INDICATORS_WAREHOUSE"


def address(given: str | None) -> "URL":
    """`given`, else the environment variable ADDRESS, else the Airflow connection.

    Raises:
        NoWarehouseError: none of the three is set.
    """
    from sqlalchemy import make_url

    if found := given or os.environ.get(ADDRESS):
        return make_url(found).set(drivername="postgresql+psycopg")
    from airflow.sdk.exceptions import AirflowNotFoundException

    from city_indicators.orchestration.connections import warehouse_url

    try:
        return warehouse_url()
    except AirflowNotFoundException:
        raise NoWarehouseError(f"use `make shell`, or set --warehouse or {ADDRESS}") from None
