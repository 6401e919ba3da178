"""One transaction makes a validated load visible: all of it or nothing of it."""

import io
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final

import pyarrow as pa
from pyarrow import csv as pa_csv
from sqlalchemy import Connection, Row

from city_indicators.errors import GateRefusedError, LoadError, OverrideError
from city_indicators.sources.records import Interval
from city_indicators.warehouse.database import statement
from city_indicators.warehouse.ledger import Scope

STAGED_COLUMNS: Final = [
    "ref_area",
    "indicator",
    "time_period",
    "freq",
    "obs_value",
    "unit_measure",
    "obs_status",
    "geo_basis",
    "fetch_id",
    "pointer",
    "value_as_published",
    "unit_as_published",
]


@dataclass(frozen=True)
class Outcome:
    """What a publication changed, in figures. `outdated`: a later fetch had already spoken."""

    added: int
    revised: int
    withdrawn: int
    unchanged: int
    outdated: int

    @property
    def changed(self) -> int:
        """Figures for which a new version was written."""
        return self.added + self.revised + self.withdrawn

    def to_json(self) -> dict[str, int]:
        """Plain data for XCom and asset events."""
        return asdict(self)


@dataclass(frozen=True)
class Override:
    """A steward's acceptance of a load that its gate refused; `accepted_by` is a user of Airflow."""

    accepted_by: str
    reason: str
    decided_at: datetime


def accept(connection: Connection, load_id: int, override: Override) -> None:
    """Store that a refused load may be published; the first acceptance of a load stands.

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
    read_staged: Callable[[str], pa.Table],
    clock: Callable[[], datetime],
) -> Outcome:
    """Publish a load within the caller's transaction; a load published before changes nothing.

    `read_staged` gives the accepted rows (STAGED_COLUMNS) at the load's staged_path; `clock` tells
    when the figures become known, asked only once the source's lock is held.

    Raises:
        GateRefusedError: a gate rule of severity critical failed for the load, and no steward accepted it.
        LoadError: there is no such load, or its staged rows are not those the ledger counted.
    """
    source = _source_of(connection, load_id)
    connection.execute(statement("publish/lock_source"), {"source": source})
    load = connection.execute(statement("publish/lock_load"), {"load_id": load_id}).one()
    if load.state == "published":
        return Outcome(load.added, load.revised, load.withdrawn, load.unchanged, load.outdated)
    if load.state == "refused" and not _accepted(connection, load_id):
        raise GateRefusedError(
            f"source {source}, {load.interval_start} to {load.interval_end}, load {load_id}: "
            f"{'; '.join(load.refusals)}. Nothing was published. Next step: read the Data Docs and "
            f"quality.rejected_row of load {load_id}, mend the source or the rule, then clear the run"
        )
    staged = read_staged(load.staged_path)
    if staged.num_rows != load.accepted_rows:
        raise LoadError(
            f"load {load_id}: {load.staged_path} holds {staged.num_rows} rows, the ledger says "
            f"{load.accepted_rows}. Next step: clear the validate task of the run"
        )
    return _write(connection, load, staged, clock())


def _accepted(connection: Connection, load_id: int) -> bool:
    return connection.execute(statement("override/of_load"), {"load_id": load_id}).first() is not None


def _source_of(connection: Connection, load_id: int) -> str:
    source = connection.execute(
        statement("publish/source_of_load"), {"load_id": load_id}
    ).scalar_one_or_none()
    if source is None:
        raise LoadError(f"load {load_id} is not in the ledger. Next step: clear the validate task of the run")
    return str(source)


def _write(connection: Connection, load: Row[Any], staged: pa.Table, known_from: datetime) -> Outcome:
    interval = Interval(load.interval_start, load.interval_end)
    scope = Scope(load.source, tuple(load.indicators), interval, load.partial)
    connection.execute(statement("publish/create_staged"))
    copy(connection, "staged", staged.select(STAGED_COLUMNS))
    parameters = {**scope.parameters(), "load_id": load.load_id, "known_from": known_from}
    connection.execute(statement("publish/classify"), parameters)
    connection.execute(statement("publish/append_versions"), parameters)
    connection.execute(statement("publish/update_state"), parameters)
    closed = connection.execute(statement("publish/close_load"), parameters).one()
    return Outcome(*closed)


def copy(connection: Connection, table: str, rows: pa.Table) -> None:
    """Bulk-load rows into a table of ours by COPY, in the connection's transaction."""
    buffer = io.BytesIO()
    pa_csv.write_csv(rows, buffer, pa_csv.WriteOptions(include_header=False))
    cursor = connection.connection.driver_connection.cursor()  # type: ignore[union-attr]
    columns = ", ".join(rows.column_names)
    with cursor.copy(f"copy {table} ({columns}) from stdin (format csv)") as stream:
        stream.write(buffer.getbuffer())
