"""Loads entered in the ledger without being validated, so that a test can make hundreds, of any source."""

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
    """An observation as a source gives it, fetched `later` minutes after the rest of its load."""

    ref_area: str
    time_period: str
    obs_value: float
    indicator: str = "ENERGY_PC"
    unit_measure: str = "KWH_PC"
    obs_status: str = "A"
    geo_basis: str = "country"
    later: int = 0


@dataclass(frozen=True)
class Told:
    """What a source tells of some years, `minute` minutes after NOON; `rejected` are observations told badly."""

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


def enter(warehouse: Engine, staging: Path, told: Told) -> int:
    """Stage the observations and enter the load as `validate` does; its load_id."""
    accepted, rejected = _frame(told, told.observations), _frame(told, told.rejected)
    rejected = rejected.assign(rule="plausible_range", reason="a test says so", raw_row="{}")
    result = ValidationResult(
        accepted, rejected[REJECTED_COLUMNS], pd.DataFrame(columns=WARNING_COLUMNS), (), ()
    )
    scope = Scope(told.source, told.indicators, told.interval, told.partial)
    normalised = Normalised(pd.concat([accepted, rejected]), 0, 0, {})
    source = CATALOGUE.sources[told.source]
    validated = ingest.Validated(source, scope, snapshots(told), normalised, result)
    with warehouse.begin() as connection:
        run = Run("test", told.run_id)
        return ingest.enter(connection, validated, CATALOGUE, run, staging, NOON, None)


def snapshots(told: Told) -> list[Snapshot]:
    """One for each moment of the load; a load without observations has one all the same."""
    observations = [*told.observations, *told.rejected] or [Observation("", "", 0)]
    return [
        Snapshot(told.source, url, hashlib.sha256(repr((url, at)).encode()).hexdigest(), 0, "text/csv", at)
        for url, at in sorted(
            {(told.url(observation), told.fetched_at(observation)) for observation in observations}
        )
    ]


def _frame(told: Told, observations: Iterable[Observation]) -> pd.DataFrame:
    listed = list(observations)
    frame = pd.DataFrame(listed, columns=Observation._fields)
    columns = [column for column in STAGED_COLUMNS if column != "fetch_id"]
    return frame.assign(
        freq="A",
        url=[told.url(observation) for observation in listed],
        pointer=[f"line {number}" for number in range(len(listed))],
        value_as_published=[str(observation.obs_value) for observation in listed],
        unit_as_published="kWh",
    )[[*columns, "url"]]
