"""Urban centres of the JRC: real rows of one theme, and themes damaged one thing at a time."""

import os
import resource
import subprocess
import sys
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any, Final

import pandas as pd
import pytest

from city_indicators.catalog import Catalogue, Source
from city_indicators.core.errors import SourceContractError
from city_indicators.core.intervals import EVERY_YEAR
from city_indicators.core.paths import PROJECT
from city_indicators.ingest.parse import Parsed, parse_files
from city_indicators.sources import ghs_ucdb
from city_indicators.sources.ghs_ucdb import AREA, NAME, PEOPLE
from city_indicators.sources.records import Record
from tests.sources.urban_centres import CENTRES, COUNTRY, ID, real_rows, rows_of_theme, zip_of

GIGABYTE: Final = 10**9
ELSEWHERE: Final = {
    "guangzhou": "urban_centre_merged",
    "shenzhen": "urban_centre_merged",
    "seoul": "urban_centre_merged",
    "jakarta": "urban_centre_merged",
    "surabaya": "urban_centre_merged",
    "bangkok": "urban_centre_merged",
    "abu-dhabi": "urban_centre_part",
    "hong-kong": "urban_centre_part",
    "brasilia": "urban_centre_part",
}
"""Our cities whose centre is another place than the city; all others have their own."""


@pytest.fixture(scope="module")
def source(catalogue: Catalogue) -> Source:
    return catalogue.sources["ghs_ucdb"]


@pytest.fixture
def rows(source: Source) -> pd.DataFrame:
    return real_rows(source)


@pytest.fixture
def read(source: Source, snapshot_of: Any) -> Callable[..., list[Record]]:
    """The records of themes, each given by its rows or its bytes; by default in Windows-1252."""

    def of(themes: dict[str, Any], encoding: str = "windows-1252") -> list[Record]:
        archived = [
            snapshot_of(rows if isinstance(rows, bytes) else zip_of(theme, rows, encoding))
            for theme, rows in themes.items()
        ]
        return list(ghs_ucdb.read(source, iter(archived), EVERY_YEAR))

    return of


@pytest.fixture
def parse(catalogue: Catalogue, tmp_path: Path) -> Callable[..., Parsed]:
    def of(**themes: pd.DataFrame) -> Parsed:
        files = []
        for theme, rows in themes.items():
            files.append(tmp_path / f"{theme}.zip")
            files[-1].write_bytes(zip_of(theme, rows))
        return parse_files("ghs_ucdb", files, catalogue)

    return of


def values(parsed: Parsed, indicator: str) -> dict[str, float]:
    of_indicator = parsed.accepted[parsed.accepted["indicator"] == indicator]
    return dict(zip(of_indicator["ref_area"], of_indicator["obs_value"], strict=True))


def changed(rows: pd.DataFrame, id_: str, **cells: str) -> pd.DataFrame:
    """The rows with other cells in the row of one centre."""
    changed = rows.copy()
    for column, text in cells.items():
        changed.loc[changed[ID] == id_, column] = text
    return changed


def another(rows: pd.DataFrame, **cells: str) -> pd.DataFrame:
    """The rows and one more centre, a copy of the first with other cells."""
    return pd.concat([rows, rows.iloc[:1].assign(**cells)], ignore_index=True)


def test_the_real_rows_give_population_area_and_hospitals_of_24_cities(parse: Any, rows: Any) -> None:
    parsed = parse(HEALTH=rows)
    assert len(rows) == 23
    assert parsed.rejected.empty
    population, area = values(parsed, "POP_CENTRE"), values(parsed, "AREA_CENTRE")
    assert len(population) == len(area) == 24
    assert (population["moscow"], area["moscow"]) == (14384081.55, 1545)
    assert population["guangzhou"] == population["shenzhen"] == 42987704.03
    hospitals = values(parsed, "HOSPITAL_ACCESS")
    assert len(hospitals) == 23
    assert "hong-kong" not in hospitals
    assert hospitals["moscow"] == 37.78410067


def test_a_centre_that_is_another_place_than_the_city_is_never_the_citys_own(
    parse: Any, rows: Any, catalogue: Catalogue
) -> None:
    accepted = parse(HEALTH=rows).accepted
    bases = accepted.groupby("ref_area")["geo_basis"].agg(set)
    elsewhere = {city: {basis} for city, basis in ELSEWHERE.items()}
    assert dict(bases[bases != {"urban_centre"}]) == elsewhere
    assert not any(catalogue.geo_bases[basis].city_level for basis in set(ELSEWHERE.values()))


def test_the_people_of_agglomerations_are_those_of_the_un(source: Source) -> None:
    from demo.sample.table import load_sample

    un = load_sample().of_source("un_wup")
    of_2025 = un[un["time_period"] == "2025"]
    thousands = dict(zip(of_2025["ref_area"], of_2025["obs_value"].astype(float), strict=True))
    assert source.people == {city: round(1000 * number) for city, number in thousands.items()}


@pytest.mark.parametrize(
    ("people", "cities", "basis"),
    [
        (1_500_000.0, 1, "urban_centre"),
        (1_500_001.0, 1, "urban_centre_merged"),
        (1_000_000.0, 2, "urban_centre_merged"),
        (666_667.0, 1, "urban_centre"),
        (666_666.0, 1, "urban_centre_part"),
        (float("nan"), 1, "urban_centre_part"),
    ],
)
def test_the_basis_follows_from_the_people_of_the_agglomeration(
    people: float, cities: int, basis: str
) -> None:
    assert ghs_ucdb.basis_of(people, cities, 1_000_000) == basis


@pytest.mark.parametrize("encoding", ["windows-1252", "utf-8", "utf-8-sig"])
def test_the_encoding_is_that_of_the_bytes(read: Any, rows: Any, encoding: str) -> None:
    names = {record.raw for record in read({"HEALTH": rows}, encoding) if record.area_code == "7277"}
    assert any('"São Paulo"' in raw and '"GC_POP_TOT_2025": "19485157.73"' in raw for raw in names)


def test_every_year_of_a_range_is_read_and_the_leading_population_comes_first(
    parse: Any, rows: Any, source: Source
) -> None:
    years = [f"GH_POP_TOT_{year}" for year in range(1975, 2031, 5)]
    ghsl = rows.iloc[:, :7].assign(**dict.fromkeys(years, rows[PEOPLE]))
    parsed = parse(HEALTH=rows, GHSL=changed(ghsl, "2576", GH_POP_TOT_1975="-", GH_POP_TOT_2025="14000000"))
    moscow = parsed.accepted[
        (parsed.accepted["ref_area"] == "moscow") & (parsed.accepted["indicator"] == "POP_CENTRE")
    ].set_index("time_period")
    assert list(moscow.index.sort_values()) == [str(year) for year in range(1980, 2031, 5)]
    assert moscow["obs_value"]["2025"] == 14384081.55
    assert dict(moscow["obs_status"]) == {year: "F" if year > "2025" else "E" for year in moscow.index}


def test_a_city_without_a_known_id_is_found_by_any_of_its_names_in_its_country(parse: Any, rows: Any) -> None:
    found = parse(
        HEALTH=another(
            another(rows, **{ID: "20001", NAME: "Bogotá", COUNTRY: "Colombia", PEOPLE: "11800000"}),
            **{ID: "20002", NAME: "Madrid", COUNTRY: "Colombia", PEOPLE: "80000"},
        )
    )
    population = values(found, "POP_CENTRE")
    assert population["bogota"] == 11800000
    assert "madrid" not in population
    assert found.out_of_scope == 3


def test_a_namesake_of_a_declared_centre_is_not_the_city(parse: Any, rows: Any) -> None:
    found = parse(HEALTH=another(rows, **{ID: "20001", NAME: "Alexandria", COUNTRY: "Egypt"}))
    assert values(found, "POP_CENTRE")["alexandria"] == 6931368.874
    assert found.rejected.empty
    assert found.out_of_scope == 1


CASES: Final[dict[str, tuple[Callable[[pd.DataFrame], pd.DataFrame], str]]] = {
    "two centres with the name of a city": (
        lambda rows: another(
            another(rows, **{ID: "20001", NAME: "Delhi", COUNTRY: "India"}),
            **{ID: "20002", NAME: "New Delhi", COUNTRY: "India"},
        ),
        "the centres 20001 and 20002 of India are both named as delhi: declare the id",
    ),
    "a centre twice": (
        lambda rows: another(rows, **{NAME: "Abu Dhabi"}),
        r"the centre 325 .* is there twice",
    ),
    "ids renumbered": (
        lambda rows: changed(rows, "2576", **{NAME: "Kazan"}),
        "named 'Kazan, Russia', not Moscow",
    ),
    "a centre gone": (lambda rows: rows[rows[ID] != "2576"], "the centre of moscow is declared as '2576'"),
    "a column renamed": (
        lambda rows: rows.rename(columns={"HL_SHP_HOS_2025": "HL_SHP_HSP_2025"}),
        "a column is declared as 'HL_SHP_HOS_2025'",
    ),
    "no names": (lambda rows: rows.rename(columns={NAME: "NAME"}), f"a column is declared as '{NAME}'"),
}


@pytest.mark.parametrize("case", CASES)
def test_what_is_ambiguous_or_missing_is_refused(case: str, read: Any, rows: Any) -> None:
    damage, fault = CASES[case]
    with pytest.raises(SourceContractError, match=fault):
        read({"HEALTH": damage(rows)})


def test_a_size_that_differs_between_themes_is_refused(read: Any, rows: Any) -> None:
    exposure = rows.iloc[:, :7].assign(EX_100_SHP_2025="1")
    rounded = changed(exposure, "2576", **{PEOPLE: "14384081.5"})
    assert read({"HEALTH": rows, "EXPOSURE": rounded})
    for column, text in ((PEOPLE, "14384"), (AREA, "1546"), (PEOPLE, "-")):
        with pytest.raises(SourceContractError, match=f"{column} of Moscow is '{text}' here and"):
            read({"HEALTH": rows, "EXPOSURE": changed(exposure, "2576", **{column: text})})


def test_an_answer_that_is_no_requested_theme_is_refused(read: Any, rows: Any) -> None:
    with pytest.raises(SourceContractError, match="the theme WATER, which was not requested"):
        read({"WATER": rows})
    with pytest.raises(SourceContractError, match=r"the theme HEALTH, .* or is there twice"):
        read({"HEALTH": rows, "EXPOSURE": zip_of("HEALTH", rows)})
    with pytest.raises(SourceContractError, match="not a zip: the bytes begin with b'<html>"):
        read({"HEALTH": b"<html>Not found</html>"})
    with pytest.raises(SourceContractError, match=r"the zip holds \['readme.txt', .*\] instead of one file"):
        read({"HEALTH": zip_of("HEALTH", rows).replace(b"_THEME_", b"_TOPIC_")})


def limited() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (GIGABYTE, GIGABYTE))


def test_themes_of_all_centres_of_the_world_are_read_within_a_gigabyte(
    source: Source, catalogue: Catalogue, tmp_path: Path
) -> None:
    files = []
    for theme, columns in (("HEALTH", 0), ("EMISSIONS", 200)):
        rows = rows_of_theme(source, catalogue, theme, columns)
        assert rows[ID].nunique() == len(rows) == CENTRES
        files.append(tmp_path / f"{theme}.zip")
        files[-1].write_bytes(zip_of(theme, rows))
    done = subprocess.run(
        [sys.executable, "-m", "city_indicators", "parse", "ghs_ucdb", *map(str, files)],
        env={**os.environ, "PYTHONPATH": str(PROJECT / "plugins"), "OPENBLAS_NUM_THREADS": "1"},
        preexec_fn=limited,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    accepted = pd.read_csv(StringIO(done.stdout))
    population = accepted[accepted["indicator"] == "POP_CENTRE"].set_index("ref_area")
    assert len(population) == 48
    assert set(population.index) == set(catalogue.cities)
    elsewhere = population["geo_basis"][population["geo_basis"] != "urban_centre"]
    assert dict(elsewhere) == ELSEWHERE
    # No namesake took the place of a city.
    sizes = population["obs_value"] / pd.Series(source.people)
    assert set(sizes.index[~sizes.between(2 / 3, 3 / 2)]) == set(ELSEWHERE)
    assert (accepted["indicator"] == "CO2_PC_CENTRE").sum() == 48
