"""Carbon intensity of grids: the three real files, and files damaged one thing at a time."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from city_indicators.catalog import Catalogue
from city_indicators.catalog.source import Source
from city_indicators.core.errors import SourceContractError, SourceUnavailableError
from city_indicators.core.intervals import EVERY_YEAR
from city_indicators.ingest.parse import Parsed, parse_files
from city_indicators.sources import codecarbon
from city_indicators.sources.records import Record

COUNTRIES, PROVINCES, STATES, CANADA = (
    "global_energy_mix",
    "china_provincial_emissions",
    "usa_emissions",
    "canada_energy_mix",
)


@pytest.fixture(scope="module")
def source(catalogue: Catalogue) -> Source:
    return catalogue.sources["grid_co2"]


@pytest.fixture(scope="module")
def real(shared: Path) -> Callable[[str], Any]:
    folder = shared / "data/grid_co2_codecarbon"
    return lambda name: json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def parsed(shared: Path, catalogue: Catalogue) -> Parsed:
    folder = shared / "data/grid_co2_codecarbon"
    return parse_files(
        "grid_co2", [folder / f"{name}.json" for name in (COUNTRIES, PROVINCES, STATES)], catalogue
    )


@pytest.fixture
def read(source: Source, snapshot_of: Any) -> Callable[..., list[Record]]:
    def read_file(name: str, answer: Any) -> list[Record]:
        content = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        snapshot = snapshot_of(content, f"https://publisher.example/{name}.json")
        return list(codecarbon.read(source, iter([snapshot]), EVERY_YEAR))

    return read_file


@pytest.mark.parametrize(
    ("place", "year", "grams", "basis"),
    [
        ("RUS", "2023", 441.039, "country"),
        ("CHN", "2023", 582.317, "country"),
        ("HKG", "2022", 699.499, "country"),
        ("ETH", "2022", 24.643, "country"),
        ("CAN", "2023", 170.043, "country"),
        ("chengdu", "2023", 156.4, "region"),
        ("shanghai", "2023", 573.7, "region"),
        ("guangzhou", "2023", 441.9, "region"),
        ("shenzhen", "2023", 441.9, "region"),
        # A pound is 453.59237 g: 466.616 x 0.45359237 and 394.769 x 0.45359237.
        ("new-york-city", "2023", 211.6534573, "region"),
        ("los-angeles", "2023", 179.0642063, "region"),
    ],
)
def test_values_of_the_real_files(parsed: Parsed, place: str, year: str, grams: float, basis: str) -> None:
    (row,) = parsed.accepted[parsed.accepted["ref_area"] == place].to_dict("records")
    assert (row["time_period"], row["geo_basis"], row["unit_measure"]) == (year, basis, "G_KWH")
    assert row["obs_value"] == pytest.approx(grams, abs=1e-7)


def test_every_country_and_the_eight_cities_of_a_province_have_one_value(
    parsed: Parsed, catalogue: Catalogue
) -> None:
    places = parsed.accepted["ref_area"].tolist()
    regional = set(parsed.accepted.loc[parsed.accepted["geo_basis"] == "region", "ref_area"])
    assert len(places) == len(set(places)) == 36
    assert set(places) == catalogue.countries.keys() | regional
    assert regional == {
        *(city.ref_area for city in catalogue.cities.values() if city.country in ("CHN", "USA")),
    }


def test_nothing_is_rejected_and_what_is_not_ours_is_counted(parsed: Parsed) -> None:
    # Countries; provinces (Tibet is not in the official table); states with Washington and all of the USA.
    assert parsed.rejected.empty
    assert parsed.out_of_scope == (213 - 28) + (30 - 5) + (52 - 2)


def test_the_national_value_among_the_states_has_no_place(read: Any, real: Any) -> None:
    records = {record.area_code: record for record in read(STATES, real(STATES))}
    assert records["US-usa"].value == 770.884
    assert "USA" not in records


def test_a_record_leads_back_to_its_cell_and_keeps_the_entry(read: Any, real: Any) -> None:
    (shenzhen,) = (r for r in read(PROVINCES, real(PROVINCES)) if r.area_code == "CN-GD:shenzhen")
    assert shenzhen.pointer == "/data/CN-GD/emission_factor"
    assert json.loads(shenzhen.raw)["description"] == "Guangdong"
    (york,) = (r for r in read(STATES, real(STATES)) if r.area_code == "US-NY")
    assert york.pointer == "/new york/emissions"
    assert json.loads(york.raw) == {"new york": {"emissions": 466.616, "regionCode": "NY"}}


def test_of_canada_there_are_shares_and_no_intensity(read: Any, real: Any) -> None:
    assert "emissions" not in real(CANADA)["ontario"]
    with pytest.raises(SourceContractError, match="'canada_energy_mix', which was not requested"):
        read(CANADA, real(CANADA))
    with pytest.raises(SourceContractError, match="iso_code"):
        read(COUNTRIES, real(CANADA))


@pytest.mark.parametrize("name", [PROVINCES, STATES])
def test_another_unit_breaks_the_contract(read: Any, real: Any, name: str) -> None:
    answer = real(name)
    if name == PROVINCES:
        answer["data"]["CN-BJ"]["unit"] = "kgCO2/kWh"
    else:
        answer["_unit"]["emissions"] = "kg/MWh"
    with pytest.raises(SourceContractError, match=r"is declared as '(g|lbs).*publisher writes 'kg"):
        read(name, answer)


def test_an_entry_of_another_shape_is_located_by_the_one_before_it(read: Any, real: Any) -> None:
    answer = real(COUNTRIES)
    del answer["AFG"]["carbon_intensity"]
    with pytest.raises(SourceContractError, match="what follows /ABW/carbon_intensity has another shape"):
        read(COUNTRIES, answer)


def test_an_empty_value_is_not_zero(read: Any) -> None:
    row = {"iso_code": "RUS", "country_name": "Russia", "carbon_intensity": None, "year": 2023}
    (record,) = read(COUNTRIES, {"RUS": row})
    assert record.value is None


@pytest.mark.parametrize(
    ("name", "change", "fault"),
    [
        (COUNTRIES, lambda a: a["RUS"].update(iso_code="ROU"), "'RUS' has the iso_code 'ROU'"),
        (
            COUNTRIES,
            lambda a: a["RUS"].update(country_name="Romania"),
            "'RUS' is named 'Romania', not Russia",
        ),
        (
            PROVINCES,
            lambda a: a["data"]["CN-BJ"].update(description="Shanghai"),
            "'CN-BJ' is named 'Shanghai'",
        ),
        (STATES, lambda a: a["california"].update(regionCode="NY"), "'US-NY' is named 'california'"),
    ],
)
def test_a_code_with_the_name_of_another_place_breaks_the_contract(
    read: Any, real: Any, name: str, change: Callable[[Any], None], fault: str
) -> None:
    answer = real(name)
    change(answer)
    with pytest.raises(SourceContractError, match=fault):
        read(name, answer)


def test_html_breaks_the_contract_and_a_truncated_body_is_transient(read: Any, real: Any) -> None:
    with pytest.raises(SourceContractError, match="a page of HTML instead of JSON"):
        read(STATES, b"<!doctype html><title>404</title>")
    with pytest.raises(SourceContractError, match="no JSON object of places"):
        read(STATES, b"[]")
    with pytest.raises(SourceUnavailableError, match="truncated"):
        read(STATES, json.dumps(real(STATES)).encode()[:500])


def test_requests_each_file_at_the_tag(
    source: Source, catalogue: Catalogue, publisher: Any, years: Any
) -> None:
    publisher = publisher(b"{}", b"{}", b"{}")
    assert len(codecarbon.fetch(source, catalogue, years(2023, 2023), publisher)) == 3
    root = "/mlco2/codecarbon/v3.3.2/codecarbon/data/private_infra"
    assert publisher.requests == [
        (f"{root}/{COUNTRIES}.json", {}),
        (f"{root}/2023/{PROVINCES}.json", {}),
        (f"{root}/2023/{STATES}.json", {}),
    ]
