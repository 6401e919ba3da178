"""Compares one DAG a source with one DAG in which the sources are mapped: twenty times three empty tasks.

What a run costs beside its work is Airflow's: scheduling, a process for each task, parsing, messages. Both
ways run in turns in the same Airflow. Run it with `make bench-bundles`.
"""

import shutil
import statistics
import tempfile
import time
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psutil
from rich.console import Console
from rich.table import Table

from benchmarks.dags.bundles import ALL_IN_ONE, ONE_A_SOURCE
from benchmarks.idle import used
from city_indicators.core.paths import PROJECT
from standalone.settings import Settings
from standalone.stack import Stack
from tests.stacks import Running

ROUNDS: Final = 3
PATIENCE_SECONDS: Final = 600.0


@dataclass(frozen=True)
class Cost:
    """Seconds by the clock until all runs have ended, and of the processors of the stack."""

    clock: float
    processor: float


def main() -> None:
    """Start a separate stack, measure, print the results, remove the stack."""
    with tempfile.TemporaryDirectory(prefix="ci-bench-") as folder:
        dags = shutil.copytree(PROJECT / "benchmarks" / "dags", Path(folder) / "dags")
        with Stack(Settings(home=Path(folder) / "local", dags=dags)) as stack:
            running = Running(stack, [*ONE_A_SOURCE, ALL_IN_ONE])
            rounds = [(cost(running, ONE_A_SOURCE), cost(running, [ALL_IN_ONE])) for _ in range(ROUNDS)]
    report(rounds)


def cost(running: Running, dag_ids: Collection[str]) -> Cost:
    """What a run of each DAG costs, all triggered at once."""
    api, before = running.api, running.api.count_runs(list(dag_ids), ("success",))
    begun, spent = time.monotonic(), used(psutil.Process())
    for dag_id in dag_ids:
        api.trigger(dag_id)
    running.wait(
        lambda: api.count_runs(list(dag_ids), ("success",)) == before + len(dag_ids), PATIENCE_SECONDS
    )
    return Cost(time.monotonic() - begun, used(psutil.Process()) - spent)


def report(rounds: list[tuple[Cost, Cost]]) -> None:
    """Print each round and the median ratios."""
    titles = ("round", "one DAG a source, s", "CPU, s", "one DAG of all, s", "CPU, s")
    table = Table(*titles, title=f"{len(ONE_A_SOURCE)} sources, 3 tasks each")
    for number, pair in enumerate(rounds, 1):
        table.add_row(str(number), *(f"{s:.1f}" for each in pair for s in (each.clock, each.processor)))
    clock = statistics.median(bundle.clock / single.clock for single, bundle in rounds)
    processor = statistics.median(bundle.processor / single.processor for single, bundle in rounds)
    Console().print(table, f"median ratios: {clock:.2f} by the clock, {processor:.2f} of the processors")


if __name__ == "__main__":
    main()
