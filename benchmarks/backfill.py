"""Benchmarks a 20-year backfill of one source against the same number of runs of no-op tasks.

Both run in turns in the same Airflow on an embedded PostgreSQL, with the local mock server as the source. Run
it with `make bench`.
"""

import shutil
import statistics
import tempfile
import time
from pathlib import Path

from rich.console import Console
from rich.table import Table

from city_indicators.catalog import load_sources
from city_indicators.core.paths import PROJECT
from city_indicators.orchestration.rest import AirflowApi
from standalone.settings import Settings
from standalone.stack import Stack
from tests.stacks import Running

SOURCE = "world_bank"
FIRST_YEAR, LAST_YEAR = 2001, 2020
RUNS_AT_ONCE = 4
ROUNDS = 3
PATIENCE_SECONDS = 600.0


def main() -> None:
    """Start a separate stack, measure, print the results, remove the stack."""
    with tempfile.TemporaryDirectory(prefix="ci-bench-") as folder:
        home = Path(folder)
        dags = home / "dags"
        shutil.copytree(PROJECT / "dags", dags)
        shutil.copytree(PROJECT / "benchmarks" / "dags", dags / "benchmarks")
        with Stack(Settings(home=home / "local", dags=dags)) as stack:
            api = start(stack)
            rounds = [
                (backfill(stack, api, "noop"), backfill(stack, api, f"ingest_{SOURCE}"))
                for _ in range(ROUNDS)
            ]
    report(rounds)


def start(stack: Stack) -> AirflowApi:
    """Start all services and unpause the two DAGs; reports and Data Docs stay paused."""
    api = Running(stack, ("noop", f"ingest_{SOURCE}"), (SOURCE,)).api
    api.ensure_pool(load_sources()[SOURCE].pool, RUNS_AT_ONCE, "benchmark")
    for dag_id in ("noop", f"ingest_{SOURCE}"):
        # Unpausing started the run of the last complete year, which must not be measured.
        at_rest(stack, api, dag_id)
    return api


def backfill(stack: Stack, api: AirflowApi, dag_id: str) -> float:
    """Seconds from the request to the end of the last run; runs of earlier rounds are repeated."""
    begun = time.monotonic()
    api.backfill(
        dag_id,
        f"{FIRST_YEAR}-01-01",
        f"{LAST_YEAR}-12-31",
        RUNS_AT_ONCE,
        reprocess_behavior="completed",
        # Without it the second round would load nothing.
        conf={"reload": True},
    )
    at_rest(stack, api, dag_id)
    seconds = time.monotonic() - begun
    if failed := api.failed_runs([dag_id]):
        raise SystemExit(f"{len(failed)} runs of {dag_id} failed: the measurement is invalid")
    return seconds


def at_rest(stack: Stack, api: AirflowApi, dag_id: str) -> None:
    """Wait until a DAG has at least one finished run and no active one."""
    stack.wait_for(
        "scheduler",
        lambda: (
            api.count_runs([dag_id], ("success", "failed")) > 0
            and not api.count_runs([dag_id], ("queued", "running"))
        ),
        PATIENCE_SECONDS,
    )


def report(rounds: list[tuple[float, float]]) -> None:
    """Print each round and the median ratio."""
    titles = ("round", "no-op tasks, s", f"ingest_{SOURCE}, s", "ratio")
    table = Table(*titles, title="20-year backfill, 3 tasks per run")
    for number, (noop, ingest) in enumerate(rounds, 1):
        table.add_row(str(number), f"{noop:.1f}", f"{ingest:.1f}", f"{ingest / noop:.2f}")
    median = statistics.median(ingest / noop for noop, ingest in rounds)
    Console().print(table, f"median ratio {median:.2f} (target: at most 2)")


if __name__ == "__main__":
    main()
