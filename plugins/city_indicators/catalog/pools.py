"""The Airflow pools: how many parallel requests each host may get."""

from collections.abc import Iterable

from city_indicators.catalog.source import Source


def pools(sources: Iterable[Source]) -> dict[str, int]:
    """The slots of each Airflow pool: the lowest `max_parallel_requests` of the host's sources."""
    slots: dict[str, int] = {}
    for source in (source for source in sources if not source.is_submission):
        slots[source.pool] = min(
            source.max_parallel_requests, slots.get(source.pool, source.max_parallel_requests)
        )
    return slots
