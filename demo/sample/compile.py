"""Compiles demo/data from the publishers' real files.

`python -m demo.sample.compile <folder>`, where the folder holds the files that
`demo.sample.citations` names and a SOURCES.tsv with their origin.
"""

import argparse
import hashlib
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import pandas as pd

from city_indicators.catalog import load_catalogue
from city_indicators.catalog.load import iso_countries, read_yaml
from city_indicators.core.errors import exit_code
from city_indicators.core.paths import CATALOG, source_file
from demo.paths import SAMPLE
from demo.sample.best_practices import compile_cases, compile_openings, compile_projects
from demo.sample.citations import (
    CITATIONS,
    OWID_CO2,
    OWID_ELECTRICITY,
    OWID_ENERGY,
    TABLES,
    WDI_EXTRACT,
    WDI_GDP,
    WDI_POPULATION,
    WEATHER,
    WUP_2018,
    Citation,
)
from demo.sample.files import compile_file
from demo.sample.publishers import (
    OBSERVATION_COLUMNS,
    Observation,
    SourceFileError,
    WupFile,
    long_rows,
    read_table,
    read_wup,
    wdi_series,
)
from demo.sample.table import read_text_csv
from demo.sample.weather import compile_weather

LABEL_COLUMNS = ["source", "kind", "code", "text"]

CHARTS = [(OWID_CO2, "T_PC"), (OWID_ELECTRICITY, "TWH"), (OWID_ENERGY, "KWH_PC")]
WDI_UNITS = {"EG.ELC.ACCS.ZS": "PT", "EN.ATM.PM25.MC.M3": "UG_M3", "SP.URB.TOTL.IN.ZS": "PT"}
GDP = Observation("GDP_per_capita", "NY.GDP.PCAP.PP.KD", "INTL_USD_2017")
# The available files have the values of this series, but not the World Bank's title.
GDP_TITLE = "GDP per capita, PPP (constant 2017 international $)"
POPULATION = Observation("Value", "SP.POP.TOTL", "PS")


def _world_bank(folder: Path, countries: list[str]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Observations and labels of the World Bank's series."""
    wdi = read_table(folder / WDI_EXTRACT.file)
    parts = [
        (WDI_GDP, "Code", "year", read_table(folder / WDI_GDP.file), GDP),
        (WDI_POPULATION, "Country Code", "Year", read_table(folder / WDI_POPULATION.file), POPULATION),
        *[
            (WDI_EXTRACT, "Country Code", "Year", wdi_series(wdi, code), Observation("Value", code, unit))
            for code, unit in WDI_UNITS.items()
        ],
    ]
    rows = [
        long_rows(
            table,
            area=area,
            year=year,
            observations=[observation],
            areas=countries,
            source="world_bank",
            citation=citation.citation,
        )
        for citation, area, year, table, observation in parts
    ]
    titles = dict(zip(wdi["Series Code"], wdi["Series Name"], strict=True))
    names = dict(zip(wdi["Country Code"], wdi["Country Name"], strict=True))
    series = [GDP.series, POPULATION.series, *WDI_UNITS]
    labels = [
        *[("world_bank", "area", code, names[code]) for code in countries],
        ("world_bank", "revision", "WDI", _last_updated(wdi)),
        *[("world_bank", "series", code, (titles | {GDP.series: GDP_TITLE})[code]) for code in series],
    ]
    return pd.concat(rows), pd.DataFrame(labels, columns=LABEL_COLUMNS)


def _last_updated(wdi: pd.DataFrame) -> str:
    """The date in the export's last line, `Last Updated: 07/25/2023`, as an ISO date."""
    line = str(wdi["Country Name"].iloc[-1])
    try:
        return datetime.strptime(line, "Last Updated: %m/%d/%Y").date().isoformat()
    except ValueError as error:
        message = f"{WDI_EXTRACT.file}: the last line has no date: {line!r}; export the file again"
        raise SourceFileError(message) from error


def _owid(folder: Path, countries: list[str]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Observations and labels of the Our World in Data charts."""
    rows: list[pd.DataFrame] = []
    entities: dict[str, str] = {}
    titles: dict[str, str] = {}
    for citation, unit in CHARTS:
        table = read_table(folder / citation.file)
        slug = Path(citation.file).stem
        observations = [Observation(title, f"{slug}/{title}", unit) for title in table.columns[3:]]
        rows.append(
            long_rows(
                table,
                area="Code",
                year="Year",
                observations=observations,
                areas=countries,
                source="owid_grapher",
                citation=citation.citation,
            )
        )
        entities |= dict(zip(table["Code"], table["Entity"], strict=True))
        titles |= {observation.series: observation.column for observation in observations}
    labels = [
        *[("owid_grapher", "area", code, entities[code]) for code in countries],
        *[("owid_grapher", "series", code, title) for code, title in titles.items()],
    ]
    return pd.concat(rows), pd.DataFrame(labels, columns=LABEL_COLUMNS)


def _wup(folder: Path) -> WupFile:
    """The agglomerations in the catalogue."""
    source = read_yaml(source_file("un_wup"))
    return read_wup(
        folder / WUP_2018.file,
        source["areas"],
        last_estimated=source["last_estimated_period"],
        citation=WUP_2018.citation,
    )


def _file_note(folder: Path, citation: Citation, origins: pd.DataFrame) -> str:
    """The exact file: its public origin, its sha256 and a note."""
    name = citation.file.rpartition("/")[2]
    repo, path, commit = citation.origin or _origin(citation, origins)
    digest = hashlib.sha256((folder / citation.file).read_bytes()).hexdigest()
    return f"{name} (sha256 {digest}), as stored in {repo} {path} at {commit}. {citation.note}".strip()


def _origin(citation: Citation, origins: pd.DataFrame) -> tuple[str, str, str]:
    """The repository, path and commit of a file in SOURCES.tsv."""
    place, _, name = citation.file.partition("/")
    origin = origins[(origins["folder"] == place) & (origins["file"] == name)]
    if len(origin) != 1:
        message = f"SOURCES.tsv has {len(origin)} lines for {citation.file}; it must have one"
        raise SourceFileError(message)
    repo, path, commit = origin[["repo", "path", "commit"]].iloc[0]
    return repo, path, commit


def _citations(folder: Path) -> pd.DataFrame:
    origins = pd.read_csv(folder / "SOURCES.tsv", sep="\t", dtype=str, keep_default_na=False)
    rows = [
        (item.citation, item.text, item.licence, item.url, _file_note(folder, item, origins))
        for item in dict.fromkeys((*CITATIONS, *TABLES.values(), *WEATHER.values()))
    ]
    return pd.DataFrame(rows, columns=["citation", "text", "licence", "url", "file_note"]).sort_values(
        "citation"
    )


def compile_sample(folder: Path) -> dict[str, bytes]:
    """Compile the sample's files.

    Args:
        folder: the publishers' real files and their SOURCES.tsv.

    Returns:
        File name -> content, CSV in UTF-8 with LF, rows in an order that depends only on the data.

    Raises:
        SourceFileError: a file, a country or a city is absent, or the layout of a file has changed.
    """
    countries = read_text_csv(CATALOG / "countries.csv")["ref_area"].tolist()
    world_bank, world_bank_labels = _world_bank(folder, countries)
    owid, owid_labels = _owid(folder, countries)
    wup = _wup(folder)
    observations = pd.concat([world_bank, owid, wup.observations])[OBSERVATION_COLUMNS].sort_values(
        ["source", "series", "ref_area", "time_period"]
    )
    tables = {
        "observations.csv": observations,
        "best_practices.csv": compile_cases(folder, iso_countries(load_catalogue().countries)),
        "metro_openings.csv": compile_openings(folder, load_catalogue()),
        "world_bank_projects.csv": compile_projects(folder, load_catalogue()),
        "citations.csv": _citations(folder),
        "daily_weather.csv": compile_weather(folder, WEATHER, load_catalogue()),
        # Not sorted: the columns of a chart keep the publisher's order.
        "labels.csv": pd.concat([owid_labels, world_bank_labels]),
        "wup_agglomerations.csv": wup.agglomerations,
        "wup_text.csv": wup.text,
        **_tables(folder),
    }
    return {name: _csv(table) for name, table in tables.items()}


def _tables(folder: Path) -> dict[str, pd.DataFrame]:
    catalogue = load_catalogue()
    return {
        f"tables/{name}.csv": compile_file(name, folder / citation.file, citation, catalogue)
        for name, citation in TABLES.items()
    }


def _csv(table: pd.DataFrame) -> bytes:
    return table.to_csv(index=False, lineterminator="\n").encode()


def main(arguments: Sequence[str] | None = None) -> None:
    """Compile the sample from the folder named on the command line into demo/data."""
    parser = argparse.ArgumentParser(description="Compile demo/data from the publishers' real files.")
    parser.add_argument("folder", type=Path, help="the publishers' files, with SOURCES.tsv")
    folder = parser.parse_args(arguments).folder
    (SAMPLE / "tables").mkdir(parents=True, exist_ok=True)
    for name, content in compile_sample(folder).items():
        (SAMPLE / name).write_bytes(content)


if __name__ == "__main__":
    sys.exit(exit_code(main))
