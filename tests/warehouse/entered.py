"""Loads entered in the ledger without being judged, so that a test can make hundreds, of any source."""

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
from city_indicators.ingest.normalise import Tidy
from city_indicators.ingest.validation.validate import REJECTED_COLUMNS, REMARK_COLUMNS, Judgement
from city_indicators.warehouse.ledger import Run, Scope
from city_indicators.warehouse.staged import STAGED_COLUMNS
from tests.warehouse.conftest import CATALOGUE, NOON

NUMBER = itertools.count()


class Figure(NamedTuple):
    """A figure as a source gives it, fetched `later` minutes after the rest of its load."""

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
    """What a source tells of some years, `minute` minutes after NOON; `rejected` are figures told badly."""

    source: str
    years: range
    figures: Iterable[Figure]
    minute: int = 0
    rejected: Iterable[Figure] = ()
    indicators: tuple[str, ...] = ("ENERGY_PC",)
    partial: bool = False
    run_id: str = field(default_factory=lambda: f"test {next(NUMBER)}")

    @property
    def interval(self) -> Interval:
        return Interval(date(self.years[0], 1, 1), date(self.years[-1] + 1, 1, 1))

    def fetched_at(self, figure: Figure) -> datetime:
        return NOON + timedelta(minutes=self.minute + figure.later)

    def url(self, figure: Figure) -> str:
        return f"https://{self.source}.invalid/{self.years[0]}?to={self.years[-1]}&later={figure.later}"


def enter(warehouse: Engine, staging: Path, told: Told) -> int:
    """Stage the figures and enter the load as `validate` does; its load_id."""
    accepted, rejected = _frame(told, told.figures), _frame(told, told.rejected)
    rejected = rejected.assign(rule="plausible_range", reason="a test says so", raw_row="{}")
    judgement = Judgement(accepted, rejected[REJECTED_COLUMNS], pd.DataFrame(columns=REMARK_COLUMNS), (), ())
    scope = Scope(told.source, told.indicators, told.interval, told.partial)
    tidied = Tidy(pd.concat([accepted, rejected]), 0, 0, {})
    source = CATALOGUE.sources[told.source]
    judged = ingest.Judged(source, scope, snapshots(told), tidied, judgement)
    with warehouse.begin() as connection:
        run = Run("test", told.run_id)
        return ingest.enter(connection, judged, CATALOGUE, run, staging, NOON, None)


def snapshots(told: Told) -> list[Snapshot]:
    """One for each moment of the load; a load without figures has one all the same."""
    figures = [*told.figures, *told.rejected] or [Figure("", "", 0)]
    return [
        Snapshot(told.source, url, hashlib.sha256(repr((url, at)).encode()).hexdigest(), 0, "text/csv", at)
        for url, at in sorted({(told.url(figure), told.fetched_at(figure)) for figure in figures})
    ]


def _frame(told: Told, figures: Iterable[Figure]) -> pd.DataFrame:
    listed = list(figures)
    frame = pd.DataFrame(listed, columns=Figure._fields)
    columns = [column for column in STAGED_COLUMNS if column != "fetch_id"]
    return frame.assign(
        freq="A",
        url=[told.url(figure) for figure in listed],
        pointer=[f"line {number}" for number in range(len(listed))],
        value_as_published=[str(figure.obs_value) for figure in listed],
        unit_as_published="kWh",
    )[[*columns, "url"]]
