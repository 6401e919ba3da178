"""HTTP client for sources: sessions that retry transient errors, and typed errors for everything else."""

import io
import math
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from queue import Empty, SimpleQueue
from threading import Thread
from types import TracebackType
from typing import Final, Self, TypeVar
from urllib.parse import quote_plus, urljoin, urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase
from requests_ratelimiter import LimiterAdapter
from urllib3.connectionpool import ConnectionPool
from urllib3.exceptions import InvalidHeader, MaxRetryError, ResponseError
from urllib3.response import BaseHTTPResponse
from urllib3.util.retry import Retry

from city_indicators.catalog.source import ApiKey, Limits
from city_indicators.core.errors import SourceBusyError, SourceContractError, SourceUnavailableError
from city_indicators.core.snapshots import Answer
from city_indicators.sources.bounds import MAX_BYTES, MAX_REDIRECTS, MAX_SECONDS

Result = TypeVar("Result")
NO_LIMITS: Final = Limits()
USER_AGENT: Final = "city-indicators/0.1 (research pipeline; python-requests)"
TIMEOUT_SECONDS: Final = (10.0, 60.0)
# A longer pause is left to the retry of the task, which frees the worker meanwhile.
MAX_RETRY_AFTER_SECONDS: Final = 120
# Socrata answers 202 while it prepares the data, OpenAQ 408 when its database is slow.
TRANSIENT_STATUSES: Final = frozenset({202, 408, 500, 502, 503, 504})
# Open-Meteo names the limit in words: https://github.com/open-meteo/open-meteo/issues/439
LIMIT_EXCEEDED: Final = re.compile(r"\b(minutely|hourly|daily) API request limit exceeded", re.IGNORECASE)
LONGEST_PAUSE_SECONDS: Final = 2 * 86_400
PAUSES_SECONDS: Final = {"minutely": 60, "hourly": 3_600, "daily": 86_400}


def seconds_named(text: str) -> int | None:
    """The seconds until the limit that a text names as exceeded is over; None if it names none."""
    named = LIMIT_EXCEEDED.search(text)
    return PAUSES_SECONDS[named[1].lower()] if named else None


def seconds_of(header: str | None) -> float | None:
    """The pause in seconds that a header requests, as a number or a date; None if there is none to read."""
    if header is None:
        return None
    try:
        return Retry(retry_after_max=LONGEST_PAUSE_SECONDS).parse_retry_after(header)
    except (InvalidHeader, ValueError, OverflowError):
        # urllib3 accepts dates that do not exist, for example a year of five digits.
        return None


class KeyAuth(AuthBase):
    """Adds a source's key to each request; `redacted` removes it from texts that are logged or stored."""

    def __init__(self, key: ApiKey, secret: str) -> None:
        self._key = key
        self._secret = secret

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:  # noqa: D102
        if self._key.header is not None:
            request.headers[self._key.header] = self._secret
        if self._key.param is not None:
            request.prepare_url(request.url, {self._key.param: self._secret})
        request.hooks["response"].append(self._forget)
        return request

    def _forget(self, response: requests.Response, **_: object) -> None:
        response.url = self.redacted(response.url)

    def redacted(self, text: str) -> str:
        """The text without the key."""
        return text.replace(self._secret, "***").replace(quote_plus(self._secret), "***")


class ImpatientRetry(Retry):
    """Retries, unless the source requests a longer pause than a worker should wait for."""

    def increment(  # noqa: D102
        self,
        method: str | None = None,
        url: str | None = None,
        response: BaseHTTPResponse | None = None,
        error: Exception | None = None,
        _pool: ConnectionPool | None = None,
        _stacktrace: TracebackType | None = None,
    ) -> Self:
        if response is not None and not self._waits_for(response):
            raise MaxRetryError(_pool, url, ResponseError("the requested pause is too long"))  # type: ignore[arg-type]
        return super().increment(method, url, response, error, _pool, _stacktrace)

    def get_retry_after(self, response: BaseHTTPResponse) -> float | None:  # noqa: D102
        return seconds_of(response.headers.get("Retry-After"))

    def _waits_for(self, response: BaseHTTPResponse) -> bool:
        pause = self.get_retry_after(response)
        if pause is None:
            # A rate limit without a stated pause is left to the retry of the task.
            return bool(response.status != requests.codes.too_many_requests)
        return pause <= MAX_RETRY_AFTER_SECONDS


class RedirectError(requests.RequestException):
    """An answer redirects to a server that the source does not declare."""


class SourceSession(requests.Session):
    """A session that leaves the server of a request only for `redirect_hosts`, and only by https.

    Otherwise an answer could make us request, and archive, an address of our own network.
    """

    def __init__(self, redirect_hosts: Collection[str] = ()) -> None:
        super().__init__()
        self.max_redirects = MAX_REDIRECTS
        self._redirect_hosts = redirect_hosts

    def get_redirect_target(self, resp: requests.Response) -> str | None:  # noqa: D102
        target = super().get_redirect_target(resp)
        # With a key, no redirect is followed.
        if target is not None and self.auth is None:
            before, after = (_server(resp.url, reference) for reference in ("", target))
            if after != before and not (after[0] == "https" and after[1] in self._redirect_hosts):
                raise RedirectError(f"redirects to {after[0]}://{after[1]}:{after[2]}", response=resp)
        return target


def _server(address: str, reference: str) -> tuple[str, str | None, int | None]:
    """Scheme, host and port of what an answer at an address refers to.

    Raises:
        RedirectError: the reference is no address.
    """
    try:
        parts = urlsplit(urljoin(address, reference))
        return parts.scheme, parts.hostname, parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    except ValueError as error:
        raise RedirectError(f"redirects to {reference[:200]!r}: {error}") from error


def session(
    limits: Limits = NO_LIMITS,
    key: KeyAuth | None = None,
    redirect_hosts: Collection[str] = (),
    retries: int = 4,
    backoff_seconds: float = 1.0,
) -> requests.Session:
    """A session that keeps to a source's rate limits and retries transient errors, honouring Retry-After.

    Transient are refused connections, TRANSIENT_STATUSES, and a 429 that names a short pause.
    """
    retry = ImpatientRetry(
        total=retries,
        backoff_factor=backoff_seconds,
        backoff_jitter=backoff_seconds,
        status_forcelist=TRANSIENT_STATUSES,
        allowed_methods={"GET", "HEAD"},
        respect_retry_after_header=True,
        raise_on_status=False,
    )
    http = SourceSession(redirect_hosts)
    http.headers["User-Agent"] = USER_AGENT
    http.auth = key
    for scheme in ("http://", "https://"):
        http.mount(
            scheme,
            LimiterAdapter(
                per_second=limits.per_second or 0, per_minute=limits.per_minute or 0, max_retries=retry
            )
            if limits != NO_LIMITS
            else HTTPAdapter(max_retries=retry),
        )
    return http


def get(
    http: requests.Session,
    source: str,
    url: str,
    params: Mapping[str, str],
    timeout_seconds: tuple[float, float] = TIMEOUT_SECONDS,
    max_bytes: int = MAX_BYTES,
    max_seconds: float = MAX_SECONDS,
) -> Answer:
    """The complete answer to one GET request.

    Raises:
        SourceUnavailableError: no connection, a timeout, a broken body, 429/5xx at the last retry, or an
            answer that takes longer than `max_seconds` with all of its retries.
        SourceContractError: any other status than 200, more than `max_bytes`, or a redirect elsewhere.
    """

    def request() -> Answer:
        with (
            _connection_errors(http, source, url),
            http.get(
                url, params=params, timeout=timeout_seconds, stream=True, allow_redirects=http.auth is None
            ) as response,
        ):
            _check_status(http, source, response)
            return Answer(
                url=response.url,
                content=_read(source, response, max_bytes),
                media_type=response.headers.get("Content-Type", "application/octet-stream"),
                etag=response.headers.get("ETag"),
                last_modified=response.headers.get("Last-Modified"),
            )

    return _within(max_seconds, request, source, url)


def head(
    http: requests.Session,
    source: str,
    url: str,
    timeout_seconds: tuple[float, float] = TIMEOUT_SECONDS,
    max_seconds: float = MAX_SECONDS,
) -> Mapping[str, str]:
    """The headers of an address; empty if the server does not support HEAD requests.

    Raises:
        SourceUnavailableError: no connection, a timeout, 429/5xx at the last retry, or an answer that takes
            longer than `max_seconds` with all of its retries.
        SourceContractError: a redirect to another server.
    """

    def request() -> Mapping[str, str]:
        with _connection_errors(http, source, url):
            response = http.head(url, timeout=timeout_seconds, allow_redirects=http.auth is None)
            if response.status_code in TRANSIENT_STATUSES | {requests.codes.too_many_requests}:
                _check_status(http, source, response)
            return response.headers if response.ok else {}

    return _within(max_seconds, request, source, url)


def _within(seconds: float, request: Callable[[], Result], source: str, url: str) -> Result:
    """The result of a request, if it comes in time.

    The timeout of a socket begins again with every byte, so a server that sends one byte a second would hold
    us for ever. The request therefore runs in a thread, which is left to itself when its time is over: it
    ends with the server's connection or with the process, and nobody reads its result.
    """
    results: SimpleQueue[tuple[Result | None, BaseException | None]] = SimpleQueue()

    def run() -> None:
        try:
            results.put((request(), None))
        except BaseException as error:
            results.put((None, error))

    Thread(target=run, daemon=True, name=f"request to {source}").start()
    try:
        result, error = results.get(timeout=seconds)
    except Empty:
        raise SourceUnavailableError(
            source,
            url,
            f"no complete answer within {seconds:g} seconds",
            "nothing if a retry succeeds; else ask the publisher why the server is that slow",
        ) from None
    if error is not None:
        raise error
    return result  # type: ignore[return-value]


@contextmanager
def _connection_errors(http: requests.Session, source: str, url: str) -> Iterator[None]:
    try:
        yield
    except (RedirectError, requests.TooManyRedirects) as error:
        raise SourceContractError(
            source,
            url,
            str(error) or "too many redirects",
            "open the address in a browser; if the publisher has moved the data, change the address in the "
            "source's file of include/catalog/sources, or name the new server there in `redirect_hosts`",
        ) from error
    except requests.RequestException as error:
        raise SourceUnavailableError(
            source,
            url,
            f"no complete answer ({_redacted(http, f'{type(error).__name__}: {error}')})",
            "nothing if a retry succeeds; else check the connection and the publisher's status page",
        ) from (None if http.auth else error)


def _redacted(http: requests.Session, text: str) -> str:
    return http.auth.redacted(text) if isinstance(http.auth, KeyAuth) else text


def _check_status(http: requests.Session, source: str, response: requests.Response) -> None:
    if response.status_code == requests.codes.too_many_requests:
        raise _busy(http, source, response)
    if response.status_code in TRANSIENT_STATUSES:
        raise SourceUnavailableError(
            source,
            response.url,
            f"HTTP {response.status_code} at the last retry",
            "nothing if a retry of the task succeeds; else lower max_parallel_requests or wait",
        )
    if response.status_code != requests.codes.ok:
        raise SourceContractError(
            source,
            response.url,
            f"HTTP {response.status_code}, {_excerpt(http, response)!r}",
            "open the address in a browser and compare it with the source's file in include/catalog/sources",
        )


def _busy(http: requests.Session, source: str, response: requests.Response) -> SourceUnavailableError:
    """The error for a 429, with the pause of its headers, else of the limit that its body names."""
    body = _excerpt(http, response)
    fault = f"HTTP 429, {body!r}"
    # OpenAQ sends the seconds in its own header.
    pauses = (seconds_of(response.headers.get(header)) for header in ("Retry-After", "x-ratelimit-reset"))
    pause = next((each for each in pauses if each is not None), seconds_named(body))
    if pause is not None:
        return SourceBusyError(source, response.url, fault, math.ceil(pause))
    return SourceUnavailableError(
        source,
        response.url,
        fault,
        "nothing if a retry succeeds; else declare the service's limits in its file",
    )


def _excerpt(http: requests.Session, response: requests.Response) -> str:
    # Some services repeat a key that they refuse. Redact before cutting: a cut key would not be recognised.
    begin = next(response.iter_content(4096), b"").decode("utf-8", "replace")
    return _redacted(http, begin)[:200]


def _read(source: str, response: requests.Response, max_bytes: int) -> bytes:
    # BytesIO returns its value without a copy; bytes(bytearray) would copy it.
    content = io.BytesIO()
    for chunk in response.iter_content(1 << 16):
        content.write(chunk)
        if content.tell() > max_bytes:
            raise SourceContractError(
                source,
                response.url,
                f"more than {max_bytes} bytes",
                "check what the publisher sends now, before you raise the limit",
            )
    return content.getvalue()
