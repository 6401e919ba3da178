"""Measures the reading of all urban centres of the world, from packed zips to observations.

The baseline is pandas.read_csv of the same files, without matching a city. Run it with `make bench-centres`.
"""

import io
import resource
import sys
import time
import zipfile

import pandas as pd
from rich.console import Console
from rich.table import Table

from city_indicators.catalog import load_catalogue
from city_indicators.core.intervals import EVERY_YEAR
from city_indicators.ingest.normalise import normalise
from city_indicators.sources import ghs_ucdb
from tests.publishers import as_snapshot
from tests.sources.urban_centres import rows_of_theme, zip_of

COLUMNS = 200
UNIT = 1 if sys.platform == "darwin" else 1024


def main() -> None:
    """Measure all themes that the catalogue uses, each with so many columns, and print the results."""
    catalogue = load_catalogue()
    source = catalogue.sources["ghs_ucdb"]
    files = [
        zip_of(theme, rows_of_theme(source, catalogue, theme, COLUMNS)) for theme in ghs_ucdb.themes(source)
    ]
    begun = time.perf_counter()
    for file in files:
        with zipfile.ZipFile(io.BytesIO(file)) as archive:
            pd.read_csv(archive.open(archive.namelist()[-1]), encoding="windows-1252", dtype=str)
    read = time.perf_counter()
    records = ghs_ucdb.read(source, iter(as_snapshot(file) for file in files), EVERY_YEAR)
    found = normalise(records, source, catalogue, EVERY_YEAR)
    done = time.perf_counter()
    table = Table("themes", "observations", "pandas, s", "all, s", "memory, MB", title="Urban centres")
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * UNIT / 1e6
    cells = len(files), len(found.observations), f"{read - begun:.1f}", f"{done - read:.1f}", f"{memory:.0f}"
    table.add_row(*map(str, cells))
    Console().print(table, "target: at most 60 s and 1000 MB")


if __name__ == "__main__":
    main()
