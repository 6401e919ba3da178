"""How many requests may be under way at a time, by host."""

from collections.abc import Iterable

from city_indicators.catalog.source import Source


def pools(sources: Iterable[Source]) -> dict[str, int]:
    """The slots of each Airflow pool: as few as the most careful source of the host bears."""
    slots: dict[str, int] = {}
    for source in (source for source in sources if not source.dropped):
        slots[source.pool] = min(
            source.max_parallel_requests, slots.get(source.pool, source.max_parallel_requests)
        )
    return slots
