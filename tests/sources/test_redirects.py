"""Answers that never end and redirects that lead elsewhere, from a real local server."""

import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler
from itertools import chain, repeat
from typing import Any, Final

import pytest

from city_indicators.core.errors import SourceContractError, SourceUnavailableError
from city_indicators.sources.http import get, head, session
from tests.sources.http_server import Server, respond, running_server

QUICK: Final = (5.0, 5.0)
ENDLESS: Final = b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n"


@pytest.fixture
def server() -> Iterator[Server]:
    yield from running_server()


def trickle(head: bytes, pause: float = 0.05) -> Callable[[BaseHTTPRequestHandler], None]:
    """An act that sends bytes one by one, and `x` for ever after them."""

    def send(handler: BaseHTTPRequestHandler) -> None:
        handler.close_connection = True
        stop = time.monotonic() + 5
        for byte in chain(head, repeat(ord("x"))):
            try:
                handler.wfile.write(bytes([byte]))
            except OSError:
                return
            if time.monotonic() > stop:
                return
            time.sleep(pause)

    return send


@pytest.mark.parametrize(
    ("call", "sent"),
    [
        (lambda http, url: get(http, "publisher", url, {}, QUICK, max_seconds=0.3), b""),
        (lambda http, url: get(http, "publisher", url, {}, QUICK, max_seconds=0.3), ENDLESS),
        (lambda http, url: head(http, "publisher", url, QUICK, max_seconds=0.3), b""),
    ],
    ids=["the header", "the body", "the header of a HEAD request"],
)
def test_an_answer_byte_by_byte_ends_in_time(server: Server, call: Any, sent: bytes) -> None:
    server.will(trickle(sent))
    with (
        session(retries=0) as http,
        pytest.raises(SourceUnavailableError, match=r"no complete answer within 0\.3 seconds"),
    ):
        call(http, server.address)


@pytest.fixture
def other_server() -> Iterator[Server]:
    yield from running_server()


@pytest.mark.parametrize(
    "call",
    [
        lambda http, url: get(http, "publisher", url, {}, QUICK),
        lambda http, url: head(http, "publisher", url, QUICK),
    ],
    ids=["GET", "HEAD"],
)
def test_a_redirect_to_another_port_is_not_followed(server: Server, other_server: Server, call: Any) -> None:
    server.will(respond(302, Location=f"{other_server.address}/internal"))
    with (
        session(retries=0) as http,
        pytest.raises(
            SourceContractError, match=r"redirects to http://127\.0\.0\.1:\d+\. Next step: .*redirect_"
        ),
    ):
        call(http, server.address)
    assert len(server.requests) == 1
    assert other_server.requests == []


@pytest.mark.parametrize(
    "target",
    [
        "http://localhost:{port}/",
        "http://[::1]:{port}/",
        "http://169.254.169.254/latest/meta-data/",
        "http://10.0.0.1/",
        "//evil.example/",
        "https://127.0.0.1:{port}/",
        "ftp://127.0.0.1:{port}/",
        "http://[::1",
        "https://files.publisher.example.evil.example/",
        "http://files.publisher.example/",
    ],
)
def test_a_redirect_elsewhere_is_refused_before_it_is_followed(server: Server, target: str) -> None:
    server.will(respond(301, Location=target.format(port=server.address.rsplit(":", 1)[1])))
    with (
        session(redirect_hosts=["files.publisher.example"], retries=0) as http,
        pytest.raises(SourceContractError, match="redirects to"),
    ):
        get(http, "publisher", server.address, {}, QUICK)
    assert len(server.requests) == 1


def test_a_redirect_on_the_same_server_is_followed_a_few_times(server: Server) -> None:
    server.will(respond(302, Location="/data"), respond(200, b"data"))
    with session(retries=0) as http:
        assert get(http, "publisher", server.address, {}, QUICK).content == b"data"
        server.will(respond(302, Location="/again"))
        with pytest.raises(SourceContractError, match="Exceeded 5 redirects"):
            get(http, "publisher", server.address, {}, QUICK)


def test_a_redirect_to_a_declared_server_is_followed(server: Server) -> None:
    server.will(respond(302, Location="https://files.publisher.example/data"))
    with (
        session(redirect_hosts=["files.publisher.example"], retries=0) as http,
        # The name does not exist, so the attempt to connect shows that the redirect was followed.
        pytest.raises(SourceUnavailableError, match=r"files\.publisher\.example"),
    ):
        get(http, "publisher", server.address, {}, QUICK)
