"""The real tables of the pillars green and transport: values looked up by hand, and every known defect."""

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from city_indicators.catalog import Catalogue
from city_indicators.core.errors import SourceContractError
from city_indicators.ingest.normalise import normalise
from city_indicators.ingest.parse import Parsed, parse_files
from city_indicators.sources import table
from city_indicators.sources.places import with_candidates

FILES = {
    "un_habitat_open_space": "unhabitat_open_space/sdg_11_7_1_2024.xlsx",
    "un_habitat_green": "unhabitat_green/green_area_share_per_capita_1990_2020.xlsx",
    "un_sdg_transport": "unsdg_pt_access/pt-access.csv",
    "metro_systems": "metro_systems/metro_systems.csv",
    "ndvi_stowell": "ndvi_stowell/greenspace_data_share.csv",
}
NO_PT_ACCESS = {"beijing", "chongqing", "kazan", "chennai", "pretoria", "mexico-city"}
NO_METRO = {
    "abu-dhabi",
    "addis-ababa",
    "alexandria",
    "bogota",
    "cape-town",
    "johannesburg",
    "pretoria",
    "riyadh",
    "surabaya",
}


@pytest.fixture(scope="session")
def parsed(shared: Path, catalogue: Catalogue) -> dict[str, Parsed]:
    """Every real file, read and validated once."""
    return {
        source: parse_files(source, [shared / "data" / file], catalogue) for source, file in FILES.items()
    }


@pytest.fixture
def observation(parsed: dict[str, Parsed]) -> Callable[..., Any]:
    """The one accepted observation of an indicator, city and year."""

    def one(indicator: str, city: str, year: int) -> Any:
        key = (indicator, city, str(year))
        (row,) = [
            row
            for source in parsed.values()
            for row in source.accepted.to_dict("records")
            if (row["indicator"], row["ref_area"], row["time_period"]) == key
        ]
        return row

    return one


@pytest.fixture(scope="session")
def pt_lines(shared: Path) -> list[dict[str, str]]:
    with (shared / "data" / FILES["un_sdg_transport"]).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def cities(parsed: Parsed, indicator: str) -> set[str]:
    return set(parsed.accepted.query("indicator == @indicator")["ref_area"])


def raw(row: Any) -> dict[str, Any]:
    """The row as the file has it."""
    cells: dict[str, Any] = json.loads(row["raw_row"])
    return cells


def raw_names(account: Parsed, city: str) -> set[str]:
    """The names by which a file calls a city of ours."""
    return set(account.accepted.query("ref_area == @city")["area_code"])


@pytest.mark.parametrize(
    ("source", "accepted", "rejected", "empty", "out_of_scope"),
    [
        # 1 394 rows: 1 254 of UN-Habitat and Colombia, two columns per row.
        ("un_habitat_open_space", 81, 0, 3, 2424),
        # 667 rows of 8 columns: 29 cities of ours.
        ("un_habitat_green", 230, 2, 0, 638 * 8),
        ("un_sdg_transport", 42, 1, 0, 2030 - 43),
        # 204 systems, of which 47 are of 39 cities of ours, for two series; nine structural zeros.
        ("metro_systems", 39 + 9, 0, 0, 154),
        # 1 038 rows of 4 columns: 46 cities of ours.
        ("ndvi_stowell", 184, 0, 0, 992 * 4),
    ],
)
def test_every_row_of_the_real_files_is_accounted_for(
    parsed: dict[str, Parsed], source: str, accepted: int, rejected: int, empty: int, out_of_scope: int
) -> None:
    account = parsed[source]
    assert (len(account.accepted), len(account.rejected)) == (accepted, rejected)
    assert (account.empty_cells, account.out_of_scope) == (empty, out_of_scope)


@pytest.mark.parametrize(
    ("indicator", "city", "year", "value", "unit", "basis"),
    [
        ("OPEN_SPACE_SHARE", "moscow", 2020, 24.55781090756177, "PT", "urban_centre"),
        ("OPEN_SPACE_ACCESS", "moscow", 2020, 83.30884650139669, "PT", "urban_centre"),
        ("OPEN_SPACE_ACCESS", "guangzhou", 2020, 17.224494, "PT", "urban_centre"),
        ("OPEN_SPACE_ACCESS", "mexico-city", 2020, 46.258975, "PT", "urban_centre"),
        ("OPEN_SPACE_ACCESS", "hong-kong", 2020, 95.706747, "PT", "urban_centre"),
        ("GREEN_SHARE", "moscow", 1990, 41.78025358116842, "PT", "urban_centre"),
        ("GREEN_SHARE", "moscow", 2020, 21.38158828656204, "PT", "urban_centre"),
        ("GREEN_PC", "moscow", 1990, 64.30137981433064, "M2_PC", "urban_centre"),
        ("GREEN_PC", "moscow", 2020, 24.13559516949843, "M2_PC", "urban_centre"),
        ("GREEN_SHARE", "los-angeles", 2020, 5.877567, "PT", "urban_centre"),
        ("PT_ACCESS", "moscow", 2020, 85.9111, "PT", "urban_centre"),
        ("PT_ACCESS", "guangzhou", 2020, 63.74071, "PT", "urban_centre"),
        ("PT_ACCESS", "toronto", 2016, 93.0, "PT", "urban_centre"),
        ("PT_ACCESS", "singapore", 2022, 99.0, "PT", "urban_centre"),
        ("METRO_KM", "moscow", 2023, 461.5, "KM", "metro"),
        ("METRO_KM", "bengaluru", 2023, 68.6, "KM", "metro"),
        ("METRO_KM", "hong-kong", 2023, 209.0, "KM", "metro"),
        ("NDVI_PEAK", "moscow", 2010, 0.38520627, "NDVI", "urban_centre"),
        ("NDVI_PEAK", "moscow", 2015, 0.384768447, "NDVI", "urban_centre"),
        ("NDVI_PEAK", "moscow", 2020, 0.39226034, "NDVI", "urban_centre"),
        ("NDVI_PEAK", "moscow", 2021, 0.454293412, "NDVI", "urban_centre"),
        ("NDVI_PEAK", "delhi", 2021, 0.302929132, "NDVI", "urban_centre"),
        ("NDVI_PEAK", "sao-paulo", 2021, 0.213660028, "NDVI", "urban_centre"),
    ],
)
def test_values_looked_up_by_hand(
    observation: Any, indicator: str, city: str, year: int, value: float, unit: str, basis: str
) -> None:
    row = observation(indicator, city, year)
    assert row["obs_value"] == pytest.approx(value, abs=1e-6)
    assert (row["unit_measure"], row["geo_basis"]) == (unit, basis)


def test_the_footnote_marks_of_the_two_open_space_columns_are_in_the_file(observation: Any) -> None:
    titles = list(raw(observation("OPEN_SPACE_SHARE", "moscow", 2020)))
    assert [title[-3:] for title in titles if title.endswith("]")] == ["[a]", "[b]"]


def test_an_open_space_share_that_is_not_given_is_an_empty_cell(parsed: dict[str, Parsed]) -> None:
    account = parsed["un_habitat_open_space"]
    access, share = cities(account, "OPEN_SPACE_ACCESS"), cities(account, "OPEN_SPACE_SHARE")
    assert access - share == {"chengdu", "guangzhou", "shanghai"}
    assert share < access
    assert (len(access), len(share)) == (42, 39)


def test_bogota_is_reported_by_its_country_and_the_others_are_estimates(parsed: dict[str, Parsed]) -> None:
    accepted = parsed["un_habitat_open_space"].accepted
    reported = accepted.query("obs_status == 'A'").to_dict("records")
    assert [(r["ref_area"], r["time_period"], round(r["obs_value"], 1)) for r in reported] == [
        ("bogota", "2018", 38.4),
        ("bogota", "2018", 97.5),
    ]
    assert all(raw(row)["Data Source"].startswith("DANE") for row in reported)
    assert set(accepted["obs_status"]) == {"A", "E"}


def test_a_row_called_chongqing_whose_code_is_a_town_is_not_chongqings(
    parsed: dict[str, Parsed], shared: Path, snapshot_of: Any, catalogue: Catalogue, years: Any
) -> None:
    content = (shared / "data" / FILES["un_habitat_open_space"]).read_bytes()
    source = catalogue.sources["un_habitat_open_space"]
    records = list(table.read(source, iter([snapshot_of(content)]), years(2020, 2020)))
    named = {r.area_code for r in records if json.loads(r.raw)["City Name"] == "Chongqing"}
    assert named == {"CN_BICHENG_CHONGQING"}
    assert "chongqing" not in set(parsed["un_habitat_open_space"].accepted["ref_area"])


@pytest.mark.parametrize("source", ["un_habitat_open_space", "un_habitat_green"])
def test_every_declared_code_is_in_the_file_and_of_the_citys_country(
    parsed: dict[str, Parsed], catalogue: Catalogue, source: str
) -> None:
    areas = catalogue.sources[source].areas or {}
    assert set(parsed[source].accepted["area_code"]) == areas.keys()
    for code, city in areas.items():
        country = catalogue.countries[catalogue.cities[city].country]
        assert code[:2] == country.iso2 or (code, city) == ("CN_HONG_KONG", "hong-kong")


def test_green_areas_of_29_cities_come_four_times_each(parsed: dict[str, Parsed]) -> None:
    accepted = parsed["un_habitat_green"].accepted
    times = accepted.groupby(["ref_area", "indicator"])["time_period"].agg(list)
    assert len(times) == 2 * 29
    complete = times.drop("abu-dhabi", level="ref_area")
    assert set(map(tuple, complete)) == {("1990", "2000", "2010", "2020")}


def test_the_zero_of_abu_dhabi_between_two_values_is_rejected(parsed: dict[str, Parsed]) -> None:
    rejected = parsed["un_habitat_green"].rejected
    assert rejected["rule"].tolist() == ["plausible_range"] * 2
    assert rejected["reason"].tolist() == [
        "0 is outside the plausible range of GREEN_SHARE",
        "0 is outside the plausible range of GREEN_PC",
    ]
    assert rejected["pointer"].str.contains("2010").all()
    accepted = parsed["un_habitat_green"].accepted.query("ref_area == 'abu-dhabi'")
    assert accepted["time_period"].tolist() == ["1990", "2000", "2020"] * 2


def test_the_steep_fall_of_chengdu_stays_as_published(observation: Any) -> None:
    shares = [
        round(observation("GREEN_SHARE", "chengdu", y)["obs_value"], 1) for y in (1990, 2000, 2010, 2020)
    ]
    assert shares == [88.7, 79.3, 50.6, 36.6]


@pytest.mark.parametrize(
    ("city", "code", "joined", "inhabitants", "value"),
    [
        ("sao-paulo", "BR_SAO_PAULO", "Frei Paulo", 7047, 88.32091),
        ("brasilia", "BR_BRASILIA", "Brasiléia", 11200, 76.29546),
        ("london", "GB_LONDON", "City of London", 8072, 94.8),
    ],
)
def test_a_value_belongs_to_the_city_despite_a_joined_place(
    observation: Any, city: str, code: str, joined: str, inhabitants: int, value: float
) -> None:
    row = observation("PT_ACCESS", city, 2020)
    line = raw(row)
    assert f"{line['country_iso2']}_{line['city']}".upper().replace(" ", "_") == code
    assert (line["city_std"], int(line["population"])) == (joined, inhabitants)
    assert row["obs_value"] == value


@pytest.mark.parametrize("changed", ["city_std", "geoname_id", "population", "lat"])
def test_ignores_joined_columns(
    shared: Path, snapshot_of: Any, catalogue: Catalogue, years: Any, changed: str
) -> None:
    header = (shared / "data" / FILES["un_sdg_transport"]).read_text(encoding="utf-8").splitlines()[0]
    line = "GB,United Kingdom,Torbay,Torquay,2020,Europe,Northern Europe,2635650,50.5,-3.5,65388,98.7"
    moved = dict(zip(header.split(","), line.split(","), strict=True)) | {changed: "London"}
    content = f"{header}\n{','.join(moved.values())}\n".encode()
    source = catalogue.sources["un_sdg_transport"]
    records = table.read(source, iter([snapshot_of(content)]), years(2020, 2020))
    result = normalise(records, source, catalogue, years(2020, 2020))
    assert result.observations.empty
    assert result.unmatched == {("GBR", "Torbay"): 1}


def test_every_value_of_public_transport_has_the_name_of_the_city_and_its_country(
    parsed: dict[str, Parsed], catalogue: Catalogue
) -> None:
    aliases = {"Abu Zaby", "Dubayy", "Al Qahirah", "Moskva", "Sankt Peterburg", "Ar Riyad", "New York"}
    accepted = parsed["un_sdg_transport"].accepted
    for row in accepted.to_dict("records"):
        city = catalogue.cities[row["ref_area"]]
        assert raw(row)["country_iso2"] == catalogue.countries[city.country].iso2
    english = {city.name_en for city in catalogue.cities.values()}
    renamed = {name for name in accepted["area_code"] if name not in english}
    assert renamed == aliases | {"Sao Paulo", "Brasilia", "Rio De Janeiro", "Bogota"}


def test_riyadh_is_listed_twice_and_the_repeat_is_rejected(
    parsed: dict[str, Parsed], pt_lines: list[dict[str, str]]
) -> None:
    assert [line["pct_pt_access"] for line in pt_lines if line["city"] == "Ar Riyad"] == ["27.13455"] * 2
    (row,) = parsed["un_sdg_transport"].rejected.to_dict("records")
    assert (row["rule"], row["pointer"]) == ("no_repeat", "line 1694/pct_pt_access")
    assert raw(row)["city_std"] == "Riyadh"
    assert "riyadh" in cities(parsed["un_sdg_transport"], "PT_ACCESS")


def test_namesakes_are_not_our_cities(
    observation: Any, parsed: dict[str, Parsed], pt_lines: list[dict[str, str]]
) -> None:
    chilean = [line for line in pt_lines if line["city"] == "Los Angeles" and line["country_iso2"] == "CL"]
    assert [line["pct_pt_access"] for line in chilean] == ["47.50557"]
    assert observation("PT_ACCESS", "los-angeles", 2020)["obs_value"] == 76.94025
    assert ("GBR", "York") in parsed["un_sdg_transport"].unmatched


def test_cities_without_public_transport_data_have_no_value(
    parsed: dict[str, Parsed], catalogue: Catalogue
) -> None:
    assert catalogue.cities.keys() - cities(parsed["un_sdg_transport"], "PT_ACCESS") == NO_PT_ACCESS


@pytest.mark.parametrize(
    ("city", "systems", "length"),
    [
        ("tokyo", 3, 109 + 195.1 + 12.2),
        ("seoul", 3, 345.3 + 151.7 + 33.4),
        ("new-york-city", 3, 399 + 22.5 + 22.2),
        ("london", 2, 402 + 34),
        ("bangkok", 2, 68.2 + 71),
        ("sydney", 1, 36),
    ],
)
def test_the_systems_of_a_city_are_summed(observation: Any, city: str, systems: int, length: float) -> None:
    row = observation("METRO_KM", city, 2023)
    assert row["obs_value"] == pytest.approx(length, abs=1e-9)
    assert len(json.loads(row["raw_row"])) == systems
    assert row["pointer"].count("line ") == systems


def test_the_list_is_of_2023_the_latest_year_in_it(shared: Path, catalogue: Catalogue) -> None:
    with (shared / "data" / FILES["metro_systems"]).open(encoding="utf-8", newline="") as stream:
        lines = list(csv.DictReader(stream))
    latest = max(int(line[c]) for line in lines for c in ("service_opened", "last_expanded") if line[c])
    assert latest == catalogue.sources["metro_systems"].table_layout.period == 2023
    assert {line["city"] for line in lines if line["service_opened"] == "2023"} >= {"Lagos", "Quito"}


def test_a_name_with_a_lost_letter_stays_unmatched(parsed: dict[str, Parsed], catalogue: Catalogue) -> None:
    unmatched = parsed["metro_systems"].unmatched
    assert unmatched["TUR", "?zmir"] == 1
    (row,) = with_candidates({("TUR", "?zmir"): 1}, catalogue)
    assert set(row["candidates"]) <= {"istanbul"}
    assert raw_names(parsed["metro_systems"], "istanbul") == {"Istanbul"}


def test_the_order_of_greenness_columns_differs_between_years_and_does_not_matter(observation: Any) -> None:
    row = observation("NDVI_PEAK", "riyadh", 2021)
    titles = list(raw(row))
    after = {y: titles[titles.index(f"peak_weight_{y}") - 1] for y in (2010, 2015, 2020, 2021)}
    assert after == {
        2010: "annual_weight_avg_2010",
        2015: "indicator_2015",
        2020: "annual_weight_avg_2020",
        2021: "indicator_2021",
    }
    assert row["obs_value"] == float(raw(row)["peak_weight_2021"]) == 0.090797725


def test_greenness_covers_46_cities_and_no_district_for_a_city(
    parsed: dict[str, Parsed], catalogue: Catalogue
) -> None:
    account = parsed["ndvi_stowell"]
    assert catalogue.cities.keys() - cities(account, "NDVI_PEAK") == {"brasilia", "shenzhen"}
    assert account.unmatched["BRA", "Ceilândia"] == 4
    assert raw_names(account, "hong-kong") == {"Hong Kong"}


def test_names_of_the_greenness_file_are_decoded_to_the_last_letter(parsed: dict[str, Parsed]) -> None:
    names = {place for _, place in parsed["ndvi_stowell"].unmatched}
    assert {"Tianjia\u2018an", "Ürümqi", "São Luís"} <= names
    assert raw_names(parsed["ndvi_stowell"], "sao-paulo") == {"São Paulo"}


def test_the_greenness_file_read_as_utf_8_breaks_the_contract(
    shared: Path, snapshot_of: Any, catalogue: Catalogue, years: Any
) -> None:
    source = catalogue.sources["ndvi_stowell"]
    utf_8 = source.model_copy(update={"layout": source.table_layout.model_copy(update={"encoding": "utf-8"})})
    content = (shared / "data" / FILES["ndvi_stowell"]).read_bytes()
    with pytest.raises(SourceContractError, match="the bytes are not utf-8"):
        list(table.read(utf_8, iter([snapshot_of(content)]), years(2020, 2021)))


@pytest.mark.parametrize("source", FILES)
def test_a_scheduled_run_reads_the_complete_file(catalogue: Catalogue, source: str) -> None:
    declared = catalogue.sources[source]
    assert 2030 - declared.trailing_years <= declared.first_period
