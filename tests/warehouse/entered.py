"""Records loads in the ledger without validation, so that a test can make hundreds, of any source."""

import hashlib
import itertools
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import pandas as pd
from sqlalchemy import Engine

from city_indicators.core.intervals import Interval
from city_indicators.core.snapshots import Snapshot
from city_indicators.ingest import load as ingest
from city_indicators.ingest.normalise import Normalised
from city_indicators.ingest.validation.validate import REJECTED_COLUMNS, WARNING_COLUMNS, ValidationResult
from city_indicators.warehouse.ledger import Run, Scope
from city_indicators.warehouse.staged import STAGED_COLUMNS
from tests.warehouse.conftest import CATALOGUE, NOON

NUMBER = itertools.count()


class Observation(NamedTuple):
    """An observation of a source, fetched `later` minutes after the rest of its load."""

    ref_area: str
    time_period: str
    obs_value: float
    indicator: str = "ENERGY_PC"
    unit_measure: str = "KWH_PC"
    obs_status: str = "A"
    geo_basis: str = "country"
    later: int = 0


@dataclass(frozen=True)
class LoadInput:
    """The observations of a load, fetched `minute` minutes after NOON; `rejected` are rejected ones."""

    source: str
    years: range
    observations: Iterable[Observation]
    minute: int = 0
    rejected: Iterable[Observation] = ()
    indicators: tuple[str, ...] = ("ENERGY_PC",)
    partial: bool = False
    run_id: str = field(default_factory=lambda: f"test {next(NUMBER)}")

    @property
    def interval(self) -> Interval:
        return Interval(date(self.years[0], 1, 1), date(self.years[-1] + 1, 1, 1))

    def fetched_at(self, observation: Observation) -> datetime:
        return NOON + timedelta(minutes=self.minute + observation.later)

    def url(self, observation: Observation) -> str:
        return f"https://{self.source}.invalid/{self.years[0]}?to={self.years[-1]}&later={observation.later}"


def enter(warehouse: Engine, staging: Path, given: LoadInput) -> int:
    """Stage the observations and record the load as `validate` does; returns the load_id."""
    accepted, rejected = _frame(given, given.observations), _frame(given, given.rejected)
    rejected = rejected.assign(rule="plausible_range", reason="rejected by the test", raw_row="{}")
    result = ValidationResult(
        accepted, rejected[REJECTED_COLUMNS], pd.DataFrame(columns=WARNING_COLUMNS), (), ()
    )
    scope = Scope(given.source, given.indicators, given.interval, given.partial)
    normalised = Normalised(pd.concat([accepted, rejected]), 0, 0, {})
    source = CATALOGUE.sources[given.source]
    validated = ingest.Validated(source, scope, snapshots(given), normalised, result)
    with warehouse.begin() as connection:
        run = Run("test", given.run_id)
        return ingest.enter(connection, validated, CATALOGUE, run, staging, NOON, None)


def snapshots(given: LoadInput) -> list[Snapshot]:
    """One snapshot for each time of fetch; a load without observations has one too."""
    observations = [*given.observations, *given.rejected] or [Observation("", "", 0)]
    return [
        Snapshot(given.source, url, hashlib.sha256(repr((url, at)).encode()).hexdigest(), 0, "text/csv", at)
        for url, at in sorted(
            {(given.url(observation), given.fetched_at(observation)) for observation in observations}
        )
    ]


def _frame(given: LoadInput, observations: Iterable[Observation]) -> pd.DataFrame:
    listed = list(observations)
    frame = pd.DataFrame(listed, columns=Observation._fields)
    columns = [column for column in STAGED_COLUMNS if column != "fetch_id"]
    return frame.assign(
        freq="A",
        url=[given.url(observation) for observation in listed],
        pointer=[f"line {number}" for number in range(len(listed))],
        value_as_published=[str(observation.obs_value) for observation in listed],
        unit_as_published="kWh",
    )[[*columns, "url"]]
