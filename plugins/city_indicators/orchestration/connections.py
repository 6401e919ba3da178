"""Addresses of warehouse, sources, archive and inbox, from Airflow connections and environment variables."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

from airflow.sdk import BaseHook, Connection, ObjectStoragePath
from airflow.sdk.exceptions import AirflowNotFoundException

from city_indicators.core.archive import Archive
from city_indicators.core.paths import PROJECT, address_of

if TYPE_CHECKING:
    from sqlalchemy import URL

    from city_indicators.catalog import Source
    from city_indicators.orchestration.rest import AirflowApi

WAREHOUSE: Final = "warehouse"
AIRFLOW_API: Final = "airflow_api"


def warehouse_url() -> "URL":
    """The address of the warehouse, from the Airflow connection `warehouse`."""
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
    """The base URL of a source: from its Airflow connection if there is one, else its live address."""
    try:
        connection = BaseHook.get_connection(source.connection)
    except AirflowNotFoundException:
        return source.base_url
    return _address(connection)


def airflow_api() -> "AirflowApi":
    """Airflow's REST API, signed in as the user of its connection.

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
    """The API key of a source: the password of its Airflow connection; None if there is none."""
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
    """The folder of snapshots; CITY_INDICATORS_ARCHIVE may be an address in any object storage."""
    return _stored(os.environ.get("CITY_INDICATORS_ARCHIVE"), "archive")


def staging_root() -> Path:
    """The folder of staged loads, next to the snapshots."""
    return Archive(archive_root()).staging


def data_docs_root() -> Path:
    """The folder of the Data Docs; CITY_INDICATORS_DATA_DOCS may be an address in any object storage."""
    return _stored(os.environ.get("CITY_INDICATORS_DATA_DOCS"), "data_docs")


def inbox_root() -> Path:
    """The folder of submitted files; CITY_INDICATORS_INBOX may be an address in any object storage."""
    return _stored(os.environ.get("CITY_INDICATORS_INBOX"), "inbox")


def _stored(address: str | None, folder: str) -> Path:
    """The folder at an address; without an address, a folder of the local stack."""
    local = address_of(PROJECT / ".local" / folder)
    return ObjectStoragePath(local if address is None else address)  # type: ignore[return-value]
