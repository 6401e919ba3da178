"""Replay: validates archived snapshots of past loads by today's rules, as a dry run or as a new load."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, Self

import pandas as pd
from sqlalchemy import Connection, Engine, Row

from city_indicators.catalog.models import Catalogue
from city_indicators.catalog.source import Source
from city_indicators.core.archive import Archive
from city_indicators.core.errors import ArchiveError, GateRefusedError
from city_indicators.core.intervals import Interval
from city_indicators.core.markdown import table
from city_indicators.core.snapshots import Snapshot
from city_indicators.ingest import load as ingest
from city_indicators.ingest.fetch import Clock
from city_indicators.warehouse.database import frame, statement
from city_indicators.warehouse.ledger import Run
from city_indicators.warehouse.publish import Outcome, publish

ROW: Final = ["url", "pointer", "indicator", "time_period"]
"""The position of an observation in the archived file: identifies it in the old and in the new reading."""
COUNTS: Final = ["before", "now", "accepted_now", "newly"]


@dataclass(frozen=True)
class Batch:
    """The years of a load that no later fetch of its source covers."""

    load_id: int
    interval: Interval
    fetched_at: datetime
    revision: str | None

    def to_json(self) -> dict[str, Any]:
        """JSON-serialisable fields for XCom."""
        return {
            "load_id": self.load_id,
            "start": self.interval.start.isoformat(),
            "end": self.interval.end.isoformat(),
            "fetched_at": self.fetched_at.isoformat(),
            "revision": self.revision,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """The inverse of `to_json`."""
        return cls(
            data["load_id"],
            Interval(date.fromisoformat(data["start"]), date.fromisoformat(data["end"])),
            datetime.fromisoformat(data["fetched_at"]),
            data["revision"],
        )


@dataclass(frozen=True)
class Comparison:
    """The difference between a batch as it was loaded and as it would be loaded today.

    `rules` is indexed by rule, with COUNTS of rows: rejected before, rejected now, rejected before and
    accepted now, and newly rejected. `outcome` is what publishing would do; None if the gate refuses the
    load, with the reasons in `refusals`.
    """

    batch: Batch
    rules: pd.DataFrame
    accepted: int
    outcome: Outcome | None
    refusals: tuple[str, ...]

    @property
    def differs(self) -> bool:
        """Whether a replay would change an observation or the counts of rejected rows."""
        moved = (self.rules["before"] != self.rules["now"]).any() or self.rules["newly"].any()
        return bool(moved) or (self.outcome is not None and self.outcome.changed > 0)

    def to_json(self) -> dict[str, Any]:
        """JSON-serialisable counts and references for XCom."""
        return {
            "batch": self.batch.to_json(),
            "rules": self.rules.to_dict("index"),
            "accepted": self.accepted,
            "outcome": self.outcome and self.outcome.to_json(),
            "refusals": list(self.refusals),
            "differs": self.differs,
        }


def find(
    connection: Connection, source: Source, rule: str | None = None, since: date | None = None
) -> list[Batch]:
    """Find the batches of a source that can be replayed, in the order in which they were fetched.

    Each year is replayed from the last fetched load, published or refused, that covers it: an earlier load
    must not overwrite a later one. A partial load (a city's form) is always a batch of its own.
    `rule` selects only loads with rows rejected by that rule, `since` only loads fetched on that day (UTC)
    or later.
    """
    loads = connection.execute(statement("replay/loads"), {"source": source.id}).all()
    matching = [load for load in loads if rule is None or rule in load.rules]
    if source.is_submission and matching:
        # Of forms with the same observation the last one must be replayed last, even if the rule rejected
        # none of its rows.
        matching = list(loads[: loads.index(matching[-1]) + 1])
    chosen = {load.load_id for load in matching if since is None or _day(load) >= since}
    return [batch for batch in reversed(_latest(loads)) if batch.load_id in chosen]


def dry_run(
    source: Source,
    catalogue: Catalogue,
    batch: Batch,
    archive: Archive,
    warehouse: Engine,
    at: datetime,
) -> Comparison:
    """Dry run of a replay: load a batch by today's rules, compare it with the past load, and roll back.

    It leaves nothing but gaps in the numbers of loads and validations.

    Raises:
        ArchiveError: a snapshot of the load is missing or damaged.
        SourceContractError: a snapshot is not in the format as declared today.
    """
    with warehouse.connect() as connection, TemporaryDirectory() as folder:
        snapshots = _snapshots(connection, batch.load_id)
        before = frame(connection, "replay/rejected", load_id=batch.load_id)
        with _naming_load(source, batch):
            validated = ingest.validated(source, catalogue, batch.interval, snapshots, archive, connection)
        run = Run("dry_run", str(batch.load_id))
        load_id = ingest.enter(connection, validated, catalogue, run, Path(folder), at, batch.revision)
        outcome = None
        with suppress(GateRefusedError):
            outcome = publish(connection, load_id, ingest.staged_rows(Path(folder)), lambda: at)
        connection.rollback()
    result = validated.result
    if not source.is_submission:
        before = before[before["time_period"].isin([str(year) for year in batch.interval.years])]
    rules = compare(before, result.rejected, validated.normalised.observations)
    return Comparison(batch, rules, len(result.accepted), outcome, result.refusals)


def replay(
    source: Source,
    catalogue: Catalogue,
    batch: Batch,
    run: Run,
    archive: Archive,
    staging: Path,
    warehouse: Engine,
    clock: Clock,
) -> tuple[int, Outcome]:
    """Load a batch again as a new load with its original fetch times, and publish it; returns the load_id.

    Raises:
        ArchiveError: a snapshot of the load is missing or damaged.
        SourceContractError: a snapshot is not in the format as declared today.
        GateRefusedError: the gate refuses the load; it is in the ledger with the reasons.
    """
    with warehouse.connect() as connection:
        snapshots = _snapshots(connection, batch.load_id)
    with _naming_load(source, batch):
        load_id = ingest.validate(
            source,
            catalogue,
            batch.interval,
            snapshots,
            run,
            archive,
            staging,
            warehouse,
            clock(),
            batch.revision,
        )
    return load_id, ingest.publish_load(load_id, staging, warehouse, clock)


def compare(before: pd.DataFrame, now: pd.DataFrame, read: pd.DataFrame) -> pd.DataFrame:
    """Count the rejected rows of the past load and of today by rule: COUNTS, sorted by rule.

    `before` and `now` are rejected rows with the columns ROW and `rule`, `read` all rows read now.
    """
    before_at, now_at, read_at = (pd.MultiIndex.from_frame(rows[ROW]) for rows in (before, now, read))
    counts = {
        "before": before["rule"],
        "now": now["rule"],
        "accepted_now": before["rule"][before_at.isin(read_at) & ~before_at.isin(now_at)],
        "newly": now["rule"][~now_at.isin(before_at)],
    }
    columns = {name: rules.value_counts() for name, rules in counts.items()}
    return pd.DataFrame(columns, columns=COUNTS).fillna(0).astype(int).sort_index()


def report(source: str, comparisons: Iterable[Mapping[str, Any]]) -> str:
    """Report comparisons (`Comparison.to_json`) as Markdown: one table by rule, one by load."""
    batches = list(comparisons)
    totals: dict[str, Counter[str]] = {}
    for batch in batches:
        for rule, counts in batch["rules"].items():
            totals.setdefault(rule, Counter()).update(counts)
    by_rule = [[rule, *(totals[rule][name] for name in COUNTS)] for rule in sorted(totals)]
    return "\n".join(
        [
            f"### Replay of {source}: {len(batches)} loads, "
            f"{sum(batch['differs'] for batch in batches)} of them would change",
            "",
            *table(["rule", "rejected before", "rejected now", "accepted now", "newly rejected"], by_rule),
            "",
            *table(
                [
                    "load",
                    "years",
                    "fetched",
                    "accepted",
                    "added",
                    "revised",
                    "withdrawn",
                    "unchanged",
                    "outdated",
                    "gate",
                ],
                [_line(batch) for batch in batches],
            ),
            "",
            "A stored observation whose row is newly rejected stays: a rejected row is not a withdrawal.",
        ]
    )


def _day(load: Row[Any]) -> date:
    fetched_at: datetime = load.fetched_at
    return fetched_at.astimezone(UTC).date()


def _latest(loads: Iterable[Row[Any]]) -> list[Batch]:
    """The batches of loads, given and returned in the order of their fetch, the last first."""
    covered: set[int] = set()
    forms: set[tuple[str, ...]] = set()
    batches = []
    for load in loads:
        interval = Interval(load.interval_start, load.interval_end)
        if load.partial:
            intervals = [] if tuple(load.contents) in forms else [interval]
            forms.add(tuple(load.contents))
        else:
            intervals = _intervals([year for year in interval.years if year not in covered], interval)
            covered.update(interval.years)
        batches += [Batch(load.load_id, each, load.fetched_at, load.revision) for each in intervals]
    return batches


def _intervals(years: list[int], complete: Interval) -> list[Interval]:
    """The runs of consecutive years, the last first; the complete interval if no year is missing."""
    if years == list(complete.years):
        return [complete] if years else []
    runs = [[year for _, year in run] for _, run in groupby(enumerate(years), lambda at: at[1] - at[0])]
    return [Interval(date(run[0], 1, 1), date(run[-1] + 1, 1, 1)) for run in reversed(runs)]


def _snapshots(connection: Connection, load_id: int) -> list[Snapshot]:
    rows = connection.execute(statement("replay/snapshots"), {"load_id": load_id}).mappings()
    return [Snapshot(**row) for row in rows]


@contextmanager
def _naming_load(source: Source, batch: Batch) -> Iterator[None]:
    """Add the source and the load to an archive error."""
    try:
        yield
    except ArchiveError as error:
        raise ArchiveError(
            f"source {source.id}, load {batch.load_id} of {batch.interval.start} to {batch.interval.end}: "
            f"{error}, or replay only what was fetched since then"
        ) from error


def _line(comparison: Mapping[str, Any]) -> list[Any]:
    batch = Batch.from_json(comparison["batch"])
    years = batch.interval.years
    outcome = comparison["outcome"] or {}
    names = ("added", "revised", "withdrawn", "unchanged", "outdated")
    return [
        batch.load_id,
        f"{years[0]}–{years[-1]}" if len(years) > 1 else years[0],
        f"{batch.fetched_at:%Y-%m-%d %H:%M}",
        comparison["accepted"],
        *(outcome.get(name, "–") for name in names),
        "; ".join(comparison["refusals"]) or "passes",
    ]
