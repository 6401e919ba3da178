"""Files of a source read by the code that the DAG runs, without Airflow and without a warehouse."""

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
from city_indicators.core.snapshots import Snapshot
from city_indicators.ingest.normalise import KEY, normalise
from city_indicators.ingest.validation.corrections import Application, correct
from city_indicators.ingest.validation.rules import load_rules
from city_indicators.ingest.validation.validate import validate_observations
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
    """`accepted` has OBSERVATION_COLUMNS among others, `rejected` those of validate.REJECTED_COLUMNS."""

    accepted: pd.DataFrame
    rejected: pd.DataFrame
    empty_cells: int
    out_of_scope: int
    unmatched: Mapping[tuple[str, str], int]
    corrections: tuple[Application, ...] = ()

    def summary(self) -> str:
        """The account of the files in one line, and one more for each observation corrected."""
        read = len(self.accepted) + len(self.rejected)
        corrected = "".join(f"\ncorrected by {applied.told()}" for applied in self.corrections)
        return (
            f"read {read} = accepted {len(self.accepted)} + rejected {len(self.rejected)}; "
            f"empty cells {self.empty_cells}, out of scope {self.out_of_scope}, "
            f"unmatched places {len(self.unmatched)}{corrected}"
        )


def parse_files(source_id: str, files: list[Path], catalogue: Catalogue) -> Parsed:
    """Every year of some files of a source, validated by the row rules.

    A chart of Our World in Data is known by its file's name, `<chart>.csv`.

    Raises:
        SourceError: a file is not what the source's format promises.
        OSError: a file cannot be read at all.
    """
    source = catalogue.sources[source_id]

    def archived() -> Iterator[tuple[Snapshot, bytes]]:
        for file in files:
            content = file.read_bytes()
            sha256 = hashlib.sha256(content).hexdigest()
            yield (
                Snapshot(source.id, file.name, sha256, len(content), "", datetime.now(UTC)),
                content,
            )

    return parse(source, archived(), catalogue)


def parse(source: Source, archived: Archived, catalogue: Catalogue) -> Parsed:
    """Every year of some snapshots of a source, validated by the row rules.

    Raises:
        SourceError: a snapshot is not what the source's format promises.
    """
    return account(connector_of(source).read(source, archived, EVERY_YEAR), source, catalogue)


def account(records: Iterable[Record], source: Source, catalogue: Catalogue) -> Parsed:
    """The records of a source, corrected as declared and validated by the row rules."""
    normalised = normalise(records, source, catalogue, EVERY_YEAR)
    corrected = correct(normalised.observations, source, catalogue)
    indicators = list(dict.fromkeys(series.indicator for series in source.series))
    nothing_held = pd.DataFrame(columns=KEY)
    result = validate_observations(
        source.id, corrected.observations, nothing_held, load_rules(), catalogue, indicators
    )
    return Parsed(
        result.accepted.assign(source=source.id),
        result.rejected,
        normalised.empty_cells,
        normalised.out_of_scope,
        normalised.unmatched,
        corrected.applications,
    )
