"""Publishes a file of best-practice cases in one transaction."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from city_indicators.core.snapshots import Snapshot
from city_indicators.intake.best_practices.duplicates import Identity, refuse_duplicates
from city_indicators.intake.best_practices.models import Case
from city_indicators.intake.best_practices.read import Accepted, Reading, Refusal
from city_indicators.warehouse.database import statement
from city_indicators.warehouse.ledger import Run


@dataclass(frozen=True)
class Published:
    """The result of a published file: its load, counts of new, changed and unchanged cases, refused rows."""

    best_practice_load_id: int
    added: int
    revised: int
    unchanged: int
    refused: tuple[Refusal, ...]

    @property
    def accepted(self) -> int:
        """The number of accepted rows."""
        return self.added + self.revised + self.unchanged

    @property
    def read(self) -> int:
        """The number of rows of the file."""
        return self.accepted + len(self.refused)


def publish(
    connection: Connection,
    snapshot: Snapshot,
    run: Run,
    reading: Reading,
    likeness: float,
    clock: Callable[[], datetime],
) -> Published:
    """Publish the cases of a file within the caller's transaction; a second call of the run changes nothing.

    A case that is not in the file stays as it is. `likeness` is that of duplicates.refuse_duplicates. `clock`
    gives the time from which the cases are known; it is read after the lock of publications is taken.
    """
    connection.execute(statement("best_practices/lock"))
    key = {"dag_id": run.dag_id, "run_id": run.run_id, "url": snapshot.url, "sha256": snapshot.sha256}
    before = connection.execute(statement("best_practices/published_load"), key).scalar_one_or_none()
    if before is not None:
        return published(connection, before)
    current = {
        row["case_id"]: dict(row)
        for row in connection.execute(statement("best_practices/current")).mappings()
    }
    validated = refuse_duplicates(reading, [_identity(row) for row in current.values()], likeness)
    changed = [row for row in validated.accepted if _stored_content(current, row) != _content(row.case)]
    added = sum(row.case.case_id not in current for row in changed)
    counts = {
        "read_rows": reading.read,
        "accepted_rows": len(validated.accepted),
        "rejected_rows": len(validated.refused),
        "added": added,
        "revised": len(changed) - added,
        "unchanged": len(validated.accepted) - len(changed),
    }
    at = clock()
    connection.execute(statement("ledger/insert_snapshot"), vars(snapshot))
    load = {**key, **counts, "received_at": snapshot.fetched_at, "published_at": at}
    load_id: int = connection.execute(statement("best_practices/insert_load"), load).scalar_one()
    _write(connection, load_id, at, current, changed, validated.refused)
    return Published(load_id, added, counts["revised"], counts["unchanged"], validated.refused)


def published(connection: Connection, best_practice_load_id: int) -> Published:
    """The result of a file that was published before."""
    key = {"best_practice_load_id": best_practice_load_id}
    load = connection.execute(statement("best_practices/load"), key).one()
    refused = connection.execute(statement("best_practices/rejected_of_load"), key)
    rows = tuple(Refusal(*row) for row in refused)
    return Published(load.best_practice_load_id, load.added, load.revised, load.unchanged, rows)


def _write(
    connection: Connection,
    load_id: int,
    at: datetime,
    current: dict[str, dict[str, Any]],
    changed: list[Accepted],
    refused: tuple[Refusal, ...],
) -> None:
    versions = [
        {
            **_content(row.case),
            "version": current.get(row.case.case_id, {"version": 0})["version"] + 1,
            "best_practice_load_id": load_id,
            "row_number": row.row,
            "known_from": at,
        }
        for row in changed
    ]
    rejected = [
        {
            "best_practice_load_id": load_id,
            "row_number": refusal.row,
            "case_id": refusal.case_id,
            "rule": refusal.rule,
            "reason": refusal.reason,
            "raw_row": refusal.raw,
        }
        for refusal in refused
    ]
    for name, rows in (
        ("best_practices/insert_version", versions),
        ("best_practices/insert_rejected", rejected),
    ):
        if rows:
            connection.execute(statement(name), rows)


def _content(case: Case) -> dict[str, Any]:
    """A case as the columns of core.best_practice_version."""
    return {
        column: list(value) if isinstance(value, tuple) else value
        for column, value in case.model_dump().items()
    }


def _stored_content(current: dict[str, dict[str, Any]], row: Accepted) -> dict[str, Any] | None:
    stored = current.get(row.case.case_id)
    return {column: value for column, value in stored.items() if column != "version"} if stored else None


def _identity(row: dict[str, Any]) -> Identity:
    names = (row["name_en"], row["name_ru"], row["name_zh"])
    keys = ("case_id", "country", "city", "ref_area", "cycle", "stage", "start_year")
    return Identity(**{key: row[key] for key in keys}, names=names)
