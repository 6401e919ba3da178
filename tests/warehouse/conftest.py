"""Fixtures: a publisher of one small chart, whose loads go through the real pipeline."""

import itertools
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from unittest.mock import patch

import pytest
from sqlalchemy import URL, Engine, create_engine

from city_indicators.catalog import load_catalogue
from city_indicators.core.archive import Archive
from city_indicators.core.intervals import Interval
from city_indicators.core.snapshots import Answer
from city_indicators.ingest import load as ingest
from city_indicators.ingest.validation.rules import load_rules
from city_indicators.warehouse.ledger import Run
from city_indicators.warehouse.publish import Outcome
from standalone.postgres import Server
from tests.conftest import new_warehouse
from tests.queries import rows
from tests.warehouse import exported

CATALOGUE = load_catalogue()
CHART = "per-capita-energy-use"
SOURCE = CATALOGUE.sources["owid_grapher"].model_copy(
    update={"series": [s for s in CATALOGUE.sources["owid_grapher"].series if s.code == CHART]}
)
RULES = load_rules().model_copy(update={"indicator_rules": []})
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def _named(code: str) -> str:
    """The name that the publisher writes beside the code of a place."""
    return SOURCE.area_names.get(code, (code,))[0]


class Publisher:
    """Loads values of a source: kWh per head by country for one year."""

    def __init__(self, warehouse: Engine, folder: Path) -> None:
        self.warehouse = warehouse
        self.folder = folder
        self._minutes = itertools.count()

    def validate(
        self, observations: dict[str, object], year: int = 2019, fetched_at: datetime | None = None
    ) -> int:
        at = fetched_at or NOON + timedelta(minutes=next(self._minutes))
        lines = [f"{_named(code)},{code},{year},{value}" for code, value in observations.items()]
        body = "\n".join(["Entity,Code,Year,Primary energy consumption per capita (kWh/person)", *lines])
        url = f"https://ourworldindata.org/grapher/{CHART}.csv?time={year}"
        archive = Archive(self.folder / "archive")
        snapshot = archive.store(SOURCE.id, Answer(url, body.encode(), "text/csv", None, None), at)
        # Fixtures of a module publish too, before `without_indicator_rules` applies.
        rules = ingest.load_rules().model_copy(update={"indicator_rules": []})
        with patch.object(ingest, "load_rules", lambda: rules):
            return ingest.validate(
                SOURCE,
                CATALOGUE,
                Interval(date(year, 1, 1), date(year + 1, 1, 1)),
                [snapshot],
                Run("ingest_owid_grapher", f"test {at.isoformat()}"),
                archive,
                self.staging,
                self.warehouse,
                at,
            )

    def publish(self, load_id: int) -> Outcome:
        at = NOON + timedelta(days=1, minutes=next(self._minutes))
        return ingest.publish_load(load_id, self.staging, self.warehouse, lambda: at)

    def load(
        self, observations: dict[str, object], year: int = 2019, fetched_at: datetime | None = None
    ) -> Outcome:
        return self.publish(self.validate(observations, year, fetched_at))

    @property
    def staging(self) -> Path:
        return self.folder / "staged"


@pytest.fixture
def publisher(warehouse: Engine, tmp_path: Path) -> Publisher:
    return Publisher(warehouse, tmp_path)


@pytest.fixture
def query(warehouse: Engine) -> Callable[[str], list[tuple[object, ...]]]:
    return partial(rows, warehouse)


@pytest.fixture(scope="session")
def specimens_url(server: Server) -> Iterator[URL]:
    """A warehouse with rows that are hard to export, for read-only tests."""
    with new_warehouse(server) as url:
        engine = create_engine(url)
        with engine.begin() as connection:
            exported.make(connection)
        engine.dispose()
        yield url


@pytest.fixture(scope="session")
def specimens(specimens_url: URL) -> Iterator[Engine]:
    """An engine on `specimens_url`."""
    engine = create_engine(specimens_url)
    yield engine
    engine.dispose()


@pytest.fixture(autouse=True)
def without_indicator_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    """The publishers of these tests give what they like: tests/corruption shows what is refused."""
    monkeypatch.setattr(ingest, "load_rules", lambda: RULES)
