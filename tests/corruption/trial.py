"""Loads a corrupted publication through the real connector, gate and publication, and rolls it back."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch
from urllib.parse import urlencode

import pandas as pd
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import Connection, text

from city_indicators.catalog import Catalogue, Source
from city_indicators.core.archive import Archive
from city_indicators.core.errors import CityIndicatorsError, SourceError
from city_indicators.core.intervals import Interval
from city_indicators.core.snapshots import Answer, Snapshot
from city_indicators.ingest import load as ingest
from city_indicators.sources.connectors import connector_of
from city_indicators.warehouse.ledger import Run
from city_indicators.warehouse.publish import publish
from demo.mock_sources import app, codecarbon, json_pages, undata, what_a_waste
from demo.sample import tables
from demo.sample.table import load_sample

NOON: Final = datetime(2026, 1, 1, 12, tzinfo=UTC)
PUBLISHED: Final = text(
    "select ref_area, indicator, time_period, obs_value from core.observation where source = :source"
)
READ_SAMPLE: Final = (tables, undata, what_a_waste, codecarbon)


@dataclass(frozen=True)
class Outcome:
    """What became of a load: why it stopped, its warnings, how many rows were rejected, what is published.

    `published` are the published values of the source by place, indicator and period.
    """

    stopped: str
    warnings: tuple[str, ...]
    rejected: int
    published: Mapping[tuple[str, str, str], float]


@dataclass(frozen=True)
class Trial:
    """A source with its years, loaded with any sample in a transaction that is rolled back unless kept."""

    source: Source
    catalogue: Catalogue
    interval: Interval
    folder: Path

    def run(self, connection: Connection, sample: Path, number: int, *, keep: bool = False) -> Outcome:
        """Load the sample; the `number` orders the loads in time."""
        at = NOON + timedelta(hours=number)
        transaction = connection.begin()
        try:
            outcome = self._load(connection, sample, at)
        except CityIndicatorsError as error:
            outcome = Outcome(f"{type(error).__name__}: {error}", (), 0, {})
        if keep:
            transaction.commit()
        else:
            transaction.rollback()
        return outcome

    def _load(self, connection: Connection, sample: Path, at: datetime) -> Outcome:
        archive = Archive(self.folder / "archive")
        snapshots = self._fetch(sample, archive, at)
        validated = ingest.validated(
            self.source, self.catalogue, self.interval, snapshots, archive, connection
        )
        run = Run(self.source.dag_id, at.isoformat())
        staging = self.folder / "staged"
        load_id = ingest.enter(connection, validated, self.catalogue, run, staging, at, None)
        result = validated.result
        if result.refusals:
            return Outcome(f"gate: {'; '.join(result.refusals)}", (), len(result.rejected), {})
        publish(connection, load_id, ingest.staged_rows(staging), lambda: at)
        found = connection.execute(PUBLISHED, {"source": self.source.id})
        values = {(row.ref_area, row.indicator, row.time_period): row.obs_value for row in found}
        return Outcome("", result.load_warnings, len(result.rejected), values)

    def _fetch(self, sample: Path, archive: Archive, at: datetime) -> list[Snapshot]:
        with mock_source(self.source, sample) as client:

            def fetch(path: str, params: Mapping[str, str]) -> tuple[Snapshot, bytes]:
                answer = client.get(f"/{self.source.id}{path}", params=params or None)
                if answer.status_code != 200:
                    raise SourceError(self.source.id, path, f"HTTP {answer.status_code}", "none")
                address = f"{self.source.base_url}{path}?{urlencode(params)}"
                media_type = answer.headers["content-type"]
                stored = archive.store(
                    self.source.id, Answer(address, answer.content, media_type, None, None), at
                )
                return stored, answer.content

            return connector_of(self.source).fetch(self.source, self.catalogue, self.interval, fetch)


@contextmanager
def mock_source(source: Source, sample: Path) -> Iterator[TestClient]:
    """The mock source with the sample of a folder."""
    with patch_all(READ_SAMPLE, "SAMPLE", sample):
        server = FastAPI()
        if source.id in app.WIRE_FORMATS:
            router = app.WIRE_FORMATS[source.id].router(load_sample(sample))
        else:
            is_json = source.layout is not None and source.layout.kind == "json"
            router = (json_pages if is_json else app.FILE_FORMATS[source.format]).router(source)
        server.include_router(router, prefix=f"/{source.id}")
        with TestClient(server) as client:
            yield client


@contextmanager
def patch_all(modules: tuple[Any, ...], name: str, value: Any) -> Iterator[None]:
    """Replace a name of several modules."""
    patches = [patch.object(module, name, value) for module in modules]
    for each in patches:
        each.start()
    try:
        yield
    finally:
        for each in patches:
            each.stop()


def wrong(outcome: Outcome, truth: Mapping[tuple[str, str, str], float]) -> pd.DataFrame:
    """Published values that differ from the truth, or are missing from what is published."""
    return pd.DataFrame(
        [
            (*key, value, outcome.published.get(key))
            for key, value in truth.items()
            if outcome.published.get(key) != value
        ],
        columns=["ref_area", "indicator", "time_period", "true_value", "published"],
    )
