"""docs/reference/sources.md is up to date with the real files and shows the known defects."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from city_indicators.catalog import Catalogue, load_catalogue
from city_indicators.ingest.parse import Parsed
from tests.inventory import inventory, recorded


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue()


@pytest.fixture(scope="module")
def document(shared: Path, catalogue: Catalogue) -> str:
    return inventory.inventory(shared, catalogue)


@pytest.fixture(scope="module")
def specimens(shared: Path, catalogue: Catalogue) -> Mapping[str, Parsed]:
    return inventory.specimens(shared / "data", catalogue)


def line_of(document: str, name: str) -> str:
    (line,) = [line for line in document.splitlines() if name in line]
    return line


def test_the_committed_document_is_up_to_date(document: str) -> None:
    assert inventory.FILE.read_text(encoding="utf-8") == document


@pytest.mark.parametrize(
    ("name", "fate"),
    [
        ("the total is less than its own scope 1", "`25680678` rejected by `total_covers_parts`"),
        ("its scope 1 is rejected too", "`59059034` rejected by `total_covers_parts`"),
        ("no green area", "`0` rejected by `plausible_range`"),
        (
            "Riyadh twice",
            "accepted as 27.13455 PT, from line 1693/pct_pt_access; `27.13455` rejected by `no_repeat`",
        ),
        # Three systems of 195.1, 109.0 and 12.2 km.
        (
            "Tokyo has several",
            "accepted as 316.3 KM, from line 126/system_length + line 127/system_length + line 128",
        ),
        # 2 314 296.75 kt of 19 523 052.76 people.
        ("implausibly high", "`2314296.75` kt, 118.5 t a head, rejected by `plausible_range`"),
        ("zero emissions", "`0` kt, 0.0 t a head, rejected by `plausible_range`"),
        ("WDI saved by a spreadsheet, Russia", "`7.009.924.123` rejected by `value_is_number`"),
        ("all of GDP", "the first in Afghanistan, 01/01/1960: `537.777.811.111.111`; `value_is_number`"),
        (
            "the lowest PM2.5",
            "Agia Marina, CYP, 2016: `0.01`, out of scope; if requested, it is rejected by `plausible_range`",
        ),
        ("July 2018 - June 2019", "Ekurhuleni is read as 2018, from the column `Year_calendar`"),
        ("footnotes below the table", "27947 rows are read"),
        (
            "a grid cell at sea",
            "286 observations of nasa_weather_Dubai_1999_2024.csv rejected by `known_area`",
        ),
        (
            "Berlin's file for Moscow",
            "SourceContractError: requested the point 55.75204,37.61781, the answer is for 52.52",
        ),
    ],
)
def test_shows_a_known_defect_with_its_rule(document: str, name: str, fate: str) -> None:
    assert fate in line_of(document, name)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("IndicatorValuesService_List__3.json", "SourceContractError: the API refuses the request"),
        (
            "IndicatorValuesService_ListBySourceID__3.txt",
            "SourceContractError: a page of HTML or XML instead of JSON",
        ),
        ("ListByCountryIDsAndSourceIDWithFootnote__0.json", "| 0 | 0 | 0 | 0 | 50 |"),
        ("daily_ag_point.json", "SourceContractError: the answer lacks ['PRECTOTCORR']"),
        ("air_quality_hourly_2026-10-03_subset.json", "| 0 | 0 | 0 | 2 | 0 |"),
        ("error_429_minutely.json", "a SourceUnavailableError: Minutely API request limit exceeded"),
    ],
)
def test_shows_a_recorded_answer_with_its_counts_or_its_error(
    document: str, answer: str, expected: str
) -> None:
    assert expected in line_of(document, answer)


def test_every_recorded_answer_has_its_line(document: str, shared: Path, catalogue: Catalogue) -> None:
    files = [exchange.file for exchange in recorded.exchanges(shared / "recorded", catalogue)]
    assert len(files) == 35 + 2 + 5
    assert all(line_of(document, f"| {file} |") for file in files)


def test_of_the_damaged_table_only_cells_with_at_most_one_point_are_numbers(
    specimens: Mapping[str, Parsed],
) -> None:
    # individuals_using_internet% on 01/01/2015, looked up in the file.
    parsed = specimens["wdi_damaged"]
    accepted = dict(zip(parsed.accepted["ref_area"], parsed.accepted["value_as_published"], strict=True))
    assert accepted == {"CHN": "50.3", "IND": "14.9"}
    assert dict(zip(parsed.rejected["ref_area"], parsed.rejected["value_as_published"], strict=True)) == {
        "BRA": "5.832.795.173",
        "RUS": "7.009.924.123",
        "ZAF": "5.191.911.572",
        "IDN": "220.627.426",
    }
    assert set(parsed.rejected["rule"]) == {"value_is_number"}


def test_no_specimen_is_a_source_of_the_catalogue(catalogue: Catalogue) -> None:
    assert not set(inventory.REFUSED) & set(catalogue.sources)
    assert {file.stem for file in inventory.SPECIMENS.glob("*.yaml")} == set(inventory.REFUSED)
