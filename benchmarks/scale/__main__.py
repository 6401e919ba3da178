"""Runs all stages: `python -m benchmarks.scale [cities ...]`, by default 480, 2,400 and 12,000."""

import sys
from typing import Final

from rich.console import Console
from rich.table import Table

from benchmarks.scale import loading, reports

CITIES: Final = (480, 2_400, 12_000)
COLUMNS: Final = ("cities", "stage", "wall, s", "CPU, s", "server, s", "peak, MB", "CPU ratio", "peak ratio")


def main() -> None:
    """Measure every stage with each number of cities, and print the results."""
    table = Table(*COLUMNS, title="20 indicators × 25 years")
    for cities in [int(each) for each in sys.argv[1:]] or CITIES:
        loading.add_rows(table, cities)
        reports.add_rows(table, cities)
    Console(width=140).print(table)


if __name__ == "__main__":
    main()
