"""A backfill with killed processes and failing sources ends like an undisturbed one.

Run it with `make chaos`, with SEED=… to repeat the same faults.
Results are in docs/explanation/reliability.md.
"""

import os
import tempfile
from collections import Counter
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from rich.table import Table

from city_indicators.catalog import load_sources
from city_indicators.core.archive import Archive
from city_indicators.ingest.verify_archive import publishers, require_complete, verify
from city_indicators.orchestration.clock import now
from standalone.errors import ServiceFailedError
from standalone.settings import Settings
from standalone.stack import Stack
from tests.chaos import state
from tests.chaos.plan import draw
from tests.chaos.supervision import Chaos, Patient
from tests.stacks import Environment, Running, Supervised

SEEDS = [int(seed) for seed in os.environ.get("CITY_INDICATORS_CHAOS", "").split()]
# Whether a truncated answer is detectable: half of a CSV table is still a valid table.
SOURCES = {"world_bank": True, "owid_grapher": False, "un_wup": True}
INGESTED = [f"ingest_{source}" for source in SOURCES]
REPORTS = "refresh_reports"
FIRST_DAY, LAST_DAY = "2001-01-01", "2020-12-31"
INTERVALS = 20
# The runs of the backfill, and the one that the schedule starts when a DAG is unpaused.
RUNS = (INTERVALS + 1) * len(SOURCES)
RUNS_AT_ONCE = 4
FIRST_PORT = 29180
CHAOS_SECONDS = 1800.0


def with_short_retries(environment: Environment) -> Environment:
    """Limit retry delays to twenty seconds."""
    return {**environment, "AIRFLOW__CORE__MAX_TASK_RETRY_DELAY": "20"}


def started(stack: Stack) -> Patient:
    return Patient(stack, [*INGESTED, REPORTS], SOURCES, with_short_retries, FIRST_PORT)


def backfill(running: Running) -> None:
    """Start all backfills; a busy API server may have started one although it did not answer in time."""

    def begun(dag_id: str) -> bool:
        # Without reload, what the scheduled runs have loaded would not be requested again.
        made = running.api.backfill(dag_id, FIRST_DAY, LAST_DAY, RUNS_AT_ONCE, conf={"reload": True})
        return bool(made or running.api.open_backfill(dag_id))

    for dag_id in INGESTED:
        running.wait(partial(begun, dag_id))


def finish(running: Running, by_hand: Counter[str]) -> None:
    """Wait for the end, with the manual steps that docs/how-to/on-call.md documents."""
    for dag_id in INGESTED:
        running.at_rest(dag_id, CHAOS_SECONDS)
    while failed := running.api.failed_runs(INGESTED):
        by_hand.update(f"a run of {run.dag_id} cleared" for run in failed)
        assert by_hand.total() <= RUNS, failed
        for run in failed:
            cleared = f"/api/v2/dags/{run.dag_id}/dagRuns/{run.run_id}/clear"
            running.api._call("POST", cleared, json={"dry_run": False})
        for dag_id in INGESTED:
            running.at_rest(dag_id, CHAOS_SECONDS)
    try:
        # A run for the latest publication may not have started yet.
        running.wait(lambda: not running.rows(state.UNREPORTED))
    except ServiceFailedError:
        by_hand["refresh_reports triggered"] += 1
        running.api._call("POST", f"/api/v2/dags/{REPORTS}/dagRuns", json={"logical_date": None})
    running.at_rest(REPORTS, CHAOS_SECONDS)


def heal(running: Running) -> None:
    """Verify the archive, which fetches again what is damaged and still published."""
    archive = Archive(running.stack.settings.archive)
    with publishers(load_sources()) as fetch_again:
        require_complete(archive, verify(running.warehouse, archive, fetch_again, now))


def seen(running: Running) -> dict[str, tuple[Any, ...]]:
    """The checksums of a warehouse, after all integrity checks."""
    assert running.api.count_runs(INGESTED, ["success"]) == RUNS
    assert state.faults(running) == {}
    assert state.damaged_snapshots(running) == []
    assert state.left_over(running) == set()
    return state.checksums(running)


@pytest.fixture(scope="module")
def undisturbed() -> dict[str, tuple[Any, ...]]:
    with tempfile.TemporaryDirectory(prefix="ci-test-") as home, Stack(Settings(home=Path(home))) as stack:
        running = started(stack)
        backfill(running)
        by_hand = Counter[str]()
        finish(running, by_hand)
        assert not by_hand
        return seen(running)


@pytest.mark.skipif(not SEEDS, reason="run by make chaos")
@pytest.mark.parametrize("seed", SEEDS)
def test_a_disturbed_backfill_ends_like_an_undisturbed_one(
    seed: int, undisturbed: dict[str, tuple[Any, ...]], open_path: Path
) -> None:
    with Supervised(Settings(home=open_path)) as stack:
        running = started(stack)
        chaos = Chaos(running, stack, draw(seed, SOURCES, RUNS), seed)
        backfill(running)

        def over() -> bool:
            ended = running.api.count_runs(INGESTED, ["success", "failed"])
            chaos.inject(ended)
            return ended == RUNS

        running.wait(over, CHAOS_SECONDS)
        finish(running, chaos.by_hand)
        chaos.calm()
        heal(running)
        report(seed, chaos, stack.restarts)
        found = seen(running)
    assert chaos.remaining() == []
    print_checksums(found)
    assert found == undisturbed


def report(seed: int, chaos: Chaos, restarts: Counter[str]) -> None:
    table = Table("what", "which", "times", title=f"seed {seed}")
    for what, counts in (
        ("killed", chaos.kills),
        ("damaged", chaos.damaged),
        ("failed answers", chaos.injected()),
        ("started again", restarts),
        ("by hand", chaos.by_hand),
    ):
        for which, times in sorted(counts.items()):
            table.add_row(what, which, str(times))
    Console(width=110).print(table)


def print_checksums(checksums: dict[str, tuple[Any, ...]]) -> None:
    table = Table("table", "rows", "checksum")
    for name, (rows, checksum) in sorted(checksums.items()):
        if rows:
            table.add_row(name, f"{rows:,}", checksum)
    Console(width=110).print(table)
