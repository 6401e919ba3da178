"""Publishes loads that are recorded without validation, and checks the warehouse after each."""

from datetime import timedelta
from pathlib import Path
from typing import Final

from sqlalchemy import Engine

from city_indicators.ingest.load import publish_load
from city_indicators.warehouse.publish import Outcome
from tests.queries import rows
from tests.warehouse.conftest import NOON
from tests.warehouse.entered import LoadInput, Observation, enter
from tests.warehouse.invariants import check_stored_blocks

SOURCE: Final = "owid_grapher"


class Bench:
    """Publishes loads of a source and checks the invariants of the warehouse."""

    def __init__(self, warehouse: Engine, staging: Path) -> None:
        self.warehouse = warehouse
        self.staging = staging
        self._published = 0

    def load(
        self, *observations: Observation, minute: int = 0, rejected: tuple[Observation, ...] = ()
    ) -> Outcome:
        return self.load_input(LoadInput(SOURCE, range(2019, 2020), observations, minute, rejected))

    def load_input(self, given: LoadInput) -> Outcome:
        load_id = enter(self.warehouse, self.staging, given)
        self._published += 1
        at = NOON + timedelta(days=1, minutes=self._published)
        return publish_load(load_id, self.staging, self.warehouse, lambda: at)

    def rows(self, query: str, **parameters: object) -> list[tuple[object, ...]]:
        return rows(self.warehouse, query, **parameters)

    def digest(self, time_period: str = "2019") -> object:
        """The stored digest of the block, after checking that it is correct."""
        check_stored_blocks(self.rows)
        ((digest,),) = self.rows(
            "select digest from core.observation_block where time_period = :of and indicator = 'ENERGY_PC'",
            of=time_period,
        )
        return digest
