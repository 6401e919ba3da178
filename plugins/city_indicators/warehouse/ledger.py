"""Ledger of loads: records what was fetched, validated, rejected, refused and published."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection

from city_indicators.core.intervals import Interval
from city_indicators.core.snapshots import Snapshot
from city_indicators.warehouse.database import statement

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Run:
    """The DAG run that a load belongs to; `part` distinguishes several loads of one run."""

    dag_id: str
    run_id: str
    part: str = ""

    @property
    def staged_path(self) -> str:
        """The path of the load's staged rows, relative to the staging folder."""
        return f"{self.dag_id}/{self.run_id.replace(':', '')}{self.part and '/'}{self.part}.parquet"


@dataclass(frozen=True)
class Scope:
    """What a load covers: a source's indicators in an interval.

    A `partial` load covers only the observations that it contains, and withdraws none.
    """

    source: str
    indicators: tuple[str, ...]
    interval: Interval
    partial: bool = False

    def parameters(self) -> dict[str, Any]:
        """The scope as bound parameters; `end_period` is exclusive."""
        return {
            "source": self.source,
            "indicators": list(self.indicators),
            "first_period": str(self.interval.years[0]),
            "end_period": str(self.interval.years[-1] + 1),
            "partial": self.partial,
        }


def record_fetches(connection: Connection, snapshots: Iterable[Snapshot]) -> dict[str, int]:
    """Record snapshots and their fetches; returns the fetch_id by URL."""
    rows = [vars(snapshot) for snapshot in snapshots]
    # A fixed order prevents a deadlock of loads that share snapshots.
    connection.execute(statement("ledger/insert_snapshot"), sorted(rows, key=itemgetter("sha256")))
    connection.execute(statement("ledger/insert_fetch"), rows)
    # A separate statement also sees rows that another transaction has inserted meanwhile.
    return {row["url"]: connection.execute(statement("ledger/fetch_id"), row).scalar_one() for row in rows}


def record_load(connection: Connection, load: dict[str, Any], fetch_ids: Iterable[int]) -> int:
    """Record a validated load and return its load_id; a check requires read = accepted + rejected."""
    load_id: int = connection.execute(statement("ledger/insert_load"), load).scalar_one()
    connection.execute(
        statement("ledger/insert_load_fetch"),
        [{"load_id": load_id, "fetch_id": fetch_id} for fetch_id in fetch_ids],
    )
    return load_id


def record_rejected(connection: Connection, load_id: int, source: str, rejected: "pd.DataFrame") -> None:
    """Record rejected rows; `rejected` has the other columns of quality.rejected_row."""
    if len(rejected):
        complete = (
            rejected.astype(object).where(rejected.notna(), None).assign(load_id=load_id, source=source)
        )
        rows = [{str(column): value for column, value in row.items()} for row in complete.to_dict("records")]
        connection.execute(statement("ledger/insert_rejected_row"), rows)


def record_unmatched(connection: Connection, load_id: int, unmatched: Iterable[dict[str, Any]]) -> None:
    """Record places without an alias; each has country, place, records and candidates."""
    rows = [{**row, "load_id": load_id, "candidates": json.dumps(row["candidates"])} for row in unmatched]
    if rows:
        connection.execute(statement("ledger/insert_unmatched_place"), rows)


def record_validation(
    connection: Connection, load_id: int, summary: dict[str, Any], document: dict[str, Any], at: datetime
) -> None:
    """Record the result of one suite: its counts as columns, and the complete document."""
    connection.execute(
        statement("ledger/insert_validation"),
        {"load_id": load_id, "validated_at": at, "result": json.dumps(document), **summary},
    )


def record_warnings(connection: Connection, load_id: int, warnings: "pd.DataFrame") -> None:
    """Record the warnings of rules of severity info; `warnings` has validate.WARNING_COLUMNS."""
    if len(warnings):
        rows = [
            {str(k): v for k, v in row.items()} for row in warnings.assign(load_id=load_id).to_dict("records")
        ]
        connection.execute(statement("ledger/insert_warning"), rows)


def record_corrections(
    connection: Connection, load_id: int, corrections: Iterable[Mapping[str, Any]]
) -> None:
    """Record applied corrections; each has the columns of quality.correction_applied except load_id."""
    rows = [{**row, "load_id": load_id} for row in corrections]
    if rows:
        connection.execute(statement("ledger/insert_correction"), rows)


def loaded_revision(connection: Connection, source: str, interval: Interval, declaration: str) -> str | None:
    """The revision of the last load of an interval; None if the interval must be loaded in any case."""
    row = {
        "source": source,
        "interval_start": interval.start,
        "interval_end": interval.end,
        "declaration": declaration,
    }
    revision: str | None = connection.execute(statement("ledger/loaded_revision"), row).scalar()
    return revision
