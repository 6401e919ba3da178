"""Concurrent publications lose, duplicate and block nothing."""

import itertools
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import pytest
from sqlalchemy import URL, Connection, TextClause, event, text

from city_indicators.ingest.load import publish_load, staged_rows
from city_indicators.reports.refresh import refresh
from city_indicators.warehouse import ledger
from city_indicators.warehouse.database import engine, statement
from city_indicators.warehouse.publish import Outcome, publish
from tests.methods import METHODS, RESEARCH
from tests.warehouse.conftest import CATALOGUE, NOON
from tests.warehouse.entered import LoadInput, Observation, enter, snapshots
from tests.warehouse.invariants import check_stored_blocks

Query = Callable[[str], list[tuple[object, ...]]]

SOURCE: Final = "owid_grapher"
SOURCES: Final = sorted(CATALOGUE.sources)[:8]
INDICATORS: Final = ("CO2_PC", "ENERGY_PC")
UNITS: Final = {"CO2_PC": "T_PC", "ENERGY_PC": "KWH_PC"}
PLACES: Final = ("ARE", "ARG", "AUS", "BRA", "CAN", "CHN", "COL", "DEU", "EGY", "ESP", "ETH", "RUS")
REFRESHED_AT: Final = datetime(2026, 2, 1, tzinfo=UTC)
SECONDS: Final = 60
"""Timeout of a test."""

WAITING = "select count(*) from pg_locks where not granted"
FETCHES = "select fetch_id from archive.fetch_event order by 1"
REPORTS = {
    "rating": "select rating, time_period, ref_area, score, rank from report.rating order by 1, 2, 3",
    "rating_indicator": "select * from report.rating_indicator order by 1, 2, 3, 4",
    "city_profile": "select * from report.city_profile order by 1, 6",
    "data_coverage": "select * from report.data_coverage order by 1, 2, 3, 4",
}


class Runs:
    """Threads that publish, each on its own connections, with one clock that never repeats a time."""

    def __init__(self, url: URL, staging: Path) -> None:
        self.url = url
        self.staging = staging
        self._minutes = itertools.count()

    def now(self) -> datetime:
        return NOON + timedelta(days=1, minutes=next(self._minutes))

    def load(self, given: LoadInput, before_commit: threading.Barrier | None = None) -> Outcome:
        """Record and publish a load as a DAG run does."""
        own = engine(self.url)
        load_id = enter(own, self.staging, given)
        with own.begin() as connection:
            outcome = publish(connection, load_id, staged_rows(self.staging), self.now)
            if before_commit:
                before_commit.wait(SECONDS)
            return outcome

    def refresh_until(self, done: Callable[[], bool]) -> list[int]:
        """Refresh the reports repeatedly, and once at the end; returns the loads of each refresh."""
        own = engine(self.url)
        loads = []
        while not done():
            loads.append(refresh(own, METHODS, RESEARCH, REFRESHED_AT).loads)
        return [*loads, refresh(own, METHODS, RESEARCH, REFRESHED_AT).loads]

    def series(self, loads: list[LoadInput]) -> list[Outcome]:
        return [self.load(each) for each in loads]


@pytest.fixture
def runs(warehouse_url: URL, tmp_path: Path) -> Runs:
    return Runs(warehouse_url, tmp_path)


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(9) as pool:
        yield pool


def observations(years: range, run: int, without: tuple[str, ...] = ()) -> list[Observation]:
    """Observations whose values identify the run and the place: `run` thousands and the place's number."""
    return [
        Observation(place, str(year), 1000 * run + number, indicator, UNITS[indicator])
        for year in years
        for indicator in INDICATORS
        for number, place in enumerate(PLACES)
        if place not in without
    ]


def given(years: range, run: int, without: tuple[str, ...] = (), source: str = SOURCE) -> LoadInput:
    return LoadInput(source, years, observations(years, run, without), minute=run, indicators=INDICATORS)


def live(query: Query) -> set[tuple[object, ...]]:
    return set(query("select ref_area, time_period, obs_value, indicator from core.observation"))


@contextmanager
def source_locked(url: URL) -> Iterator[Connection]:
    """Hold the lock of the source like a running publication."""
    with engine(url).begin() as holder:
        holder.execute(text(f"select pg_advisory_xact_lock(hashtextextended('publish {SOURCE}', 0))"))
        yield holder


def wait_for_waiting(number: int, holder: Connection, running: Sequence[Future[Any]]) -> None:
    """Wait until `number` sessions wait for the holder's lock; none of them may end before."""
    while holder.execute(text(WAITING)).scalar_one() != number:
        for each in running:
            assert not each.done(), each.exception() or each.result()


def test_two_backfills_and_a_scheduled_run_of_one_source(
    runs: Runs, threads: ThreadPoolExecutor, query: Query
) -> None:
    forwards = [given(range(year, year + 1), 1, without=("ARE",)) for year in range(2014, 2018)]
    scheduled = [given(range(2014, 2020), 2, without=("BRA",))]
    backwards = [given(range(year, year + 1), 3, without=("CHN",)) for year in range(2019, 2015, -1)]
    every = (forwards, scheduled, backwards)
    with source_locked(runs.url) as holder:
        running = [threads.submit(runs.series, loads) for loads in every]
        wait_for_waiting(3, holder, running)
        refreshing = threads.submit(runs.refresh_until, lambda: all(run.done() for run in running))
    assert [len(run.result(SECONDS)) for run in running] == [4, 1, 4]
    assert sum(refreshing.result(SECONDS)) == 9
    # All three waited for the source, so each published once before any published twice.
    order = [run_id for (run_id,) in query("select run_id from ops.load order by published_at")]
    assert {loads[0].run_id for loads in every} == set(order[:3])
    assert len(order) == 9
    check_stored_blocks(query)
    # Each year has the values that were fetched last, whichever load was published last.
    assert live(query) == {
        observation[:4]
        for observation in (
            *observations(range(2014, 2016), 2, ("BRA",)),
            *observations(range(2016, 2020), 3, ("CHN",)),
        )
    }
    check_reports(runs, query)


def check_reports(runs: Runs, query: Query) -> None:
    """Check that the reports equal a complete rebuild."""
    written = {table: query(of) for table, of in REPORTS.items()}
    refresh(engine(runs.url), METHODS, RESEARCH, REFRESHED_AT, rebuild=True)
    assert {table: query(of) for table, of in REPORTS.items()} == written
    assert all(written.values())


def test_eight_sources_at_once(runs: Runs, threads: ThreadPoolExecutor, query: Query) -> None:
    """In each round all eight write before any commits; the reports are refreshed meanwhile."""
    refreshed: list[int] = []
    own = engine(runs.url)
    all_have_written = threading.Barrier(
        8, lambda: refreshed.append(refresh(own, METHODS, RESEARCH, REFRESHED_AT).loads)
    )

    def series(source: str) -> list[Outcome]:
        years = range(2014, 2017)
        revised = given(years, 2, without=("BRA",), source=source)
        return [
            runs.load(each, all_have_written)
            for each in (
                given(years, 1, source=source),
                revised,
                replace(revised, minute=3, run_id=f"again {source}"),
            )
        ]

    running = [threads.submit(series, source) for source in SOURCES]
    # 2 indicators, 3 years, 12 places, of which Brazil is then withdrawn.
    expected = [Outcome(72, 0, 0, 0, 0), Outcome(0, 66, 6, 0, 0), Outcome(0, 0, 0, 66, 0)]
    assert [run.result(SECONDS) for run in running] == [expected] * 8
    # A refresh neither sees nor waits for uncommitted loads.
    assert refreshed == [0, 8, 8]
    assert refresh(own, METHODS, RESEARCH, REFRESHED_AT).loads == 8
    check_stored_blocks(query)
    assert query("select count(*), sum(added + revised + withdrawn) from ops.load") == [(24, 8 * 144)]
    assert query("select count(*) from core.observation_version") == [(8 * 144,)]
    assert live(query) == {observation[:4] for observation in observations(range(2014, 2017), 2, ("BRA",))}
    check_reports(runs, query)


def test_a_load_published_during_a_refresh_is_in_the_next_one(
    runs: Runs, threads: ThreadPoolExecutor, query: Query, monkeypatch: pytest.MonkeyPatch
) -> None:
    published: list[Outcome] = []

    def publish_before_the_end(name: str) -> TextClause:
        if name == "refresh/close_loads" and not published:
            published.append(threads.submit(runs.load, given(range(2019, 2020), 2)).result(SECONDS))
        return statement(name)

    runs.load(given(range(2019, 2020), 1))
    monkeypatch.setattr("city_indicators.reports.refresh.statement", publish_before_the_end)
    own = engine(runs.url)
    assert refresh(own, METHODS, RESEARCH, REFRESHED_AT).loads == 1
    assert published == [Outcome(0, 24, 0, 0, 0)]
    assert query("select report_refresh_id is null from ops.load order by load_id") == [(False,), (True,)]
    assert refresh(own, METHODS, RESEARCH, REFRESHED_AT).loads == 1
    check_reports(runs, query)


def test_two_refreshes_wait_for_each_other(runs: Runs, threads: ThreadPoolExecutor, query: Query) -> None:
    """The second one sees what the first one has included."""
    runs.load(given(range(2019, 2020), 1))
    with engine(runs.url).begin() as holder:
        holder.execute(text("select pg_advisory_xact_lock(hashtextextended('refresh reports', 0))"))
        running = [
            threads.submit(refresh, engine(runs.url), METHODS, RESEARCH, REFRESHED_AT) for _ in range(2)
        ]
        wait_for_waiting(2, holder, running)
    assert sorted(each.result(SECONDS).loads for each in running) == [0, 1]
    assert query("select count(*) from ops.report_refresh") == [(1,)]
    check_reports(runs, query)


def test_publishes_a_load_of_two_concurrent_tasks_once(
    runs: Runs, threads: ThreadPoolExecutor, query: Query
) -> None:
    own = engine(runs.url)
    load_id = enter(own, runs.staging, given(range(2019, 2020), 1))
    with source_locked(runs.url) as holder:
        running = [
            threads.submit(publish_load, load_id, runs.staging, engine(runs.url), runs.now) for _ in range(2)
        ]
        wait_for_waiting(2, holder, running)
    assert [each.result(SECONDS) for each in running] == [Outcome(24, 0, 0, 0, 0)] * 2
    assert query("select count(*) from core.observation_version") == [(24,)]
    check_stored_blocks(query)


BRAZIL_AND_RUSSIA: Final = LoadInput(
    SOURCE, range(2019, 2020), [Observation("BRA", "2019", 1), Observation("RUS", "2019", 1, later=1)]
)


def test_two_loads_record_shared_snapshots_without_deadlock(
    runs: Runs, threads: ThreadPoolExecutor, query: Query
) -> None:
    """Two backfills of overlapping years record the same snapshots in different orders."""
    answers = snapshots(BRAZIL_AND_RUSSIA)
    begun: set[int] = set()

    def enter_both(order: int) -> dict[str, int]:
        own = engine(runs.url)

        @event.listens_for(own, "after_cursor_execute")
        def each_has_entered_one_or_waits(*_: object) -> None:
            begun.add(order)
            with engine(runs.url).connect() as onlooker:
                while len(begun) < 2 and not onlooker.execute(text(WAITING)).scalar_one():
                    continue

        with own.begin() as connection:
            return ledger.record_fetches(connection, answers[::order])

    running = [threads.submit(enter_both, order) for order in (1, -1)]
    one, other = (each.result(SECONDS) for each in running)
    assert one == other
    assert sorted(one.values()) == [fetch_id for (fetch_id,) in query(FETCHES)]
    assert len(one) == 2


def test_records_a_fetch_of_two_concurrent_tasks_once(
    runs: Runs, threads: ThreadPoolExecutor, query: Query
) -> None:
    answers = snapshots(BRAZIL_AND_RUSSIA)

    def enter_all() -> dict[str, int]:
        with engine(runs.url).begin() as connection:
            return ledger.record_fetches(connection, answers)

    with engine(runs.url).begin() as connection:
        for answer in answers:
            connection.execute(statement("ledger/insert_snapshot"), vars(answer))
    with engine(runs.url).begin() as connection:
        first = ledger.record_fetches(connection, answers)
        second = threads.submit(enter_all)
        wait_for_waiting(1, connection, [second])
    assert second.result(SECONDS) == first
    assert sorted(first.values()) == [fetch_id for (fetch_id,) in query(FETCHES)]
