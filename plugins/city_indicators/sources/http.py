"""Asks sources over HTTP: sessions that retry what may pass, and errors that say what will not."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Final, Self

import requests
from requests.adapters import HTTPAdapter
from requests_ratelimiter import LimiterAdapter
from urllib3.connectionpool import ConnectionPool
from urllib3.exceptions import MaxRetryError, ResponseError
from urllib3.response import BaseHTTPResponse
from urllib3.util.retry import Retry

from city_indicators.catalog.models import Limits
from city_indicators.errors import SourceContractError, SourceUnavailableError

NO_LIMITS: Final = Limits()
USER_AGENT: Final = "city-indicators/0.1 (research pipeline; python-requests)"
TIMEOUT_SECONDS: Final = (10.0, 60.0)
MAX_BYTES: Final = 200 * 1024 * 1024
# A source that asks for a longer pause is left to the next try of the task, which frees the worker.
MAX_RETRY_AFTER_SECONDS: Final = 120
PASSING_STATUSES: Final = frozenset({429, 500, 502, 503, 504})


@dataclass(frozen=True)
class Answer:
    """What a source sent: the bytes as received and the headers that identify a revision."""

    url: str
    content: bytes
    media_type: str
    etag: str | None
    last_modified: str | None


class ImpatientRetry(Retry):
    """Retries, unless the source asks for a longer pause than a worker should wait out."""

    def increment(  # noqa: D102
        self,
        method: str | None = None,
        url: str | None = None,
        response: BaseHTTPResponse | None = None,
        error: Exception | None = None,
        _pool: ConnectionPool | None = None,
        _stacktrace: TracebackType | None = None,
    ) -> Self:
        if response is not None and (self.get_retry_after(response) or 0) > MAX_RETRY_AFTER_SECONDS:
            raise MaxRetryError(_pool, url, ResponseError("asked to wait too long"))  # type: ignore[arg-type]
        return super().increment(method, url, response, error, _pool, _stacktrace)


def session(limits: Limits = NO_LIMITS, retries: int = 4, backoff_seconds: float = 1.0) -> requests.Session:
    """A session that keeps to a source's limits, and retries what may pass, honouring Retry-After.

    Refused connections and PASSING_STATUSES may pass.
    """
    retry = ImpatientRetry(
        total=retries,
        backoff_factor=backoff_seconds,
        backoff_jitter=backoff_seconds,
        status_forcelist=PASSING_STATUSES,
        allowed_methods={"GET"},
        respect_retry_after_header=True,
        raise_on_status=False,
    )
    http = requests.Session()
    http.headers["User-Agent"] = USER_AGENT
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
) -> Answer:
    """The complete answer to one GET request.

    Raises:
        SourceUnavailableError: no connection, a time-out, a broken body, or 429/5xx to the last try.
        SourceContractError: any other status than 200, or more than `max_bytes`.
    """
    try:
        with http.get(url, params=params, timeout=timeout_seconds, stream=True) as response:
            _check_status(source, response)
            return Answer(
                url=response.url,
                content=_read(source, response, max_bytes),
                media_type=response.headers.get("Content-Type", "application/octet-stream"),
                etag=response.headers.get("ETag"),
                last_modified=response.headers.get("Last-Modified"),
            )
    except requests.RequestException as error:
        raise SourceUnavailableError(
            source,
            f"{url}",
            f"no complete answer ({type(error).__name__}: {error})",
            "nothing if a later try succeeds; else check the connection and the publisher's status page",
        ) from error


def _check_status(source: str, response: requests.Response) -> None:
    if response.status_code in PASSING_STATUSES:
        raise SourceUnavailableError(
            source,
            response.url,
            f"HTTP {response.status_code} to the last try",
            "nothing if a later try succeeds; else lower max_parallel_requests or wait",
        )
    if response.status_code != requests.codes.ok:
        raise SourceContractError(
            source,
            response.url,
            f"HTTP {response.status_code}, {_excerpt(response)!r}",
            "open the address in a browser and compare it with the source's file in include/catalog/sources",
        )


def _excerpt(response: requests.Response) -> str:
    return next(response.iter_content(200), b"").decode("utf-8", "replace")


def _read(source: str, response: requests.Response, max_bytes: int) -> bytes:
    content = bytearray()
    for chunk in response.iter_content(1 << 16):
        content += chunk
        if len(content) > max_bytes:
            raise SourceContractError(
                source,
                response.url,
                f"more than {max_bytes} bytes",
                "check what the publisher now sends before raising the limit",
            )
    return bytes(content)
