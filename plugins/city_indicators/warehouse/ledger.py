"""The account of every load: what was fetched, validated, refused and made visible."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection

from city_indicators.core.intervals import Interval
from city_indicators.core.snapshots import Snapshot
from city_indicators.warehouse.database import frame, statement

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Run:
    """The pipeline run that a load belongs to; `part` tells the loads of one run apart."""

    dag_id: str
    run_id: str
    part: str = ""

    @property
    def staged_path(self) -> str:
        """Where the rows of the load are staged, below the staging folder."""
        return f"{self.dag_id}/{self.run_id.replace(':', '')}{self.part and '/'}{self.part}.parquet"


@dataclass(frozen=True)
class Scope:
    """What a load speaks about: a source's indicators in an interval.

    A `partial` load speaks of nothing but the observations that it names, and withdraws none.
    """

    source: str
    indicators: tuple[str, ...]
    interval: Interval
    partial: bool = False

    def parameters(self) -> dict[str, Any]:
        """The scope as bound parameters; `end_period` is excluded."""
        return {
            "source": self.source,
            "indicators": list(self.indicators),
            "first_period": str(self.interval.years[0]),
            "end_period": str(self.interval.years[-1] + 1),
            "partial": self.partial,
        }


def record_fetches(connection: Connection, snapshots: Iterable[Snapshot]) -> dict[str, int]:
    """Enter snapshots and their fetches; the fetch_id by address."""
    rows = [vars(snapshot) for snapshot in snapshots]
    # In one order, whoever enters them: loads that have answers in common would wait for each other.
    connection.execute(statement("ledger/insert_snapshot"), sorted(rows, key=itemgetter("sha256")))
    connection.execute(statement("ledger/insert_fetch"), rows)
    # A statement of its own, which sees what another transaction has entered meanwhile.
    return {row["url"]: connection.execute(statement("ledger/fetch_id"), row).scalar_one() for row in rows}


def record_load(connection: Connection, load: dict[str, Any], fetch_ids: Iterable[int]) -> int:
    """Enter a validated load; returns its load_id. The database refuses read ≠ accepted + rejected."""
    load_id: int = connection.execute(statement("ledger/insert_load"), load).scalar_one()
    connection.execute(
        statement("ledger/insert_load_fetch"),
        [{"load_id": load_id, "fetch_id": fetch_id} for fetch_id in fetch_ids],
    )
    return load_id


def record_rejected(connection: Connection, load_id: int, source: str, rejected: "pd.DataFrame") -> None:
    """Keep refused rows; `rejected` has the columns of quality.rejected_row besides these keys."""
    if len(rejected):
        known = rejected.astype(object).where(rejected.notna(), None).assign(load_id=load_id, source=source)
        rows = [{str(column): value for column, value in row.items()} for row in known.to_dict("records")]
        connection.execute(statement("ledger/insert_rejected_row"), rows)


def record_unmatched(connection: Connection, load_id: int, unmatched: Iterable[dict[str, Any]]) -> None:
    """Keep the places that no alias names; each has country, place, records and candidates."""
    rows = [{**row, "load_id": load_id, "candidates": json.dumps(row["candidates"])} for row in unmatched]
    if rows:
        connection.execute(statement("ledger/insert_unmatched_place"), rows)


def record_validation(
    connection: Connection, load_id: int, summary: dict[str, Any], document: dict[str, Any], at: datetime
) -> None:
    """Keep the result of one suite: its observations as columns, the whole of it as a document."""
    connection.execute(
        statement("ledger/insert_validation"),
        {"load_id": load_id, "validated_at": at, "result": json.dumps(document), **summary},
    )


def stored_keys(connection: Connection, scope: Scope) -> "pd.DataFrame":
    """ref_area, indicator, time_period of the observations held now within a scope."""
    return frame(connection, "ledger/stored_keys", **scope.parameters())


def known_observations(
    connection: Connection, scope: Scope, compared: set[str], years_back: int
) -> "pd.DataFrame":
    """What is held of a scope's `compared` indicators, from `years_back` before it on, of every source."""
    parameters = {
        "indicators": [indicator for indicator in scope.indicators if indicator in compared],
        "first_period": str(scope.interval.years[0] - years_back),
        "end_period": str(scope.interval.years[-1] + 1),
    }
    return frame(connection, "ledger/known_observations", **parameters)


def record_warnings(connection: Connection, load_id: int, warnings: "pd.DataFrame") -> None:
    """Keep what the rules of severity info warning; `warnings` has the validate's WARNING_COLUMNS."""
    if len(warnings):
        rows = [
            {str(k): v for k, v in row.items()} for row in warnings.assign(load_id=load_id).to_dict("records")
        ]
        connection.execute(statement("ledger/insert_warning"), rows)


def record_corrections(
    connection: Connection, load_id: int, corrections: Iterable[Mapping[str, Any]]
) -> None:
    """Keep applied corrections; each has the columns of quality.correction_applied besides the load."""
    rows = [{**row, "load_id": load_id} for row in corrections]
    if rows:
        connection.execute(statement("ledger/insert_correction"), rows)


def loaded_revision(connection: Connection, source: str, interval: Interval, declaration: str) -> str | None:
    """The revision that the warehouse holds of an interval; None if it must be loaded in any case."""
    row = {
        "source": source,
        "interval_start": interval.start,
        "interval_end": interval.end,
        "declaration": declaration,
    }
    revision: str | None = connection.execute(statement("ledger/loaded_revision"), row).scalar()
    return revision
