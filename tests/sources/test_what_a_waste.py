"""What a Waste: damaged names, values per head, two files that belong together."""

from collections.abc import Callable
from typing import Any

import pytest

from city_indicators.catalog import Catalogue
from city_indicators.core.errors import SourceContractError
from city_indicators.ingest.parse import EVERY_YEAR
from city_indicators.sources import what_a_waste


@pytest.mark.parametrize(
    ("damaged", "name"),
    [
        ("Bogot\u00c3\u00a1", "Bogotá"),
        ("Johannesburg\u00c2\u00a0", "Johannesburg"),
        ("Vavaâ€™u", "Vava\u2019u"),
        ("Córdoba", "Córdoba"),
        ("São Paulo ", "São Paulo"),
        ("Сан-Паулу", "Сан-Паулу"),
    ],
)
def test_a_name_read_in_the_wrong_code_page_is_repaired(damaged: str, name: str) -> None:
    assert what_a_waste.repaired(damaged) == name


CITY = "iso3c,city_name,total_msw_total_msw_generated_tons_year,population_population_number_of_people"
TONNES = "RUS,Moscow,total_msw_total_msw_generated_tons_year,tonnes/year,2011\n"
NOTE = f"iso3c,city_name,measurement,units,year\n{TONNES}"


@pytest.fixture
def per_head(catalogue: Catalogue, snapshot_of: Any) -> Callable[..., Any]:
    """The value per head of one city, read from the two files."""
    source = catalogue.sources["what_a_waste"]
    series = [s for s in source.series if s.per]

    def read(tonnes: str, people: str, year: str) -> Any:
        city = f"{CITY}\nRUS,Moscow,{tonnes},{people}\n"
        note = NOTE + f"RUS,Moscow,population_population_number_of_people,# of people,{year}\n"
        archived = iter([snapshot_of(city.encode()), snapshot_of(note.encode())])
        (record,) = what_a_waste.read(source.model_copy(update={"series": series}), archived, EVERY_YEAR)
        return record.value

    return read


@pytest.mark.parametrize(
    ("tonnes", "people", "year", "value"),
    [
        ("600", "1000", "2013", 0.6),
        ("600", "1000", "2009", 0.6),
        ("600", "1000", "2014", None),
        ("600", "1000", "", None),
        ("600", "", "2011", None),
        ("", "1000", "2011", None),
        ('"100,000"', "1000", "2011", "100,000"),
        ("600", "0", "2011", "0"),
    ],
)
def test_per_head_needs_two_values_of_about_one_year(
    per_head: Any, tonnes: str, people: str, year: str, value: Any
) -> None:
    assert per_head(tonnes, people, year) == value


@pytest.mark.parametrize("text", [NOTE, CITY + "\nRUS,Moscow,600,1000\n"])
def test_one_of_the_two_files_alone_breaks_the_contract(
    catalogue: Catalogue, snapshot_of: Any, text: str
) -> None:
    archived = iter([snapshot_of(text.encode())])
    with pytest.raises(SourceContractError, match="expected two files"):
        list(what_a_waste.read(catalogue.sources["what_a_waste"], archived, EVERY_YEAR))


@pytest.mark.parametrize(
    ("note", "fault"),
    [
        (
            TONNES.replace("tonnes/year", "kg/year"),
            "is declared as 'tonnes/year', but the publisher writes 'kg/",
        ),
        (TONNES * 2, "line 3 repeats .* of line 2"),
    ],
)
def test_a_codebook_in_another_unit_or_with_a_repeat_breaks_the_contract(
    catalogue: Catalogue, snapshot_of: Any, note: str, fault: str
) -> None:
    files = (f"{CITY}\nRUS,Moscow,600,1000\n", NOTE.replace(TONNES, note))
    archived = iter([snapshot_of(text.encode()) for text in files])
    with pytest.raises(SourceContractError, match=fault):
        list(what_a_waste.read(catalogue.sources["what_a_waste"], archived, EVERY_YEAR))


def test_requests_both_files(catalogue: Catalogue, publisher: Any, years: Any) -> None:
    publisher = publisher(b"", b"")
    source = catalogue.sources["what_a_waste"]
    snapshots = what_a_waste.fetch(source, catalogue, years(2018, 2018), publisher)
    assert [path.rsplit("/", 1)[1] for path, _ in publisher.requests] == [
        "city_level_data_0_0.csv",
        "city_level_codebook_0.csv",
    ]
    assert len(snapshots) == 2
