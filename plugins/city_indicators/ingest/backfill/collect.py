"""What archive and warehouse hold, gathered for the plan of a backfill; nothing is changed."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine

from city_indicators.catalog.models import Catalogue
from city_indicators.catalog.pools import pools
from city_indicators.catalog.source import Source
from city_indicators.core.archive import Archive
from city_indicators.core.errors import CityIndicatorsError
from city_indicators.core.intervals import Interval
from city_indicators.ingest import replay
from city_indicators.ingest.backfill.plan import ArchivedLoad, Held, Plan, plan
from city_indicators.ingest.load import declaration
from city_indicators.ingest.replay import Batch, Comparison
from city_indicators.sources.quota import Slot
from city_indicators.warehouse.database import statement
from city_indicators.warehouse.ledger import loaded_revision


@dataclass(frozen=True)
class Collected:
    """The plan of a backfill, and what its archived loads would be by today's rules.

    `unreadable` tells, in words, of loads that cannot be read again.
    """

    plan: Plan
    comparisons: tuple[Comparison, ...]
    unreadable: tuple[str, ...]


def collect(
    source: Source,
    catalogue: Catalogue,
    intervals: list[Interval],
    archive: Archive,
    warehouse: Engine,
    now: datetime,
) -> Collected:
    """Plan a backfill of these intervals, with a dry run of a replay of what is archived of them."""
    owned = [interval.ahead(source.ahead_years) for interval in intervals]
    span = Interval(owned[0].start, owned[-1].end)
    with warehouse.connect() as connection:
        found, absent = _archived(connection, source, span, archive)
        held = _held(connection, source, catalogue, owned)
        taken = _taken(connection, source, now)
    runs_at_once = pools(catalogue.sources.values())[source.pool]
    planned = plan(source, catalogue, intervals, list(found.values()), held, taken, runs_at_once, now)
    comparisons, unreadable = [], absent
    for batch in found:
        try:
            comparisons.append(replay.dry_run(source, catalogue, batch, archive, warehouse, now))
        except CityIndicatorsError as error:
            # A load that today's declarations cannot read is an answer too.
            unreadable.append(f"load {batch.load_id}: {error}")
    return Collected(planned, tuple(comparisons), tuple(unreadable))


def _archived(
    connection: Connection, source: Source, span: Interval, archive: Archive
) -> tuple[dict[Batch, ArchivedLoad], list[str]]:
    """What can be replayed of a span of years, and in words the loads whose bytes are gone."""
    loads = {row.load_id: row for row in connection.execute(statement("replay/loads"), {"source": source.id})}
    found, absent = {}, []
    for whole in replay.find(connection, source):
        batch = replace(
            whole,
            interval=Interval(max(whole.interval.start, span.start), min(whole.interval.end, span.end)),
        )
        if not set(batch.interval.years) & set(span.years):
            continue
        load = loads[batch.load_id]
        if missing := [sha256 for sha256 in load.contents if not archive.holds(sha256)]:
            absent.append(f"load {batch.load_id}: the archive lacks {', '.join(missing)}")
            continue
        found[batch] = ArchivedLoad(
            batch.load_id,
            batch.interval,
            Interval(load.interval_start, load.interval_end),
            batch.fetched_at,
            len(load.contents),
        )
    return found, absent


def _held(connection: Connection, source: Source, catalogue: Catalogue, intervals: list[Interval]) -> Held:
    today = declaration(source, catalogue)
    observations = connection.execute(
        statement("plan/observations"),
        {
            "source": source.id,
            "first_period": str(intervals[0].years[0]),
            "end_period": str(intervals[-1].years[-1] + 1),
        },
    )
    return Held(
        {int(row.time_period): row.observations for row in observations},
        frozenset(
            interval
            for interval in intervals
            if loaded_revision(connection, source.id, interval, today) is not None
        ),
    )


def _taken(connection: Connection, source: Source, now: datetime) -> Iterable[Slot]:
    if source.quota is None:
        return ()
    since = now - timedelta(minutes=max(source.quota.calls))
    rows = connection.execute(statement("plan/taken"), {"account": source.quota.account, "since": since})
    return [Slot(row.counted_at, row.calls) for row in rows]
