"""The memory of reading and validating many observations: bytes a row, in a process of its own."""

import subprocess
import sys
from typing import Final

from city_indicators.core.paths import PROJECT

CITIES: Final = (100, 1_100)
MOST_BYTES: Final = 600
"""Of one observation. A record with its row as JSON took three kilobytes."""
PEAK: Final = """
import resource, sys
from city_indicators.ingest.normalise import KEY, normalise_cells
from city_indicators.ingest.validation.rules import load_rules
from city_indicators.ingest.validation.validate import validate_observations
from city_indicators.sources import table
from benchmarks.scale.world import YEARS, world_of, years
from tests.publishers import as_snapshot
import pandas as pd

world = world_of(int(sys.argv[1]))
cells = table.read_cells(world.source, iter([as_snapshot(world.file())]), years(YEARS[0], YEARS[-1]))
found = normalise_cells(cells, world.source, world.catalogue, years(YEARS[0], YEARS[-1]))
indicators = [series.indicator for series in world.source.series]
nothing = pd.DataFrame(columns=KEY)
given = found.observations, nothing, load_rules(), world.catalogue, indicators
result = validate_observations("scale", *given)
peak = next(line for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(len(result.accepted), int(peak.split()[1]) * 1024)
"""


def peak_of(cities: int) -> tuple[int, int]:
    """Accepted rows and bytes at the peak of a process that validates a file of so many cities."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", PEAK, str(cities)],
        env={"PYTHONPATH": f"{PROJECT / 'plugins'}:{PROJECT}", "OPENBLAS_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=True,
        cwd=PROJECT,
    )
    rows, peak = done.stdout.split()[-2:]
    return int(rows), int(peak)


def test_an_observation_takes_few_bytes_until_it_is_accepted() -> None:
    (few, low), (many, high) = map(peak_of, CITIES)
    assert many > 400_000
    assert (high - low) / (many - few) < MOST_BYTES
