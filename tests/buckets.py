"""S3-compatible object storage for tests: moto's server, over HTTP."""

import json
from itertools import count

import boto3
import pytest

BUCKET = "city-indicators"
CONNECTION = "bucket"
KEY = {"aws_access_key_id": "tests", "aws_secret_access_key": "not-a-secret", "region_name": "us-east-1"}
NUMBER = count()


class Server:
    """moto's server in a thread, with one empty bucket."""

    def __init__(self) -> None:
        # Imported here because it is slow, and every test session imports this module.
        from moto.server import ThreadedMotoServer

        self._server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
        self._server.start()
        self.url = "http://{}:{}".format(*self._server.get_host_and_port())
        make(self.url)

    def stop(self) -> None:
        self._server.stop()


def make(url: str) -> None:
    """Create the bucket on the server at `url`."""
    boto3.client("s3", endpoint_url=url, **KEY).create_bucket(Bucket=BUCKET)


def connection(url: str) -> str:
    """The Airflow connection to the server at `url`."""
    extra = {"endpoint_url": url, "region_name": KEY["region_name"]}
    login, password = KEY["aws_access_key_id"], KEY["aws_secret_access_key"]
    return json.dumps({"conn_type": "aws", "login": login, "password": password, "extra": extra})


def forget() -> None:
    """Clear the caches, so that no storage is open in this process."""
    from airflow.sdk.io import store

    store._STORE_CACHE.clear()


def folder(url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """Set the connection to the server; return the address of an empty folder."""
    monkeypatch.setenv(f"AIRFLOW_CONN_{CONNECTION.upper()}", connection(url))
    return f"s3://{CONNECTION}@{BUCKET}/{next(NUMBER)}"
