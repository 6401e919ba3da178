"""Measures the time to parse each DAG file, compared with a DAG of no-op tasks.

Each file runs in a new process with the imports that the DAG processor preloads before it forks
(city_indicators.orchestration.warm_up), so only the cost of the file itself is measured. Run it with
`make bench-parsing`.
"""

import statistics
import subprocess
import sys
from pathlib import Path

from rich.console import Console
from rich.table import Table

from city_indicators.core.paths import PROJECT

BASELINE = PROJECT / "benchmarks" / "dags" / "noop.py"
ROUNDS = 3
PARSE = """
import runpy, sys, time
import airflow.sdk, airflow.dag_processing.processor, city_indicators.orchestration.assets
begun = time.perf_counter()
runpy.run_path(sys.argv[1])
print(time.perf_counter() - begun)
"""


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
    Console().print(table, "target: at most 0.5 s each")


def parse(file: Path) -> float:
    """Seconds to run the file in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", PARSE, str(file)], capture_output=True, text=True, check=True
    )
    return float(done.stdout.splitlines()[-1])


if __name__ == "__main__":
    main()
