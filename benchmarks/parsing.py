"""Measures the processor time to parse each DAG file, compared with a DAG of no-op tasks.

Each file runs in a new process with the imports that the DAG processor preloads before it forks
(city_indicators.orchestration.warm_up), so only the cost of the file itself is measured. A second table
measures the file of the ingestions at the start of a task, with the declared sources and with many. Run it
with `make bench-parsing`.
"""

import os
import shutil
import statistics
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console
from rich.table import Table

from city_indicators.core.paths import PROJECT, source_ids

BASELINE = PROJECT / "benchmarks" / "dags" / "noop.py"
ROUNDS = 3
PARSE = """
import runpy, sys, time
import airflow.sdk, airflow.dag_processing.processor, city_indicators.orchestration.assets
begun = time.process_time()
runpy.run_path(sys.argv[1])
print(time.process_time() - begun)
"""


TASK = {"_AIRFLOW_PARSING_CONTEXT_DAG_ID": "ingest_world_bank"}
"""The environment in which Airflow parses a file at the start of a task."""
MANY = 200


def main() -> None:
    """Measure in turns, so that other load on the machine affects all files equally; print the results."""
    files = [BASELINE, *sorted((PROJECT / "dags").glob("*.py"))]
    rounds = [{file: parse(file) for file in files} for _ in range(ROUNDS)]
    median = {file: statistics.median(each[file] for each in rounds) for file in files}
    table = Table("file", "median, s", "slowest, s", "ratio to the no-op DAG", title="Parsing a DAG file")
    for file in files:
        slowest = max(each[file] for each in rounds)
        table.add_row(
            file.name, f"{median[file]:.3f}", f"{slowest:.3f}", f"{median[file] / median[BASELINE]:.1f}"
        )
    Console().print(table, "target: at most 0.5 s each", in_tasks(), "target: ratio at most 1.2 in a task")


def in_tasks() -> Table:
    """The processor time to parse the file of the ingestions, in a task and by the DAG processor."""
    few = len(source_ids())
    table = Table("ingest.py", f"{few} sources, s", f"{MANY} sources, s", "ratio", title="Many sources")
    with checkout(MANY) as many:
        for where, environment in (("in a task", TASK), ("in the DAG processor", {})):
            pairs = [
                [parse(root / "dags" / "ingest.py", root, environment) for root in (PROJECT, many)]
                for _ in range(2 * ROUNDS + 1)
            ]
            medians = [statistics.median(each) for each in zip(*pairs, strict=True)]
            ratio = statistics.median(of_many / of_few for of_few, of_many in pairs)
            table.add_row(where, *(f"{each:.3f}" for each in medians), f"{ratio:.2f}")
    return table


@contextmanager
def checkout(sources: int) -> Iterator[Path]:
    """A copy of the code and the catalogue with this number of sources: the last ones are copies of one."""
    with TemporaryDirectory() as folder:
        for name in ("dags", "plugins", "include"):
            shutil.copytree(PROJECT / name, Path(folder, name))
        declared = Path(folder, "include", "catalog", "sources")
        text = (declared / "world_bank.yaml").read_text()
        for number in range(sources - len(source_ids())):
            (declared / f"copy_{number}.yaml").write_text(
                text.replace("id: world_bank", f"id: copy_{number}")
            )
        yield Path(folder)


def parse(file: Path, root: Path = PROJECT, environment: dict[str, str] | None = None) -> float:
    """Processor seconds to run a file of a checkout in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", PARSE, str(file)],
        env={**os.environ, "PYTHONPATH": f"{root / 'plugins'}:{root}", **(environment or {})},
        capture_output=True,
        text=True,
        check=True,
    )
    return float(done.stdout.splitlines()[-1])


if __name__ == "__main__":
    main()
