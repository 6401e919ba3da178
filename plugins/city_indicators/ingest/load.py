"""Validates fetched snapshots and publishes them as a load. Every step is safe to repeat."""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

import numpy as np
import pandas as pd
import pyarrow as pa
from sqlalchemy import Connection, Engine

from city_indicators.catalog.models import Catalogue
from city_indicators.catalog.source import Source
from city_indicators.core.archive import Archive
from city_indicators.core.intervals import Interval
from city_indicators.core.snapshots import Snapshot
from city_indicators.core.storage import storing
from city_indicators.ingest.categories import alike
from city_indicators.ingest.code import code_digest
from city_indicators.ingest.fetch import Clock
from city_indicators.ingest.normalise import Normalised, normalise_cells
from city_indicators.ingest.validation.context import YEARS_BACK
from city_indicators.ingest.validation.corrections import Application, correct, load_corrections
from city_indicators.ingest.validation.expected_contents import expected_contents
from city_indicators.ingest.validation.load_checks.assess import Held
from city_indicators.ingest.validation.rules import load_rules
from city_indicators.ingest.validation.validate import ValidationResult, validate_observations
from city_indicators.sources.cells import read_cells
from city_indicators.sources.connectors import connector_of
from city_indicators.sources.places import with_candidates
from city_indicators.warehouse import ledger, staged
from city_indicators.warehouse.clock import check_fetched
from city_indicators.warehouse.held import known_observations, stored_keys, usual_revisions
from city_indicators.warehouse.publish import Outcome, publish


@dataclass(frozen=True)
class Validated:
    """Snapshots read and validated by today's declarations and rules; nothing is written yet."""

    source: Source
    scope: ledger.Scope
    snapshots: list[Snapshot]
    normalised: Normalised
    result: ValidationResult
    corrections: tuple[Application, ...] = ()


def declaration(source: Source, catalogue: Catalogue) -> str:
    """Return the sha256 of all declarations that decide how the data of a source are read and validated."""
    indicators = {series.indicator: catalogue.indicators[series.indicator] for series in source.series}
    decisive = [
        source.model_dump_json(exclude={"expected"}),
        *(indicators[key].model_dump_json() for key in sorted(indicators)),
        *(unit.model_dump_json() for unit in catalogue.units.values()),
        *sorted(catalogue.ref_areas(source)),
        load_rules().model_dump_json(),
        *(correction.model_dump_json() for correction in load_corrections(source).corrections),
    ]
    return hashlib.sha256("\n".join(decisive).encode()).hexdigest()


def validate(
    source: Source,
    catalogue: Catalogue,
    interval: Interval,
    snapshots: list[Snapshot],
    run: ledger.Run,
    archive: Archive,
    staging: Path,
    warehouse: Engine,
    at: datetime,
    revision: str | None = None,
) -> int:
    """Validate the snapshots, stage the accepted rows as Parquet, and record the load in the ledger.

    Returns the load_id. A load that the gate refuses is recorded with the reasons, and `publish_load`
    does not publish it.

    Raises:
        SourceContractError: a snapshot is not in the declared format.
        ArchiveError: a snapshot is not in the archive.
        ClockError: a snapshot was fetched in the future, by the database's clock.
        CorrectionExpiredError: the publisher gives another value than a declared correction expects.
    """
    with warehouse.connect() as connection:
        check_fetched(connection, source.id, (snapshot.fetched_at for snapshot in snapshots))
        validated_load = validated(source, catalogue, interval, snapshots, archive, connection)
    with warehouse.begin() as connection:
        return enter(connection, validated_load, catalogue, run, staging, at, revision)


def validated(
    source: Source,
    catalogue: Catalogue,
    interval: Interval,
    snapshots: list[Snapshot],
    archive: Archive,
    connection: Connection,
) -> Validated:
    """Read the archived snapshots and validate their observations of the interval by today's rules.

    Raises:
        SourceContractError: a snapshot is not in the declared format.
        ArchiveError: a snapshot is not in the archive.
        CorrectionExpiredError: the publisher gives another value than a declared correction expects.
    """
    archived = ((snapshot, archive.read(snapshot.sha256)) for snapshot in snapshots)
    cells = read_cells(connector_of(source), source, archived, interval)
    normalised = normalise_cells(cells, source, catalogue, interval)
    corrected = correct(normalised.observations, source, catalogue)
    normalised = replace(normalised, observations=corrected.observations)
    indicators = list(dict.fromkeys(series.indicator for series in source.series))
    scope = ledger.Scope(source.id, tuple(indicators), interval, source.is_submission)
    known = known_observations(connection, scope, YEARS_BACK)
    held = Held(
        known,
        usual_revisions(connection, scope),
        expected_contents(source.id, interval),
    )
    result = validate_observations(
        *(source.id, normalised.observations, stored_keys(known, scope)),
        *(load_rules(), catalogue, indicators),
        held,
        source.is_submission,
    )
    result = replace(result, rejected=normalised.with_raw_rows(result.rejected))
    return Validated(source, scope, snapshots, normalised, result, corrected.applications)


def enter(
    connection: Connection,
    validated_load: Validated,
    catalogue: Catalogue,
    run: ledger.Run,
    staging: Path,
    at: datetime,
    revision: str | None,
) -> int:
    """Stage the accepted rows and record the load in the ledger, in the caller's transaction.

    Returns the load_id.
    """
    scope, normalised, result = validated_load.scope, validated_load.normalised, validated_load.result
    fetch_ids = ledger.record_fetches(connection, validated_load.snapshots)
    load = {
        **_ledger_row(scope, run, normalised, result, at),
        **_stage(staging, run, result.accepted, fetch_ids),
        "revision": revision,
        "declaration": declaration(validated_load.source, catalogue),
        "code": code_digest(),
    }
    load_id = ledger.record_load(connection, load, fetch_ids.values())
    rejected = result.rejected.assign(fetch_id=result.rejected["url"].map(fetch_ids))
    ledger.record_rejected(connection, load_id, scope.source, rejected)
    ledger.record_warnings(connection, load_id, result.warnings)
    corrections = ({**each.row(), "fetch_id": fetch_ids[each.url]} for each in validated_load.corrections)
    ledger.record_corrections(connection, load_id, corrections)
    ledger.record_unmatched(connection, load_id, with_candidates(normalised.unmatched, catalogue))
    for validation in result.validations:
        ledger.record_validation(connection, load_id, validation.summary(), validation.document, at)
    return load_id


def publish_load(load_id: int, staging: Path, warehouse: Engine, clock: Clock) -> Outcome:
    """Publish a validated load in one transaction; a second call changes nothing.

    Raises:
        GateRefusedError: a gate rule of severity critical failed for the load.
        LoadError: the load in the ledger cannot be published.
    """
    with warehouse.begin() as connection:
        return publish(connection, load_id, staged_rows(staging), clock)


def staged_rows(staging: Path) -> Callable[[str], AbstractContextManager[BinaryIO]]:
    """Return a function that opens a staged file of a folder."""
    return lambda path: (staging / path).open("rb")


def _stage(
    staging: Path, run: ledger.Run, accepted: pd.DataFrame, fetch_ids: dict[str, int]
) -> dict[str, str]:
    """Stage the accepted rows; returns the columns of the ledger that name them."""
    rows = accepted.assign(fetch_id=accepted["url"].map(fetch_ids).astype("int64"))[staged.STAGED_COLUMNS]
    target = staging / run.staged_path
    stream = BytesIO()
    staged.write_ordered(_in_parts(rows), stream)
    content = stream.getbuffer()
    with storing(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    return {"staged_path": run.staged_path, "staged_sha256": hashlib.sha256(content).hexdigest()}


def _in_parts(rows: pd.DataFrame) -> Iterator[pa.Table]:
    """The rows in the order in which they are staged, part by part, with texts in place of categories."""
    (keys,) = alike(rows[staged.ORDER])
    order = np.lexsort([keys[column].cat.codes for column in reversed(staged.ORDER)])
    for begin in range(0, len(order), staged.ROWS_AT_A_TIME):
        part = rows.iloc[order[begin : begin + staged.ROWS_AT_A_TIME]]
        columns = [pa.array(part[field.name]).cast(field.type) for field in staged.STAGED_SCHEMA]
        yield pa.table(columns, staged.STAGED_SCHEMA)


def _ledger_row(
    scope: ledger.Scope,
    run: ledger.Run,
    normalised: Normalised,
    result: ValidationResult,
    at: datetime,
) -> dict[str, object]:
    return {
        "source": scope.source,
        "dag_id": run.dag_id,
        "run_id": run.run_id,
        "interval_start": scope.interval.start,
        "interval_end": scope.interval.end,
        "indicators": list(scope.indicators),
        "partial": scope.partial,
        "state": "refused" if result.refusals else "validated",
        "refusals": list(result.refusals),
        "warnings": list(result.load_warnings),
        "read_rows": len(normalised.observations),
        "accepted_rows": len(result.accepted),
        "rejected_rows": len(result.rejected),
        "empty_cells": normalised.empty_cells,
        "out_of_scope_rows": normalised.out_of_scope,
        "validated_at": at,
    }
