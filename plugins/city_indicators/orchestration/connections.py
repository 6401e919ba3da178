"""What Airflow knows of the outside: where the warehouse, the sources and the archive are."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

from airflow.sdk import BaseHook, Connection, ObjectStoragePath
from airflow.sdk.exceptions import AirflowNotFoundException

from city_indicators.core.paths import PROJECT

if TYPE_CHECKING:
    from sqlalchemy import URL

    from city_indicators.catalog import Source
    from city_indicators.orchestration.rest import AirflowApi

WAREHOUSE: Final = "warehouse"
AIRFLOW_API: Final = "airflow_api"


def warehouse_url() -> "URL":
    """The warehouse's address, from the Airflow connection of that name."""
    from sqlalchemy import URL

    connection = BaseHook.get_connection(WAREHOUSE)
    return URL.create(
        "postgresql+psycopg",
        username=connection.login,
        password=connection.password,
        host=connection.host,
        port=connection.port,
        database=connection.schema,
        query=connection.extra_dejson,
    )


def base_url(source: "Source") -> str:
    """Where to ask a source: its Airflow connection if there is one, else its live address."""
    try:
        connection = BaseHook.get_connection(source.connection)
    except AirflowNotFoundException:
        return source.base_url
    return _address(connection)


def airflow_api() -> "AirflowApi":
    """Airflow's REST API, signed in as the user whom its connection names.

    Raises:
        AirflowNotFoundException: there is no such connection.
        ApiError: the API does not answer, or refuses the login.
    """
    from city_indicators.orchestration.rest import AirflowApi

    connection = BaseHook.get_connection(AIRFLOW_API)
    api = AirflowApi(_address(connection), connection.login or "", connection.password or "")
    api.sign_in()
    return api


def source_key(source: "Source") -> str | None:
    """The key of a source that wants one: the password of its Airflow connection."""
    try:
        return BaseHook.get_connection(source.connection).password or None
    except AirflowNotFoundException:
        return None


def _address(connection: Connection) -> str:
    host = connection.host or ""
    if "://" in host:
        return host
    port = f":{connection.port}" if connection.port else ""
    return f"{connection.schema or 'https'}://{host}{port}"


def archive_root() -> Path:
    """The folder of snapshots; CITY_INDICATORS_ARCHIVE may name any object storage."""
    return _stored(os.environ.get("CITY_INDICATORS_ARCHIVE"), "archive")


def staging_root() -> Path:
    """The folder of staged loads, beside the snapshots."""
    return archive_root() / "staged"


def data_docs_root() -> Path:
    """The folder of the Data Docs; CITY_INDICATORS_DATA_DOCS may name any object storage."""
    return _stored(os.environ.get("CITY_INDICATORS_DATA_DOCS"), "data_docs")


def inbox_root() -> Path:
    """The folder that people drop files into; CITY_INDICATORS_INBOX may name any object storage."""
    return _stored(os.environ.get("CITY_INDICATORS_INBOX"), "inbox")


def _stored(address: str | None, folder: str) -> Path:
    """The folder at an address; without one, that of the local stack."""
    local = (PROJECT / ".local" / folder).as_uri()
    return ObjectStoragePath(local if address is None else address)  # type: ignore[return-value]
