"""Writes docs/reference/sources.md: the results of reading every real file with the code of the DAGs.

`make docs-sources FOLDER=…`, with the folder that holds the publishers' files as
`data` and the recorded answers as `recorded`.
"""

import argparse
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from city_indicators.catalog import Catalogue, Source, load_catalogue
from city_indicators.catalog.load import load_source
from city_indicators.core.errors import CityIndicatorsError, SourceError, exit_code
from city_indicators.core.paths import PROJECT
from city_indicators.ingest.parse import Parsed, parse_files
from tests.inventory import defects, recorded

FILE: Final = PROJECT / "docs" / "reference" / "sources.md"
# Declarations of files that we examined and refused: they have no DAG.
SPECIMENS: Final = Path(__file__).with_name("specimens")

# One excerpt of several publishers' rows.
OPENCLIMATE: Final = "city_co2_openclimate/excerpt_EmissionsAgg.csv"
FILES: Final[dict[str, list[str]]] = {
    "c40_gpc": ["c40_gpc/C40_GPC_Database.xlsx"],
    "carbon_monitor_china": ["carbon_monitor_cities/huo_EmissionsAgg.csv"],
    "cdp_emissions": [
        "cdp_citywide_emissions/2017_-_Cities_Community_Wide_Emissions.csv",
        "cdp_citywide_emissions/2019_City-wide_Emissions.csv",
        "cdp_citywide_emissions/2021_City-wide_Emissions.csv",
    ],
    "ceads_cities": [
        "ceads_china_cities/The_Emission_Inventories_for_290_Chinese_Cities_from_1997_to_2019.xlsx"
    ],
    "co2_japan_long": [OPENCLIMATE],
    "future_cities_bastin": ["future_cities_bastin/excerpt_future_cities_data.csv"],
    "metro_systems": ["metro_systems/metro_systems.csv"],
    "ndvi_stowell": ["ndvi_stowell/greenspace_data_share.csv"],
    "net_zero_tracker": ["net_zero_tracker/snapshot_2022-12-20_13-07-14.xlsx"],
    "openghgmap": [OPENCLIMATE],
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
"""The available real files, by source; files that belong together are read together."""

TOGETHER: Final[dict[str, list[str]]] = {
    "grid_co2": [
        "grid_co2_codecarbon/global_energy_mix.json",
        "grid_co2_codecarbon/china_provincial_emissions.json",
        "grid_co2_codecarbon/usa_emissions.json",
    ],
    "nasa_power": ["daily_weather_nasa_power/nasa_weather_*_1999_2024.csv"],
    "what_a_waste": ["what_a_waste/city_level_data_0_0.csv", "what_a_waste/city_level_codebook_0.csv"],
}

REFUSED: Final = {"edgar_fua": defects.EDGAR, "wdi_damaged": defects.WDI}
"""The files of the specimens, by the id of their declaration."""

HEAD: Final = """\
# Sources

The sources that the pipeline loads, and the results of reading their real files. `make docs-sources` writes
this page from the publishers' files; do not edit it. `include/catalog/sources/<id>.yaml` declares a source.

| source | publisher | licence | format | first year |
|---|---|---|---|---|
"""

COUNTS: Final = """
## Results of the real files

Every file is read completely, all years, by the code of the DAGs, and validated by the row rules. *Out of
scope* are records of places that are not ours, *unmatched* the places in our countries that no alias
names. The complete charts of Our World in Data have all countries; the live request selects ours.

| source | file | read | accepted | rejected, by rule | empty cells | out of scope | unmatched |
|---|---|---|---|---|---|---|---|
"""

RECORDED: Final = """
## Results of the recorded answers

Answers of the real services, recorded by others. Those of the World Bank are read as if their series had
been requested: every record of a series that is not ours is out of scope. An answer in another shape or
without our variables must end in an error that names the fault.

| source | answer | read | accepted | rejected, by rule | empty cells | out of scope |
|---|---|---|---|---|---|---|
"""

DEFECTS: Final = """
## Known defects, by name

The results of our parsers and rules for known defects of these files. We examined and refused the files of
EDGAR and of the damaged WDI: `tests/inventory/specimens` declares them as evidence, and they have no DAG.

"""


def inventory(folder: Path, catalogue: Catalogue) -> str:
    """The document as Markdown, from a folder with `data` and `recorded` in it."""
    accounts = {
        (source_id, label): _read(source_id, files, catalogue)
        for source_id, label, files in _groups(folder / "data")
        if source_id in catalogue.sources
    }
    counts = [f"| `{id_}` | {label} | {_cells(found)} |\n" for (id_, label), found in accounts.items()]
    answers = [
        f"| `{each.source.id}` | {each.file} | {_cells(recorded.read(each, catalogue), False)} |\n"
        for each in recorded.exchanges(folder / "recorded", catalogue)
    ]
    known = {source: found for (source, _), found in accounts.items() if isinstance(found, Parsed)}
    cdp = accounts["cdp_emissions", defects.CDP_2017]
    known |= {"cdp_2017": cdp} if isinstance(cdp, Parsed) else {}
    known |= specimens(folder / "data", catalogue)
    known_defects = [
        f"- **{name}**: {fate}.\n"
        for name, fate in defects.lines(defects.Files(folder / "data", catalogue, known))
    ]
    declared = [_declared(catalogue.sources[source_id]) for source_id in sorted(catalogue.sources)]
    return "".join([HEAD, *declared, COUNTS, *sorted(counts), RECORDED, *answers, DEFECTS, *known_defects])


def _declared(source: Source) -> str:
    """The row of a source in the first table."""
    cells = [
        f"`{source.id}`",
        source.publisher,
        source.licence_link,
        f"`{source.format}`",
        source.first_period,
    ]
    return f"| {' | '.join(map(str, cells))} |\n"


def specimens(data: Path, catalogue: Catalogue) -> dict[str, Parsed]:
    """The accounts of the refused files, by the id of their declaration."""
    declared = {source.id: source for source in map(load_source, sorted(SPECIMENS.glob("*.yaml")))}
    extended = catalogue.model_copy(update={"sources": declared})
    return {id_: parse_files(id_, [data / REFUSED[id_]], extended) for id_ in declared}


def _groups(data: Path) -> Iterator[tuple[str, str, list[Path]]]:
    """Source, label and files of every account."""
    for source_id, files in FILES.items():
        yield from ((source_id, Path(file).name, [data / file]) for file in files)
    for source_id, patterns in TOGETHER.items():
        label = " + ".join(Path(pattern).name.replace("*", "\\*") for pattern in patterns)
        yield source_id, label, [path for pattern in patterns for path in sorted(data.glob(pattern))]


def _read(source_id: str, files: list[Path], catalogue: Catalogue) -> Parsed | CityIndicatorsError:
    try:
        return parse_files(source_id, files, catalogue)
    except CityIndicatorsError as error:
        return error


def _cells(found: Parsed | CityIndicatorsError, unmatched: bool = True) -> str:
    """The cells of a line of the tables: counts, or the error's name and fault."""
    if isinstance(found, CityIndicatorsError):
        names = [kind.__name__ for kind in type(found).__mro__ if issubclass(kind, SourceError)][:-1]
        return f"{', a '.join(names)}: {defects.fault(found)} | | | |" + " |" * unmatched
    rules = Counter(found.rejected["rule"])
    rejected = ", ".join(f"{rule} {n}" for rule, n in sorted(rules.items())) or "0"
    read = len(found.accepted) + len(found.rejected)
    counts = f"{read} | {len(found.accepted)} | {rejected} | {found.empty_cells} | {found.out_of_scope}"
    return counts + (f" | {len(found.unmatched)}" if unmatched else "")


def main(arguments: Sequence[str] | None = None) -> None:
    """Write docs/reference/sources.md from the folder named on the command line."""
    parser = argparse.ArgumentParser(
        description="Write docs/reference/sources.md from the publishers' real files."
    )
    parser.add_argument("folder", type=Path, help="holds the folders data and recorded")
    folder = parser.parse_args(arguments).folder
    FILE.write_text(inventory(folder, load_catalogue()), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(exit_code(main))
