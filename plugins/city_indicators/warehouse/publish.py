"""Publishes a validated load in one transaction."""

import hashlib
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, BinaryIO, Final

import pyarrow as pa
import pyarrow.parquet as pq
from sqlalchemy import Connection, CursorResult, Row

from city_indicators.core.errors import (
    GateRefusedError,
    LoadError,
    OverrideError,
    StagedRowsError,
)
from city_indicators.core.intervals import Interval
from city_indicators.warehouse.binary import microseconds
from city_indicators.warehouse.bulk import BINARY, copy
from city_indicators.warehouse.clock import known_from
from city_indicators.warehouse.database import statement
from city_indicators.warehouse.ledger import Scope
from city_indicators.warehouse.staged import (
    STAGED_COLUMNS,
    STATE_COLUMNS,
    Contents,
    contents,
    rows_of_blocks,
    with_block_ids,
    with_constants,
)

CHUNK_BYTES: Final = 1 << 20


@dataclass(frozen=True)
class Outcome:
    """Counts of observations that a publication changed. `outdated`: covered by a later fetch."""

    added: int
    revised: int
    withdrawn: int
    unchanged: int
    outdated: int

    @property
    def changed(self) -> int:
        """The number of new versions of observations."""
        return self.added + self.revised + self.withdrawn

    def to_json(self) -> dict[str, int]:
        """JSON-serialisable counts for XCom and asset events."""
        return asdict(self)


@dataclass(frozen=True)
class Override:
    """A steward's acceptance of a load that its gate refused; `accepted_by` is a user of Airflow."""

    accepted_by: str
    reason: str
    decided_at: datetime


def accept(connection: Connection, load_id: int, override: Override) -> None:
    """Record that a refused load may be published; only the first acceptance of a load counts.

    Raises:
        OverrideError: the acceptance gives no reason.
    """
    if not override.reason.strip():
        raise OverrideError(
            f"load {load_id}: {override.accepted_by} accepted it without a reason. Nothing was published. "
            "Next step: clear the publish task of the run and answer again, with a reason"
        )
    connection.execute(statement("override/insert"), {"load_id": load_id, **asdict(override)})


def publish(
    connection: Connection,
    load_id: int,
    open_staged: Callable[[str], AbstractContextManager[BinaryIO]],
    clock: Callable[[], datetime],
) -> Outcome:
    """Publish a load within the caller's transaction; a load published before changes nothing.

    `open_staged` opens the Parquet file of the accepted rows (STAGED_COLUMNS) at the load's staged_path.
    `clock` gives the time from which the observations are known; it is read after the source's lock is taken.

    Raises:
        GateRefusedError: a gate rule of severity critical failed for the load, and no steward accepted it.
        ClockError: the time is later than the database's, or earlier than that of the source's latest load.
        StagedRowsError: the staged rows are not those that were validated.
        LoadError: there is no such load, or a place is not in the catalogue.
    """
    source = _source_of(connection, load_id)
    _execute(connection, "lock_source", {"source": source})
    load = _execute(connection, "lock_load", {"load_id": load_id}).one()
    if load.state == "published":
        return Outcome(load.added, load.revised, load.withdrawn, load.unchanged, load.outdated)
    if load.state == "refused" and not _accepted(connection, load_id):
        raise GateRefusedError(
            f"source {source}, {load.interval_start} to {load.interval_end}, load {load_id}: "
            f"{'; '.join(load.refusals)}. Nothing was published. Next step: read the Data Docs and "
            f"quality.rejected_row of load {load_id}, correct the source or the rule, then clear the run"
        )
    with open_staged(load.staged_path) as stream:
        digest = sha256_of(stream)
        if digest != load.staged_sha256:
            raise StagedRowsError(load_id, load.staged_path, load.staged_sha256, digest)
        stream.seek(0)
        outcome = _write(connection, load, pq.ParquetFile(stream), known_from(connection, source, clock()))
    if outcome.outdated and outcome.outdated == load.accepted_rows:
        warning = (
            f"all {outcome.outdated} observations are outdated: what a later fetch gave is held, and stays. "
            "Expected if an old task was cleared; else compare archive.fetch_event.heard_at with the clock"
        )
        _execute(connection, "warn_load", {"load_id": load_id, "warning": warning})
    return outcome


def sha256_of(stream: BinaryIO) -> str:
    """The sha256 of a stream from its position to its end."""
    digest = hashlib.sha256()
    while chunk := stream.read(CHUNK_BYTES):
        digest.update(chunk)
    return digest.hexdigest()


def _accepted(connection: Connection, load_id: int) -> bool:
    return connection.execute(statement("override/of_load"), {"load_id": load_id}).first() is not None


def _source_of(connection: Connection, load_id: int) -> str:
    source = _execute(connection, "source_of_load", {"load_id": load_id}).scalar_one_or_none()
    if source is None:
        raise LoadError(f"load {load_id} is not in the ledger. Next step: clear the validate task of the run")
    return str(source)


def _write(connection: Connection, load: Row[Any], staged: pq.ParquetFile, known_from: datetime) -> Outcome:
    """Write the changed observations; unchanged blocks are recognised by their digest and skipped."""
    interval = Interval(load.interval_start, load.interval_end)
    scope = Scope(load.source, tuple(load.indicators), interval, load.partial)
    parameters = {**scope.parameters(), "load_id": load.load_id, "known_from": known_from}
    given = contents(staged)
    _check_places(connection, load.load_id, given)
    _execute(connection, "create_staged_block")
    copy(connection, "staged_block", [given.blocks])
    _execute(connection, "compare_blocks", parameters)
    _append_fresh(connection, parameters, staged)
    compared = {(row.indicator, row.time_period) for row in _execute(connection, "blocks_to_compare")}
    _execute(connection, "create_staged")
    copy(connection, "staged", rows_of_blocks(staged, compared, STAGED_COLUMNS), BINARY)
    for step in (
        "analyze_staged",
        "classify",
        "append_versions",
        "insert_state",
        "update_state",
        "update_blocks",
    ):
        _execute(connection, step, parameters)
    closed = _execute(connection, "close_load", parameters).one()
    return Outcome(*closed)


def _check_places(connection: Connection, load_id: int, given: Contents) -> None:
    parameters = {"places": sorted(given.places)}
    unknown = _execute(connection, "unknown_places", parameters).scalars().all()
    if unknown:
        raise LoadError(
            f"load {load_id}: {', '.join(unknown[:5])} {'is' if len(unknown) == 1 else 'are'} not in "
            "catalog.ref_area. Next step: update the catalogue (restart the stack), then clear the "
            "publish task of the run"
        )


def _append_fresh(connection: Connection, parameters: dict[str, Any], staged: pq.ParquetFile) -> None:
    """Append the observations of new blocks as first versions, without comparing them."""
    fresh = {
        (row.indicator, row.time_period): row.block_id
        for row in _execute(connection, "insert_fresh_blocks", parameters)
    }
    of_state = {
        "version": pa.scalar(1, pa.int32()),
        "load_id": pa.scalar(parameters["load_id"], pa.int64()),
    }
    of_version = {
        **of_state,
        "source": pa.scalar(parameters["source"]),
        "withdrawn": pa.scalar(False),
        "known_from": microseconds(parameters["known_from"]),
    }
    versions = rows_of_blocks(staged, fresh, STAGED_COLUMNS)
    copy(
        connection,
        "core.observation_version",
        (with_constants(rows, of_version) for rows in versions),
        BINARY,
    )
    state = rows_of_blocks(staged, fresh, STATE_COLUMNS)
    copy(
        connection,
        "core.observation_state",
        (with_constants(with_block_ids(rows, fresh), of_state) for rows in state),
        BINARY,
    )


def _execute(
    connection: Connection, name: str, parameters: dict[str, Any] | None = None
) -> CursorResult[*tuple[Any, ...]]:
    return connection.execute(statement(f"publish/{name}"), parameters)
