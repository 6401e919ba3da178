"""PostgreSQL killed during a publication: after the restart the load is complete or absent."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import count, product
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event, Thread
from typing import Final

import psycopg
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sqlalchemy import URL, TextClause, event, text
from sqlalchemy.exc import OperationalError

from city_indicators.ingest.load import publish_load
from city_indicators.warehouse.catalog_sync import sync
from city_indicators.warehouse.checksums import checksums
from city_indicators.warehouse.database import engine, statement
from city_indicators.warehouse.publish import Outcome
from city_indicators.warehouse.staged import rows_of_blocks
from city_indicators.warehouse.upgrade import upgrade
from standalone import databases, postgres, processes
from standalone.settings import POSTGRES_URL_VARIABLE, Settings
from standalone.stack import Stack
from tests.queries import rows
from tests.warehouse.conftest import CATALOGUE, NOON
from tests.warehouse.entered import LoadInput, Observation, enter
from tests.warehouse.invariants import check_stored_blocks

INDICATORS: Final = tuple(CATALOGUE.indicators)[:12]
PLACES: Final = (*CATALOGUE.countries, *CATALOGUE.cities)
SECONDS: Final = 60
"""Timeout of a test."""
NUMBER = count()


class Machine:
    """A separate PostgreSQL that can be killed at any time."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self._down = Event()
        self.server = postgres.start(stack)
        databases.create(self.server)
        self.template = self.server.url(databases.WAREHOUSE, "etl")
        upgrade(self.template)
        sync(self.template)

    def new_warehouse(self) -> URL:
        name = f"killed_{next(NUMBER)}"
        self.as_administrator(f"create database {name} template {databases.WAREHOUSE} owner etl")
        return self.server.url(name, "etl")

    def as_administrator(self, command: str) -> None:
        with engine(self.server.admin).connect() as connection:
            connection.execution_options(isolation_level="AUTOCOMMIT").exec_driver_sql(command)

    def kill(self) -> None:
        """SIGKILL every process of the server."""
        postmaster = self.stack.services[postgres.SERVICE]
        leader = postmaster.process()
        assert leader is not None
        # Suspended first, so that none starts another process or cleans up when another dies.
        leader.suspend()
        everything = postmaster.everything()
        for process in everything:
            process.suspend()
        for process in everything:
            process.kill()
        leader.wait(SECONDS)
        while any(map(processes._is_alive, everything)):
            continue
        self._down.set()

    def kill_with_all_on_disk(self) -> None:
        """Kill the server after uncommitted changes have reached the table files."""
        self.as_administrator("checkpoint")
        self.kill()

    def restart(self) -> list[Path]:
        """Restart the killed server; returns the files of temporary tables that were left."""
        assert self._down.wait(SECONDS)
        self._down.clear()
        left = self.temporary_files()
        postgres.start(self.stack)
        return left

    def temporary_files(self) -> list[Path]:
        return list(self.stack.settings.pgdata.glob("base/*/t*_*"))


@pytest.fixture(scope="module")
def machine() -> Iterator[Machine]:
    with (
        TemporaryDirectory(prefix="ci-test-") as home,
        pytest.MonkeyPatch.context() as patch,
        Stack(Settings(home=Path(home))) as stack,
    ):
        patch.delenv(POSTGRES_URL_VARIABLE, raising=False)
        yield Machine(stack)


def observations(years: range, value: float) -> list[Observation]:
    return [
        Observation(place, str(year), value + number, indicator)
        for year, indicator, (number, place) in product(years, INDICATORS, enumerate(PLACES))
    ]


# 12 indicators × 76 places: 912 observations per year.
FIRST: Final = LoadInput(
    "world_bank", range(2015, 2019), observations(range(2015, 2019), 1), 0, (), INDICATORS
)
SECOND: Final = LoadInput(
    "world_bank",
    range(2015, 2020),
    [
        *observations(range(2015, 2016), 1),
        *observations(range(2016, 2017), 2),
        *(observation for observation in observations(range(2017, 2018), 1) if observation.ref_area != "RUS"),
        *observations(range(2018, 2019), 1),
        *observations(range(2019, 2020), 3),
    ],
    1,
    (),
    INDICATORS,
)
# 2019 is new, 2016 differs; Russia is missing in 2017, whose other 900 are unchanged like 2015 and 2018.
WHAT_THE_SECOND_DOES: Final = Outcome(added=912, revised=912, withdrawn=12, unchanged=2724, outdated=0)
LIVE = "select ref_area, time_period, obs_value, indicator from core.observation"


class Warehouse:
    """A warehouse with one load published and a second one validated."""

    def __init__(self, url: URL, staging: Path) -> None:
        self.engine = engine(url)
        self.staging = staging
        assert self.publish(enter(self.engine, staging, FIRST)).added == 4 * 912
        self.load_id = enter(self.engine, staging, SECOND)

    def publish(self, load_id: int) -> Outcome:
        at = NOON + timedelta(days=load_id)
        return publish_load(load_id, self.staging, self.engine, lambda: at)

    def rows(self, query: str) -> list[tuple[object, ...]]:
        return rows(self.engine, query)

    def check_publication(self) -> None:
        check_stored_blocks(self.rows)
        assert set(self.rows(LIVE)) == {observation[:4] for observation in SECOND.observations}
        assert self.rows("select count(*) from core.observation_version") == [(4 * 912 + 2 * 912 + 12,)]
        assert self.rows("select state from ops.load") == [("published",)] * 2


@pytest.fixture
def warehouse(machine: Machine, tmp_path: Path) -> Warehouse:
    return Warehouse(machine.new_warehouse(), tmp_path)


# Ways to kill the server during a publication, arranged before the load is published.
Arrange = Callable[[Machine, Warehouse, pytest.MonkeyPatch], None]


def during_copy(machine: Machine, warehouse: Warehouse, patch: pytest.MonkeyPatch) -> None:
    def some(
        rows: pq.ParquetFile, blocks: set[tuple[str, str]], columns: list[str]
    ) -> Iterator[pa.RecordBatch]:
        (batch,) = rows_of_blocks(rows, blocks, columns)
        yield batch.slice(0, 300)
        yield batch.slice(300, 300)
        machine.kill_with_all_on_disk()
        yield batch.slice(600)

    patch.setattr("city_indicators.warehouse.publish.rows_of_blocks", some)


def before_step(step: str) -> Arrange:
    def arrange(machine: Machine, warehouse: Warehouse, patch: pytest.MonkeyPatch) -> None:
        def killing(name: str) -> TextClause:
            if name == f"publish/{step}":
                machine.kill_with_all_on_disk()
            return statement(name)

        patch.setattr("city_indicators.warehouse.publish.statement", killing)

    return arrange


WAITING = text("select count(*) from pg_locks where not granted")
# The last row that the load appends.
IN_THE_WAY = text("""
insert into core.observation_version
select (jsonb_populate_record(observation, '{"time_period": "2019"}')).*
from core.observation_version as observation
order by indicator desc, ref_area desc
limit 1
""")


def within_a_statement(machine: Machine, warehouse: Warehouse, patch: pytest.MonkeyPatch) -> None:
    """The append waits at its last row for a transaction with the same key."""
    in_the_way = Event()

    def kill_when_it_waits() -> None:
        with warehouse.engine.connect() as rival:
            rival.execute(IN_THE_WAY)
            in_the_way.set()
            while not rival.execute(WAITING).scalar_one():
                continue
            machine.kill_with_all_on_disk()
            rival.invalidate()

    def awaited(name: str) -> TextClause:
        if name == "publish/insert_fresh_blocks":
            Thread(target=kill_when_it_waits).start()
            assert in_the_way.wait(SECONDS)
        return statement(name)

    patch.setattr("city_indicators.warehouse.publish.statement", awaited)


def before_commit(machine: Machine, warehouse: Warehouse, patch: pytest.MonkeyPatch) -> None:
    event.listen(warehouse.engine, "commit", lambda _: machine.kill_with_all_on_disk(), once=True)


MOMENTS: Final[dict[str, Arrange]] = {
    "within the COPY": during_copy,
    "after the COPY": before_step("analyze_staged"),
    "within an append": within_a_statement,
    "after the append": before_step("classify"),
    "before the ledger": before_step("close_load"),
    "before the commit": before_commit,
}


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_server_killed_during_a_publication_can_load_again(
    moment: str, machine: Machine, warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = checksums(warehouse.engine.url)
    with monkeypatch.context() as patch:
        MOMENTS[moment](machine, warehouse, patch)
        with pytest.raises((OperationalError, psycopg.OperationalError)):
            warehouse.publish(warehouse.load_id)
    assert machine.restart()
    assert machine.temporary_files() == []
    assert checksums(warehouse.engine.url) == before
    assert warehouse.publish(warehouse.load_id) == WHAT_THE_SECOND_DOES
    warehouse.check_publication()


def test_a_server_killed_after_the_commit_has_the_complete_load(
    machine: Machine, warehouse: Warehouse
) -> None:
    warehouse.publish(warehouse.load_id)
    machine.kill()
    machine.restart()
    warehouse.check_publication()
    assert warehouse.publish(warehouse.load_id) == WHAT_THE_SECOND_DOES
    warehouse.check_publication()
