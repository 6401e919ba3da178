"""Compiles the sample of codecarbon's files: the data of our places that the catalogue uses."""

import json
from pathlib import Path
from typing import Final

import pandas as pd

from city_indicators.catalog import Catalogue
from city_indicators.core.intervals import EVERY_YEAR
from city_indicators.sources import codecarbon
from city_indicators.sources.places import Places
from city_indicators.sources.records import Record
from demo.sample.citations import Citation
from demo.sample.tables import OURS, snapshot_of

SOURCE: Final = "grid_co2"
TABLES: Final = {
    "global_energy_mix": SOURCE,
    "china_provincial_emissions": f"{SOURCE}_provinces",
    "usa_emissions": f"{SOURCE}_states",
}
"""The sample's table of each file."""
COLUMNS: Final = [*OURS, "code", "name", "value", "unit", "year"]


def compile_grid(file: Path, citation: Citation, catalogue: Catalogue) -> pd.DataFrame:
    """The rows of our places in a file, as text: COLUMNS. Two cities of one province have a row each.

    Raises:
        SourceContractError: the file breaks the format.
    """
    source = catalogue.sources[SOURCE]
    places = Places(source, catalogue)
    records = codecarbon.read(source, iter([snapshot_of(source, file)]), EVERY_YEAR)
    rows = [
        [ref_area, citation.citation, *_cells(record)]
        for record in records
        if (ref_area := places.find(record.country, record.area_code).ref_area) is not None
    ]
    return pd.DataFrame(rows, columns=COLUMNS).sort_values("ref_area", kind="stable")


def _cells(record: Record) -> list[str]:
    """Code and name of the place, and the value, unit and year; the file of countries has no unit."""
    row = json.loads(record.raw)
    name = row.get("country_name") or row.get("description") or next(iter(row))
    unit = row.get("unit") or ("lbs/MWh" if record.series.published_unit == "pound / megawatt_hour" else "")
    return [record.area_code.partition(":")[0], name, str(record.value), unit, record.time_period]
