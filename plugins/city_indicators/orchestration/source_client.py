"""Opens a client for a source, with the address, key and rate limits of its Airflow connection."""

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import quote_plus

from airflow.sdk.exceptions import AirflowSkipException
from airflow.sdk.log import mask_secret

from city_indicators.catalog import Source
from city_indicators.core.archive import Archive
from city_indicators.ingest.fetch import SourceClient
from city_indicators.orchestration.clock import now
from city_indicators.orchestration.connections import archive_root, base_url, source_key
from city_indicators.sources.http import NO_LIMITS, KeyAuth, session


@contextmanager
def source_client(source: Source) -> Iterator[SourceClient]:
    """A client for a source at the address of its connection, within the rate limits of the live service.

    Raises:
        AirflowSkipException: the source requires a key and none is set.
    """
    base = base_url(source)
    # Rate limits apply to the live service only, not to another server that the connection names.
    limits = source.limits if is_live(source, base) else NO_LIMITS
    with session(limits, _key(source), source.redirect_hosts) as http:
        yield SourceClient(source, http, base, Archive(archive_root()), now)


def is_live(source: Source, base: str) -> bool:
    """Whether an address is the live service of the publisher."""
    return base == source.base_url


def _key(source: Source) -> KeyAuth | None:
    if source.key is None:
        return None
    secret = source_key(source)
    if secret is None:
        raise AirflowSkipException(
            f"source {source.id} requires a key and none is set. Next step: get one from {source.publisher} "
            f"and enter it as the password of the Airflow connection {source.connection!r}"
        )
    # Airflow masks the key itself, but urllib3 logs a retried request with the URL-encoded key.
    mask_secret(quote_plus(secret))
    return KeyAuth(source.key, secret)
