"""A client for a source at the address, with the key and within the limits that it has here."""

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
    """A session with a source at the address that its connection names, within the live service's limits.

    Raises:
        AirflowSkipException: the source wants a key and has none.
    """
    base = base_url(source)
    # Limits are the live service's: whatever else the connection names is asked as fast as it answers.
    limits = source.limits if is_live(source, base) else NO_LIMITS
    with session(limits, _key(source)) as http:
        yield SourceClient(source, http, base, Archive(archive_root()), now)


def is_live(source: Source, base: str) -> bool:
    """Whether an address is that of the publisher's own service."""
    return base == source.base_url


def _key(source: Source) -> KeyAuth | None:
    if source.key is None:
        return None
    secret = source_key(source)
    if secret is None:
        raise AirflowSkipException(
            f"source {source.id} wants a key and has none. Next step: get one from {source.publisher} and "
            f"enter it as the password of the Airflow connection {source.connection!r}"
        )
    # Airflow masks it as it stands; urllib3 warns of a request that it repeats by its whole address.
    mask_secret(quote_plus(secret))
    return KeyAuth(source.key, secret)
