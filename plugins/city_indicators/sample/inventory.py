"""Writes docs/sources.md: what every real file of a folder gives, read by the code that the DAGs run.

`python -m city_indicators.sample.inventory <folder>`, with the folder of publishers' files.
"""

import argparse
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from city_indicators.catalog import Catalogue, load_catalogue
from city_indicators.errors import CityIndicatorsError
from city_indicators.parsing import Parsed, parse_files
from city_indicators.paths import PROJECT

FILE: Final = PROJECT / "docs" / "sources.md"

FILES: Final[dict[str, list[str]]] = {
    "c40_gpc": ["c40_gpc/C40_GPC_Database.xlsx"],
    "cdp_emissions": [
        "cdp_citywide_emissions/2017_-_Cities_Community_Wide_Emissions.csv",
        "cdp_citywide_emissions/2019_City-wide_Emissions.csv",
        "cdp_citywide_emissions/2021_City-wide_Emissions.csv",
    ],
    "metro_systems": ["metro_systems/metro_systems.csv"],
    "ndvi_stowell": ["ndvi_stowell/greenspace_data_share.csv"],
    "net_zero_tracker": ["net_zero_tracker/snapshot_2022-12-20_13-07-14.xlsx"],
    "owid_grapher": [
        "owid_grapher/electricity-prod-source-stacked.csv",
        "owid_grapher/per-capita-energy-use.csv",
        "owid_grapher/co-emissions-per-capita.csv",
    ],
    "un_habitat_green": ["unhabitat_green/green_area_share_per_capita_1990_2020.xlsx"],
    "un_habitat_open_space": ["unhabitat_open_space/sdg_11_7_1_2024.xlsx"],
    "un_sdg_transport": ["unsdg_pt_access/pt-access.csv"],
    "un_sdg_waste": ["un_sdg_goal11/Goal11_slums_wastecollection.xlsx"],
    "un_wup": ["un_wup2018/WUP2018-F22-Cities_Over_300K_Annual.xls"],
    "undata_population": ["undata_city_population/UNdata_Export_20240220_163008679.csv"],
    "who_air_quality": ["who_aaq/who_aap_2021_v9_11august2022.xlsx"],
}
"""The real files at hand, by source; files that belong together are read together."""

TOGETHER: Final[dict[str, list[str]]] = {
    "what_a_waste": ["what_a_waste/city_level_data_0_0.csv", "what_a_waste/city_level_codebook_0.csv"],
}

HEAD: Final = """\
# Sources

Made by `python -m city_indicators.sample.inventory <folder of publishers' files>`; do not edit.

## What each source is

| id | publisher | licence | format | reads |
|---|---|---|---|---|
"""

COUNTS: Final = """
## What the real files give

Every file read whole, by the code that the DAGs run, judged by the row rules; every year of it. *Out of
scope* are records of places that nobody asks about, *unmatched* the places in our countries that no alias
names. Whole charts of Our World in Data hold all countries, which the live request never asks for.

| source | file | read | accepted | rejected, by rule | empty cells | out of scope | unmatched |
|---|---|---|---|---|---|---|---|
"""


def inventory(folder: Path, catalogue: Catalogue) -> str:
    """The document as Markdown."""
    lines = [
        f"| `{source.id}` | {source.publisher} | [{source.licence}]({source.licence_url}) "
        f"| `{source.format}` | {source.base_url} |\n"
        for source in catalogue.sources.values()
    ]
    counts = [
        _line(source_id, [folder / file], catalogue)
        for source_id, files in FILES.items()
        if source_id in catalogue.sources
        for file in files
    ]
    counts += [
        _line(source_id, [folder / file for file in files], catalogue)
        for source_id, files in TOGETHER.items()
        if source_id in catalogue.sources
    ]
    return "".join([HEAD, *lines, COUNTS, *sorted(counts)])


def _line(source_id: str, files: list[Path], catalogue: Catalogue) -> str:
    names = " + ".join(file.name for file in files)
    try:
        parsed = parse_files(source_id, files, catalogue)
    except CityIndicatorsError as error:
        return f"| `{source_id}` | {names} | {type(error).__name__} | | | | | |\n"
    return f"| `{source_id}` | {names} | {_counts(parsed)} |\n"


def _counts(parsed: Parsed) -> str:
    rules = Counter(parsed.rejected["rule"])
    rejected = ", ".join(f"{rule} {n}" for rule, n in sorted(rules.items())) or "0"
    read = len(parsed.accepted) + len(parsed.rejected)
    return (
        f"{read} | {len(parsed.accepted)} | {rejected} | {parsed.empty_cells} | {parsed.out_of_scope} "
        f"| {len(parsed.unmatched)}"
    )


def main(arguments: Sequence[str] | None = None) -> None:
    """Write docs/sources.md from the folder named on the command line."""
    parser = argparse.ArgumentParser(description="Write docs/sources.md from the publishers' real files.")
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args(arguments).folder
    FILE.write_text(inventory(folder, load_catalogue()), encoding="utf-8")


if __name__ == "__main__":
    main()
