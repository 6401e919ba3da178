"""Reads and validates files of a source with the DAG's code, without Airflow and without a warehouse."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import pandas as pd

from city_indicators.catalog.models import Catalogue
from city_indicators.catalog.source import Source
from city_indicators.core.intervals import EVERY_YEAR
from city_indicators.core.snapshots import LocalFile, Snapshot
from city_indicators.ingest.categories import plain
from city_indicators.ingest.normalise import KEY, Normalised, normalise, normalise_cells
from city_indicators.ingest.validation.corrections import Application, correct
from city_indicators.ingest.validation.rules import load_rules
from city_indicators.ingest.validation.validate import validate_observations
from city_indicators.sources.cells import read_cells
from city_indicators.sources.connectors import connector_of
from city_indicators.sources.records import Archived, Record

OBSERVATION_COLUMNS: Final = [
    "ref_area",
    "indicator",
    "freq",
    "time_period",
    "obs_value",
    "unit_measure",
    "obs_status",
    "geo_basis",
    "source",
]


@dataclass(frozen=True)
class Parsed:
    """Accepted and rejected rows of some files.

    `accepted` has OBSERVATION_COLUMNS and more, `rejected` has validate.REJECTED_COLUMNS.
    """

    accepted: pd.DataFrame
    rejected: pd.DataFrame
    empty_cells: int
    out_of_scope: int
    unmatched: Mapping[tuple[str, str], int]
    corrections: tuple[Application, ...] = ()

    def summary(self) -> str:
        """Row counts in one line, and one line for each correction applied."""
        read = len(self.accepted) + len(self.rejected)
        corrected = "".join(f"\ncorrected by {applied.summary()}" for applied in self.corrections)
        return (
            f"read {read} = accepted {len(self.accepted)} + rejected {len(self.rejected)}; "
            f"empty cells {self.empty_cells}, out of scope {self.out_of_scope}, "
            f"unmatched places {len(self.unmatched)}{corrected}"
        )


def parse_files(source_id: str, files: list[Path], catalogue: Catalogue) -> Parsed:
    """Read all years of some files of a source and validate them by the row rules.

    The file of an Our World in Data chart must be named `<chart>.csv`.

    Raises:
        SourceError: a file is not in the format that the source declares.
        OSError: a file cannot be read at all.
    """
    source = catalogue.sources[source_id]

    def archived() -> Iterator[tuple[Snapshot, bytes]]:
        for file in files:
            content = file.read_bytes()
            sha256 = hashlib.sha256(content).hexdigest()
            yield (
                LocalFile(source.id, file.name, sha256, len(content), "", datetime.now(UTC)),
                content,
            )

    return parse(source, archived(), catalogue)


def parse(source: Source, archived: Archived, catalogue: Catalogue) -> Parsed:
    """Read all years of some snapshots of a source and validate them by the row rules.

    Raises:
        SourceError: a snapshot is not in the format that the source declares.
    """
    cells = read_cells(connector_of(source), source, archived, EVERY_YEAR)
    return _parsed(normalise_cells(cells, source, catalogue, EVERY_YEAR), source, catalogue)


def parse_records(records: Iterable[Record], source: Source, catalogue: Catalogue) -> Parsed:
    """Normalise records of a source, correct them as declared and validate them by the row rules."""
    return _parsed(normalise(records, source, catalogue, EVERY_YEAR), source, catalogue)


def _parsed(normalised: Normalised, source: Source, catalogue: Catalogue) -> Parsed:
    corrected = correct(normalised.observations, source, catalogue)
    indicators = list(dict.fromkeys(series.indicator for series in source.series))
    nothing_stored = pd.DataFrame(columns=KEY)
    result = validate_observations(
        source.id, corrected.observations, nothing_stored, load_rules(), catalogue, indicators
    )
    return Parsed(
        plain(normalised.with_raw_rows(result.accepted)).assign(source=source.id),
        normalised.with_raw_rows(result.rejected),
        normalised.empty_cells,
        normalised.out_of_scope,
        normalised.unmatched,
        corrected.applications,
    )
