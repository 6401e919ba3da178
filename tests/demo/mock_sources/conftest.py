"""The mock server, in the process of the test and over a real socket."""

import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import uvicorn
from fastapi import FastAPI
from fastapi.testclient import TestClient

from demo.mock_sources import create_app


@pytest.fixture(scope="session")
def app() -> FastAPI:
    """The mock server, made once: it reads the sample. It keeps the requests of all tests."""
    return create_app()


@pytest.fixture
def client(app: FastAPI) -> Iterator[TestClient]:
    """A client of a mock server without faults."""
    client = TestClient(app)
    yield client
    client.delete("/_faults").raise_for_status()


@pytest.fixture
def address(app: FastAPI) -> Iterator[str]:
    """The base URL of a mock server served by uvicorn on a free port."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = uvicorn.Server(uvicorn.Config(app, log_level="critical", lifespan="off"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        server.should_exit = True
        thread.join()


@pytest.fixture
def order(client: TestClient) -> Any:
    """Order a fault from `client`."""

    def post(path_contains: str, kind: str, **details: Any) -> None:
        reply = client.post("/_faults", json={"path_contains": path_contains, "kind": kind, **details})
        assert reply.status_code == 201, reply.text

    return post
