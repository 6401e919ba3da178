"""The HTTP client against a real local server: retries, pauses, errors, keys."""

import json
import socket
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Mapping
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import parse_qs, quote_plus, urlsplit

import pytest
from requests_ratelimiter import LimiterAdapter

from city_indicators.catalog.source import ApiKey, Limits
from city_indicators.core.errors import (
    SourceBusyError,
    SourceContractError,
    SourceError,
    SourceUnavailableError,
)
from city_indicators.core.snapshots import Answer
from city_indicators.sources.http import (
    MAX_RETRY_AFTER_SECONDS,
    TRANSIENT_STATUSES,
    USER_AGENT,
    KeyAuth,
    get,
    head,
    session,
)
from tests.sources.http_server import Server, respond, running_server

QUICK = (5.0, 5.0)


@pytest.fixture
def server() -> Iterator[Server]:
    yield from running_server()


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Records the pauses between retries instead of waiting."""
    noted: list[float] = []
    clock = SimpleNamespace(sleep=noted.append, time=time.time)
    monkeypatch.setattr("urllib3.util.retry.time", clock)
    return noted


def send(server: Server, retries: int = 0, **options: object) -> Answer:
    with session(retries=retries, backoff_seconds=0.001) as http:
        url = server.address + "/data"
        return get(http, "publisher", url, {"page": "1"}, **{"timeout_seconds": QUICK, **options})


def test_an_answer_carries_its_bytes_address_and_revision(server: Server) -> None:
    revision = {"ETag": '"7"', "Last_Modified": "Mon, 01 Jan 2024 00:00:00 GMT"}
    body = "\N{BYTE ORDER MARK}Москва".encode()
    server.will(respond(200, body, Content_Type="text/csv", **revision))
    assert send(server) == Answer(
        url=f"{server.address}/data?page=1",
        content=body,
        media_type="text/csv",
        etag='"7"',
        last_modified="Mon, 01 Jan 2024 00:00:00 GMT",
    )


def test_headers_that_the_source_does_not_send_are_absent(server: Server) -> None:
    answer = send(server)
    assert (answer.media_type, answer.etag, answer.last_modified) == ("application/octet-stream", None, None)


def test_every_request_has_our_user_agent(server: Server) -> None:
    send(server)
    ((path, headers),) = server.requests
    assert path == "/data?page=1"
    assert headers["User-Agent"] == USER_AGENT


@pytest.mark.parametrize("status", sorted(TRANSIENT_STATUSES))
def test_a_transient_status_is_retried(server: Server, pauses: list[float], status: int) -> None:
    server.will(respond(status), respond(status), respond(200, b"data"))
    assert send(server, retries=2).content == b"data"
    assert len(server.requests) == 3


def test_waits_for_the_requested_pause(server: Server, pauses: list[float]) -> None:
    server.will(respond(429, Retry_After="7"), respond(200, b"data"))
    assert send(server, retries=1).content == b"data"
    assert pauses == [7]
    assert len(server.requests) == 2


def test_a_longer_pause_is_left_to_the_retry_of_the_task(server: Server, pauses: list[float]) -> None:
    longer = str(MAX_RETRY_AFTER_SECONDS + 1)
    server.will(respond(429, Retry_After=longer))
    with pytest.raises(SourceBusyError, match="HTTP 429") as caught:
        send(server, retries=4)
    assert caught.value.seconds == MAX_RETRY_AFTER_SECONDS + 1
    assert pauses == []
    assert len(server.requests) == 1


@pytest.mark.parametrize("status", [202, 500, 503])
def test_a_transient_status_at_the_last_retry_is_unavailable(
    server: Server, pauses: list[float], status: int
) -> None:
    server.will(respond(status))
    with pytest.raises(SourceUnavailableError) as caught:
        send(server, retries=2)
    assert str(caught.value).startswith(
        f"source publisher: {server.address}/data?page=1: HTTP {status} at the last retry. Next step: "
    )
    assert len(server.requests) == 3


@pytest.mark.parametrize("status", [400, 401, 404, 501, 204])
def test_any_other_status_breaks_the_contract_at_once(server: Server, status: int) -> None:
    body = b"" if status == 204 else b"no such indicator" + b"!" * 1000
    server.will(respond(status, body))
    with pytest.raises(SourceContractError) as caught:
        send(server, retries=2)
    assert f"source publisher: {server.address}/data?page=1: HTTP {status}" in str(caught.value)
    assert body[:200].decode() in str(caught.value)
    assert "!" * 200 not in str(caught.value)
    assert len(server.requests) == 1


def test_the_recorded_refusal_with_its_page_of_html_is_quoted(server: Server, shared: Path) -> None:
    page = (
        shared / "recorded/worldbank/TestIndicatorValuesService_ListBySourceIDWithFootnote__3.txt"
    ).read_bytes()
    server.will(respond(400, page, Content_Type="text/html"))
    with pytest.raises(SourceContractError, match=r"HTTP 400, .*<\?xml version=\"1.0\""):
        send(server)


def test_a_refused_connection_is_unavailable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as bound:
        closed = Server(f"http://127.0.0.1:{bound.getsockname()[1]}")
    with pytest.raises(SourceUnavailableError, match=f"{closed.address}/data: no complete answer"):
        send(closed, retries=1)


def test_silence_is_unavailable(server: Server) -> None:
    answered = threading.Event()
    server.will(lambda _: answered.wait(5))
    with pytest.raises(SourceUnavailableError, match=r"/data: no complete answer.*imed out"):
        send(server, timeout_seconds=(5.0, 0.05))
    answered.set()


def test_silence_within_the_body_is_unavailable(server: Server) -> None:
    answered = threading.Event()

    def stall(handler: BaseHTTPRequestHandler) -> None:
        respond(200, b"half", length=8)(handler)
        answered.wait(5)

    server.will(stall)
    with pytest.raises(SourceUnavailableError, match=r"/data: no complete answer.*imed out"):
        send(server, timeout_seconds=(5.0, 0.05))
    answered.set()


def test_a_body_shorter_than_promised_is_unavailable(server: Server) -> None:
    server.will(respond(200, b"half", length=8))
    with pytest.raises(SourceUnavailableError, match=r"no complete answer.*4 bytes read, 4 more expected"):
        send(server)


def test_a_connection_cut_within_a_chunked_body_is_unavailable(server: Server) -> None:
    def cut(handler: BaseHTTPRequestHandler) -> None:
        handler.protocol_version = "HTTP/1.1"
        handler.send_response(200)
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        handler.wfile.write(b"8\r\nhalf")
        handler.close_connection = True

    server.will(cut)
    with pytest.raises(SourceUnavailableError, match="no complete answer"):
        send(server)


def test_a_packed_body_that_is_broken_is_unavailable(server: Server) -> None:
    server.will(respond(200, b"not packed", Content_Encoding="gzip"))
    with pytest.raises(SourceUnavailableError, match="no complete answer"):
        send(server)


def test_a_body_of_just_the_limit_is_read(server: Server) -> None:
    server.will(respond(200, b"x" * 100))
    assert len(send(server, max_bytes=100).content) == 100


def test_a_body_beyond_the_limit_breaks_the_contract(server: Server) -> None:
    server.will(respond(200, b"x" * 101))
    with pytest.raises(SourceContractError, match=r"source publisher: .*/data.*: more than 100 bytes"):
        send(server, max_bytes=100)


def test_a_redirect_is_followed_and_its_target_recorded(server: Server) -> None:
    server.will(respond(302, Location="/renamed?page=1"), respond(200, b"data"))
    assert send(server).url == f"{server.address}/renamed?page=1"


def test_the_session_keeps_the_limits_of_a_source() -> None:
    adapter = session(Limits(per_second=2, per_minute=30)).get_adapter("https://publisher.example")
    assert isinstance(adapter, LimiterAdapter)
    rates = adapter.limiter.bucket_factory.rates
    assert [(rate.limit, rate.interval) for rate in rates] == [(2, 1_000), (30, 60_000)]
    assert adapter.max_retries.total == 4


@pytest.mark.parametrize(
    ("reason", "seconds"),
    [
        ("Minutely API request limit exceeded. Please try again in one minute.", 60),
        ("Hourly API request limit exceeded. Please try again in the next hour.", 3_600),
        ("Daily API request limit exceeded. Please try again tomorrow.", 86_400),
    ],
)
def test_a_429_that_names_its_limit_waits_as_long(
    server: Server, pauses: list[float], reason: str, seconds: int
) -> None:
    server.will(respond(429, json.dumps({"error": True, "reason": reason}).encode()))
    with pytest.raises(SourceBusyError, match=f"the task is retried after {seconds} seconds") as caught:
        send(server, retries=4)
    assert caught.value.seconds == seconds
    assert (pauses, len(server.requests)) == ([], 1)


def test_waits_for_the_seconds_that_openaq_sends(server: Server, pauses: list[float]) -> None:
    server.will(respond(429, b"Too many requests", x_ratelimit_reset="37"))
    with pytest.raises(SourceBusyError) as caught:
        send(server, retries=4)
    assert (caught.value.seconds, pauses, len(server.requests)) == (37, [], 1)


def test_a_429_without_a_pause_is_left_to_the_retry_of_the_task(server: Server, pauses: list[float]) -> None:
    server.will(respond(429, b"Too many concurrent requests"))
    with pytest.raises(SourceUnavailableError, match=r"HTTP 429, 'Too many concurrent requests'") as caught:
        send(server, retries=4)
    assert not isinstance(caught.value, SourceBusyError)
    assert (pauses, len(server.requests)) == ([], 1)


UNREADABLE = ["soon", "", "-5", "37.5 s", "9" * 5_000, "Mon, 01 Jan 99999 00:00:00 GMT"]


@pytest.mark.parametrize("header", ["Retry_After", "x_ratelimit_reset"])
@pytest.mark.parametrize("pause", UNREADABLE)
def test_a_429_with_an_unreadable_pause_is_left_to_the_retry_of_the_task(
    server: Server, pauses: list[float], header: str, pause: str
) -> None:
    server.will(respond(429, b"Too many requests", **{header: pause}))
    with pytest.raises(SourceUnavailableError, match="HTTP 429, 'Too many requests'") as caught:
        send(server, retries=4)
    assert not isinstance(caught.value, SourceBusyError)
    assert (pauses, len(server.requests)) == ([], 1)


def test_a_readable_pause_is_used_despite_an_unreadable_one(server: Server, pauses: list[float]) -> None:
    server.will(respond(429, b"Too many requests", Retry_After="soon", x_ratelimit_reset="37"))
    with pytest.raises(SourceBusyError) as caught:
        send(server, retries=4)
    assert caught.value.seconds == 37


@pytest.mark.parametrize("pause", UNREADABLE)
def test_a_transient_status_with_an_unreadable_pause_is_retried(
    server: Server, pauses: list[float], pause: str
) -> None:
    server.will(respond(503, Retry_After=pause), respond(200, b"data"))
    assert send(server, retries=1).content == b"data"


SECRET = "s3cret/key+"  # noqa: S105 - the key of no service


def send_with_key(server: Server, key: ApiKey) -> Answer:
    with session(key=KeyAuth(key, SECRET), retries=0) as http:
        return get(http, "publisher", server.address + "/data", {"page": "1"}, timeout_seconds=QUICK)


def test_a_key_goes_into_its_header(server: Server) -> None:
    answer = send_with_key(server, ApiKey(header="X-API-Key"))
    ((path, headers),) = server.requests
    assert (path, headers["X-API-Key"]) == ("/data?page=1", SECRET)
    assert answer.url == f"{server.address}/data?page=1"


def test_a_key_in_the_address_is_not_recorded(server: Server) -> None:
    answer = send_with_key(server, ApiKey(param="api_key"))
    ((path, _),) = server.requests
    assert parse_qs(urlsplit(path).query) == {"page": ["1"], "api_key": [SECRET]}
    assert answer.url == f"{server.address}/data?page=1&api_key=***"


@pytest.mark.parametrize("response", [respond(404, b"gone"), respond(500), respond(200, b"half", length=8)])
def test_no_error_shows_a_key(server: Server, response: Callable[[BaseHTTPRequestHandler], None]) -> None:
    server.will(response)
    with pytest.raises(SourceError) as caught:
        send_with_key(server, ApiKey(param="api_key"))
    printed = "".join(traceback.format_exception(caught.value))
    assert SECRET not in printed
    assert quote_plus(SECRET) not in printed


@pytest.mark.parametrize("status", [401, 403, 429])
@pytest.mark.parametrize("before", [0, 183, 4079])
def test_no_answer_that_repeats_a_key_is_quoted_with_it(server: Server, status: int, before: int) -> None:
    server.will(respond(status, b"." * before + b"no such key: " + SECRET.encode()))
    with pytest.raises(SourceError) as caught:
        send_with_key(server, ApiKey(header="X-API-Key"))
    assert SECRET[:4] not in str(caught.value)
    assert ("no such key: ***" in str(caught.value)) == (before < 200)


def test_no_refused_connection_shows_a_key() -> None:
    with socket.create_server(("127.0.0.1", 0)) as bound:
        closed = Server(f"http://127.0.0.1:{bound.getsockname()[1]}")
    with pytest.raises(SourceUnavailableError) as caught:
        send_with_key(closed, ApiKey(param="api_key"))
    assert quote_plus(SECRET) not in "".join(traceback.format_exception(caught.value))


def test_a_key_is_never_sent_on_to_another_address(server: Server) -> None:
    server.will(respond(302, Location="/elsewhere"), respond(200, b"data"))
    with pytest.raises(SourceContractError, match="HTTP 302"):
        send_with_key(server, ApiKey(header="X-API-Key"))
    assert len(server.requests) == 1


def headers_of(server: Server) -> Mapping[str, str]:
    with session(retries=0) as http:
        return head(http, "publisher", server.address + "/data", timeout_seconds=QUICK)


def test_reads_the_revision_with_a_head_request(server: Server) -> None:
    server.will(respond(200, b"", ETag='"7"'))
    assert headers_of(server)["etag"] == '"7"'


@pytest.mark.parametrize("status", [403, 404, 405, 501])
def test_a_server_without_head_requests_gives_no_headers(server: Server, status: int) -> None:
    server.will(respond(status))
    assert headers_of(server) == {}


def test_a_transient_status_of_a_head_request_is_unavailable(server: Server) -> None:
    server.will(respond(503))
    with pytest.raises(SourceUnavailableError, match="HTTP 503"):
        headers_of(server)
