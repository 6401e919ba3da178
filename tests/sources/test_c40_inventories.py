"""C40's inventories: the real workbook, and small ones damaged one thing at a time."""

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from city_indicators.catalog import Catalogue, Source
from city_indicators.core.errors import SourceContractError
from city_indicators.ingest.normalise import normalise
from city_indicators.ingest.parse import Parsed, parse_files
from city_indicators.sources import c40_inventories
from city_indicators.sources.records import Record

SHEET = "GHG Dashboard Data - Inventory"
TITLES = [
    *("City", "Country", "Year", "Year_calendar", "Level", "Population"),
    *("BASIC", "BASIC+", "BASIC Stationary", "BASIC Transport", "BASIC\nWaste"),
]
LONDON = ("London", "United Kingdom", "2019", 2019, "BASIC", 8000000, 40e6, 50e6, 30e6, 8e6, 2e6)


@pytest.fixture(scope="session")
def source(catalogue: Catalogue) -> Source:
    return catalogue.sources["c40_gpc"]


@pytest.fixture(scope="session")
def file(shared: Path) -> Path:
    return shared / "data/c40_gpc/C40_GPC_Database.xlsx"


@pytest.fixture(scope="module")
def real(file: Path, catalogue: Catalogue) -> Parsed:
    return parse_files("c40_gpc", [file], catalogue)


@pytest.fixture(scope="module")
def real_records(file: Path, source: Source, snapshot_of: Any, years: Any) -> list[Record]:
    return list(
        c40_inventories.read(source, iter([snapshot_of(file.read_bytes())]), years(1990, 2021)),
    )


@pytest.fixture
def read(source: Source, snapshot_of: Any, years: Any) -> Callable[..., list[Record]]:
    """The records of a workbook with these lines below the header."""

    def read_lines(*lines: tuple[Any, ...], titles: list[str] = TITLES) -> list[Record]:
        content = io.BytesIO()
        pd.DataFrame(lines, columns=titles).to_excel(content, sheet_name=SHEET, index=False)
        return list(c40_inventories.read(source, iter([snapshot_of(content.getvalue())]), years(2000, 2021)))

    return read_lines


def observations(parsed: Parsed, city: str, year: str) -> dict[str, float]:
    rows = parsed.accepted.query("ref_area == @city and time_period == @year")
    return dict(zip(rows["indicator"], rows["obs_value"], strict=True))


def test_london_2019_has_the_published_sectors_and_their_sum_per_head(real: Parsed) -> None:
    # 28 775 407.594 t over 8 961 989 people.
    assert observations(real, "london", "2019") == pytest.approx(
        {
            "GHG_BASIC": 28775407.594238,
            "GHG_BASIC_PC": 3.210828,
            "GHG_STATIONARY": 19625718.60702,
            "GHG_TRANSPORT": 8650264.004466,
            "GHG_WASTE": 499424.982752,
        },
        rel=1e-6,
    )


@pytest.mark.parametrize(
    ("city", "year", "basic"),
    [
        ("delhi", "2019", 37804326.932921),  # "Delhi NCT", of "April 2019 - April 2020"
        ("tokyo", "2013", 66081397.953081),  # "2013 Apr - 2014 Mar"
        ("pretoria", "2014", 21186238.210781),  # "Tshwane", of "July 2014 - 2015 June"
        ("sydney", "2019", 3459435.447963),  # "2019-2020"
        ("mexico-city", "2018", None),  # "Ciudad de México"
        ("bogota", "2018", None),  # of "Colombia "
    ],
)
def test_free_text_years_and_other_names_find_their_place(
    real: Parsed, city: str, year: str, basic: float | None
) -> None:
    found = observations(real, city, year)["GHG_BASIC"]
    assert basic is None or found == pytest.approx(basic, rel=1e-9)


def test_the_complete_workbook_is_accepted(real: Parsed) -> None:
    # 135 inventories of 28 of our cities, five observations each.
    assert (len(real.accepted), len(real.rejected), real.empty_cells) == (675, 0, 0)
    assert real.accepted["ref_area"].nunique() == 28
    assert real.accepted["unit_measure"].value_counts().to_dict() == {"TCO2E": 540, "TCO2E_PC": 135}


def test_skips_empty_rows_of_the_template(real_records: list[Record]) -> None:
    assert len(real_records) == 329 * 5
    assert all(record.area_code for record in real_records)


def test_places_of_our_countries_that_are_none_of_our_cities_are_listed(real: Parsed) -> None:
    assert real.unmatched["ZAF", "Ekurhuleni"] == 5
    assert ("CAN", "Toronto") not in real.unmatched


def test_other_apostrophes_and_trailing_tabs_stay_in_the_raw_row(real_records: list[Record]) -> None:
    (abidjan,) = {record.country for record in real_records if record.area_code == "Abidjan"}
    assert abidjan == "Côte d’Ivoire"
    raw = next(json.loads(record.raw) for record in real_records if record.area_code == "Addis Ababa")
    assert (raw["Boundary"], raw["I.1.3"]) == ("City / Municipality", "NE")


def test_real_notation_keys_are_empty_cells_and_stay_in_the_raw_row(
    file: Path, source: Source, snapshot_of: Any, years: Any
) -> None:
    subsector = source.series[0].model_copy(update={"column": "I.4.2"})
    altered = source.model_copy(update={"series": [subsector]})
    records = list(
        c40_inventories.read(altered, iter([snapshot_of(file.read_bytes())]), years(1990, 2021)),
    )
    by_key = {json.loads(record.raw)["I.4.2"]: record.value for record in records}
    assert {key: by_key[key] for key in by_key if isinstance(key, str)} == dict.fromkeys(
        ("IE", "NO", "NE"),
    )
    assert {type(value) for value in by_key.values()} == {float, int, type(None)}


@pytest.mark.parametrize(
    "key", ["NO", "No", "NE", "IE", "C", "NO; IE", "NE; NE", "IE (I.1.1)", "NO \t", None]
)
def test_a_notation_key_is_an_empty_cell(read: Any, key: str | None) -> None:
    values = {r.series.indicator: r.value for r in read((*LONDON[:-1], key))}
    assert values["GHG_WASTE"] is None
    assert values["GHG_BASIC"] == 40e6


@pytest.mark.parametrize("text", ["NA", "12,5", "about 3", "$763,955,224,976", "NO; 5"])
def test_other_text_stays_visible_and_is_rejected(
    read: Any, source: Source, catalogue: Catalogue, years: Any, text: str
) -> None:
    records = read((*LONDON[:6], text, *LONDON[7:]))
    values = {r.series.indicator: r.value for r in records}
    assert values["GHG_BASIC"] == values["GHG_BASIC_PC"] == text
    normalised = normalise(records, source, catalogue, years(2000, 2021)).observations
    assert normalised["obs_value"].isna().sum() == 2


def test_per_head_is_basic_over_the_population_of_the_same_row(read: Any) -> None:
    values = {r.series.indicator: r.value for r in read(LONDON)}
    assert values["GHG_BASIC_PC"] == 5


@pytest.mark.parametrize("population", [None, 0, "NE"])
def test_without_a_population_there_is_no_value_per_head(read: Any, population: Any) -> None:
    values = {r.series.indicator: r.value for r in read((*LONDON[:5], population, *LONDON[6:]))}
    assert values["GHG_BASIC_PC"] is None
    assert values["GHG_BASIC"] == 40e6


def test_basic_plus_is_never_taken_for_basic(read: Any) -> None:
    assert 50e6 not in {record.value for record in read(LONDON)}


@pytest.mark.parametrize("title", ["BASIC", "Population", "Year_calendar", "City", "Country"])
def test_a_workbook_without_a_column_is_a_broken_contract(read: Any, title: str) -> None:
    titles = [f"Other {name}" if name == title else name for name in TITLES]
    with pytest.raises(SourceContractError, match="a column is declared as"):
        read(LONDON, titles=titles)


def test_a_page_instead_of_the_file_is_a_broken_contract(
    source: Source, snapshot_of: Any, years: Any
) -> None:
    page = snapshot_of(b"<!DOCTYPE html><title>Google Drive - Virus scan warning</title>")
    with pytest.raises(SourceContractError, match="not a workbook"):
        list(c40_inventories.read(source, iter([page]), years(2000, 2021)))


def test_requests_the_complete_file_once(
    source: Source, catalogue: Catalogue, publisher: Any, years: Any
) -> None:
    requested = publisher(b"bytes")
    c40_inventories.fetch(source, catalogue, years(2000, 2021), requested)
    assert requested.requests == [(source.path, {})]
