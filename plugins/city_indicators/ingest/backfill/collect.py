"""Collects what the archive and the warehouse hold for the plan of a backfill; changes nothing."""

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
from city_indicators.ingest.backfill.plan import ArchivedLoad, Plan, Stored, Validation, plan
from city_indicators.ingest.code import code_digest
from city_indicators.ingest.load import declaration
from city_indicators.ingest.replay import Batch, Comparison
from city_indicators.sources.quota import Slot
from city_indicators.warehouse.database import statement
from city_indicators.warehouse.ledger import loaded_revision


@dataclass(frozen=True)
class Unreadable:
    """A load that cannot be replayed, and the reason."""

    batch: Batch
    reason: str


@dataclass(frozen=True)
class Collected:
    """The plan of a backfill, dry runs of the replay of its archived loads, and those that cannot be read.

    `unchanged` are the published loads that were validated by today's declarations, rules and code: a replay
    of them would change nothing.
    """

    plan: Plan
    comparisons: tuple[Comparison, ...]
    unreadable: tuple[Unreadable, ...]
    unchanged: tuple[Batch, ...] = ()


def collect(
    source: Source,
    catalogue: Catalogue,
    intervals: list[Interval],
    archive: Archive,
    warehouse: Engine,
    now: datetime,
) -> Collected:
    """Plan a backfill of these intervals and dry-run a replay of their archived loads.

    A published load is not replayed if today's declarations, rules and code are those of its validation.
    """
    owned = [interval.ahead(source.ahead_years) for interval in intervals]
    span = Interval(owned[0].start, owned[-1].end)
    with warehouse.connect() as connection:
        found, absent = _archived(connection, source, span, archive)
        stored = _stored(connection, source, catalogue, owned)
        taken = _taken(connection, source, now)
    runs_at_once = pools(catalogue.sources.values())[source.pool]
    planned = plan(source, catalogue, intervals, list(found.values()), stored, taken, runs_at_once, now)
    comparisons, unreadable, unchanged = [], absent, []
    today = Validation(declaration(source, catalogue), code_digest())
    for batch, load in found.items():
        if load.validation == today:
            unchanged.append(batch)
            continue
        try:
            comparisons.append(replay.dry_run(source, catalogue, batch, archive, warehouse, now))
        except CityIndicatorsError as error:
            # The preview reports a load that today's declarations cannot read; it does not fail.
            unreadable.append(Unreadable(batch, str(error)))
    return Collected(planned, tuple(comparisons), tuple(unreadable), tuple(unchanged))


def _archived(
    connection: Connection, source: Source, span: Interval, archive: Archive
) -> tuple[dict[Batch, ArchivedLoad], list[Unreadable]]:
    """The batches of a span of years that can be replayed, and those with missing files."""
    loads = {row.load_id: row for row in connection.execute(statement("replay/loads"), {"source": source.id})}
    found, absent = {}, []
    for complete in replay.find(connection, source):
        batch = replace(
            complete,
            interval=Interval(max(complete.interval.start, span.start), min(complete.interval.end, span.end)),
        )
        if not set(batch.interval.years) & set(span.years):
            continue
        load = loads[batch.load_id]
        if missing := [sha256 for sha256 in load.contents if not archive.holds(sha256)]:
            absent.append(Unreadable(batch, f"the archive lacks {', '.join(missing)}"))
            continue
        found[batch] = ArchivedLoad(
            batch.load_id,
            batch.interval,
            Interval(load.interval_start, load.interval_end),
            batch.fetched_at,
            len(load.contents),
            Validation(load.declaration, load.code) if load.state == "published" else None,
        )
    return found, absent


def _stored(
    connection: Connection, source: Source, catalogue: Catalogue, intervals: list[Interval]
) -> Stored:
    today = declaration(source, catalogue)
    observations = connection.execute(
        statement("plan/observations"),
        {
            "source": source.id,
            "first_period": str(intervals[0].years[0]),
            "end_period": str(intervals[-1].years[-1] + 1),
        },
    )
    return Stored(
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
