"""WHO air quality, What a Waste, SDG waste collection and UNdata population: the real files, validated."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from city_indicators.catalog import Catalogue
from city_indicators.ingest.normalise import KEY, normalise
from city_indicators.ingest.parse import EVERY_YEAR, Parsed, parse_files
from city_indicators.ingest.validation.rules import load_rules
from city_indicators.ingest.validation.validate import validate_observations
from city_indicators.sources import table

AIR = "who_aaq/who_aap_2021_v9_11august2022.xlsx"
COLLECTION = "un_sdg_goal11/Goal11_slums_wastecollection.xlsx"
PEOPLE = "undata_city_population/UNdata_Export_20240220_163008679.csv"
CITIES = "what_a_waste/city_level_data_0_0.csv"
CODEBOOK = "what_a_waste/city_level_codebook_0.csv"


@pytest.fixture(scope="module")
def parsed(shared: Path, catalogue: Catalogue) -> Callable[..., Parsed]:
    """A source's real files, read and validated once."""
    done: dict[str, Parsed] = {}

    def parse(source: str, *files: str) -> Parsed:
        if source not in done:
            done[source] = parse_files(source, [shared / "data" / file for file in files], catalogue)
        return done[source]

    return parse


@pytest.fixture
def air(parsed: Any) -> Parsed:
    return parsed("who_air_quality", AIR)


@pytest.fixture
def collection(parsed: Any) -> Parsed:
    return parsed("un_sdg_waste", COLLECTION)


@pytest.fixture
def people(parsed: Any) -> Parsed:
    return parsed("undata_population", PEOPLE)


@pytest.fixture
def waste(parsed: Any) -> Parsed:
    return parsed("what_a_waste", CITIES, CODEBOOK)


def observations(rows: Parsed, place: str, indicator: str) -> dict[str, Any]:
    """The accepted values of one series by year."""
    found = rows.accepted.query("ref_area == @place and indicator == @indicator")
    return dict(zip(found["time_period"], found["obs_value"], strict=True))


def rejected(rows: Parsed, place: str, indicator: str) -> dict[str, str]:
    """The rules that rejected observations of one series, by year."""
    found = rows.rejected.query("ref_area == @place and indicator == @indicator")
    return dict(zip(found["time_period"], found["rule"], strict=True))


# WHO air quality


def test_air_moscow_has_its_only_pm25_and_two_pm10(air: Parsed) -> None:
    assert observations(air, "moscow", "PM25_CITY") == {"2016": 14.0}
    assert observations(air, "moscow", "PM10_CITY") == {"2016": 28.0, "2017": 19.73}
    assert observations(air, "moscow", "NO2_CITY") == {}


@pytest.mark.parametrize(
    ("place", "indicator", "year", "value", "basis"),
    [
        ("johannesburg", "PM25_CITY", "2021", 35.47, "city"),
        ("cape-town", "NO2_CITY", "2010", 47.8, "city"),
        ("pretoria", "PM25_CITY", "2020", 54.57, "city"),
        ("sao-paulo", "PM25_CITY", "2010", 17.33, "city"),
        ("hong-kong", "PM25_CITY", "2018", 20.09, "city"),
        ("beijing", "PM25_CITY", "2018", 50.59, "city"),
        ("cairo", "PM10_CITY", "2014", 282.0, "metro"),
    ],
)
def test_air_values_have_their_place_and_basis(
    air: Parsed, place: str, indicator: str, year: str, value: float, basis: str
) -> None:
    row = air.accepted.query("ref_area == @place and indicator == @indicator and time_period == @year")
    assert row[["obs_value", "geo_basis"]].to_numpy().tolist() == [[value, basis]]


def test_air_only_names_of_wider_areas_are_metropolitan(air: Parsed) -> None:
    metro = air.accepted[air.accepted["geo_basis"] == "metro"]
    assert set(metro["ref_area"]) == {"cairo", "los-angeles", "new-york-city"}
    assert set(air.accepted["geo_basis"]) == {"city", "metro"}


def test_air_repeated_rows_count_once(air: Parsed) -> None:
    assert observations(air, "seoul", "PM25_CITY")["2015"] == 23
    assert rejected(air, "seoul", "PM25_CITY") == {"2015": "no_repeat"}
    assert rejected(air, "seoul", "NO2_CITY") == {"2014": "no_repeat", "2015": "no_repeat"}
    assert rejected(air, "mexico-city", "PM10_CITY") == {"2018": "no_repeat"}
    assert len(air.rejected) == 8


def test_air_namesakes_and_other_networks_stay_unmatched(air: Parsed) -> None:
    for place in [("CAN", "London"), ("CAN", "Sydney"), ("IND", "Navi Mumbai"), ("CHN", "Beijing Shi")]:
        assert place in air.unmatched
    assert observations(air, "beijing", "PM25_CITY").keys() == {str(year) for year in range(2011, 2019)}


def test_air_an_implausible_mean_is_rejected_by_its_range(
    shared: Path, catalogue: Catalogue, snapshot_of: Any
) -> None:
    source = catalogue.sources["who_air_quality"]
    snapshot = snapshot_of((shared / "data" / AIR).read_bytes())
    (published,) = [
        record
        for record in table.read(source, iter([snapshot]), EVERY_YEAR)
        if record.value == 0.01 and record.series.indicator == "PM25_CITY"
    ]
    assert (published.country, published.area_code) == ("CYP", "Agia Marina")
    ours = normalise([replace(published, country="RUS", area_code="Moscow")], source, catalogue, EVERY_YEAR)
    result = validate_observations(
        source.id, ours.observations, pd.DataFrame(columns=KEY), load_rules(), catalogue, ["PM25_CITY"]
    )
    assert result.rejected["reason"].tolist() == ["0.01 is outside the plausible range of PM25_CITY"]


def test_air_the_text_na_is_never_a_value(air: Parsed) -> None:
    raw = json.loads(air.rejected.query("ref_area == 'seoul'")["raw_row"].iloc[0])
    assert raw["Number and type of monitoring stations"] == "NA"
    assert not air.accepted["raw_row"].str.contains("NaN").any()
    assert not air.accepted["value_as_published"].str.contains("NA").any()
    assert air.accepted["obs_value"].notna().all()


# SDG 11.6.1


def test_collection_breaks_stay_as_published(collection: Parsed) -> None:
    assert observations(collection, "bangkok", "WASTE_COLLECTION") == {"2015": 45.0, "2018": 100.0}
    assert observations(collection, "lagos", "WASTE_COLLECTION") == {"2015": 30.0, "2018": 10.0}
    assert observations(collection, "jakarta", "WASTE_COLLECTION") == {
        "2012": 95.0,
        "2015": 72.0,
        "2018": 80.0,
    }
    assert observations(collection, "riyadh", "WASTE_COLLECTION") == {"2015": 91.2}
    assert observations(collection, "bogota", "WASTE_COLLECTION") == {"2018": 100.0}


def test_collection_codes_that_only_look_like_our_cities_are_not_theirs(collection: Parsed) -> None:
    codes = set(collection.accepted["area_code"])
    traps = {"CO_VAC_EL_CAIRO", "MX_JAL_LAGOS_DE_MORENO", "IN_NAVI_MUMBAI", "ZA_STEVE_TSHWETE", "NOCITI"}
    assert len(codes) == 28
    assert not codes & traps
    assert observations(collection, "mumbai", "WASTE_COLLECTION") == {"2018": 100.0}
    assert observations(collection, "pretoria", "WASTE_COLLECTION") == {}


def test_collection_leaves_out_the_other_series_of_the_goal(collection: Parsed) -> None:
    assert collection.out_of_scope + len(collection.accepted) == 4282
    assert collection.rejected.empty


# UNdata population


@pytest.mark.parametrize(
    ("place", "year", "value", "status"),
    [
        ("toronto", "2016", 2876095, "E"),
        ("singapore", "2010", 5076732, "E"),
        ("berlin", "2011", 3460725, "E"),
        ("hong-kong", "2021", 7413100, "E"),
        ("moscow", "2010", 11503501, "A"),
        ("saint-petersburg", "2012", 4990602, "E"),
        ("bogota", "2018", 7181469, "A"),
        ("riyadh", "2010", 5188286, "A"),
    ],
)
def test_people_one_record_type_counts_by_the_declared_order(
    people: Parsed, place: str, year: str, value: float, status: str
) -> None:
    row = people.accepted.query("ref_area == @place and indicator == 'POP_CITY' and time_period == @year")
    assert row[["obs_value", "obs_status"]].to_numpy().tolist() == [[value, status]]


def test_people_city_and_agglomeration_are_two_series(people: Parsed) -> None:
    assert observations(people, "paris", "POP_CITY")["2015"] == 2206488
    assert observations(people, "paris", "POP_AGGLO_REPORTED")["2015"] == 10706072
    bases = people.accepted.groupby("indicator")["geo_basis"].unique().map(list).to_dict()
    assert bases == {"POP_AGGLO_REPORTED": ["agglomeration"], "POP_CITY": ["city"]}


@pytest.mark.parametrize(
    ("place", "years"),
    [("sao-paulo", ["2010"]), ("sydney", ["2017", "2018", "2019", "2020", "2021"]), ("cape-town", ["2011"])],
)
def test_people_core_municipalities_are_rejected_as_cities(
    people: Parsed, place: str, years: list[str]
) -> None:
    assert rejected(people, place, "POP_CITY") == dict.fromkeys(years, "plausible_range")
    assert not observations(people, place, "POP_CITY").keys() & set(years)


def test_people_values_of_another_delimitation_are_left_out(people: Parsed) -> None:
    assert observations(people, "mexico-city", "POP_CITY").keys() == {"2010", "2014", "2015", "2020"}
    assert observations(people, "kolkata", "POP_AGGLO_REPORTED") == {"2001": 13205697}
    assert observations(people, "delhi", "POP_AGGLO_REPORTED") == {"2001": 12877470}
    assert ("AUS", "Greater Sydney") in people.unmatched


def test_people_namesakes_and_footnotes_are_left_out(people: Parsed) -> None:
    assert observations(people, "london", "POP_CITY") == {"2011": 8135667}
    assert ("CAN", "London") in people.unmatched
    assert people.accepted["pointer"].str.extract(r"line (\d+)")[0].astype(int).max() <= 27948


# What a Waste


def test_waste_tonnage_and_kilograms_per_head_have_the_codebooks_year(waste: Parsed) -> None:
    # 5 500 000 t of 2011 by 11 461 000 people of 2010.
    assert observations(waste, "moscow", "WASTE_GENERATED") == {"2011": 5500000}
    assert observations(waste, "moscow", "WASTE_PC") == {"2011": pytest.approx(479.888, abs=0.001)}
    assert observations(waste, "sao-paulo", "WASTE_PC") == {"2014": pytest.approx(395.095, abs=0.001)}


@pytest.mark.parametrize(
    ("place", "year"),
    [
        ("bogota", "2011"),
        ("johannesburg", "2017"),
        ("dubai", "2011"),
        ("bengaluru", "2016"),
        ("delhi", "2014"),
    ],
)
def test_waste_is_not_divided_by_people_of_another_time(waste: Parsed, place: str, year: str) -> None:
    assert observations(waste, place, "WASTE_GENERATED").keys() == {year}
    assert observations(waste, place, "WASTE_PC") == {}
    assert rejected(waste, place, "WASTE_PC") == {}


@pytest.mark.parametrize(
    ("place", "indicator", "expected"),
    [
        ("moscow", "WASTE_OPEN_DUMP", {"2011": 90.0}),
        ("moscow", "WASTE_RECYCLED", {"2011": 4.0}),
        ("madrid", "WASTE_RECOVERED", {"2014": 25.0}),
        ("mexico-city", "WASTE_LANDFILLED", {"2015": pytest.approx(68.26)}),
        ("johannesburg", "WASTE_LANDFILLED", {"2017": 95.0}),
        ("buenos-aires", "WASTE_RECYCLED", {"2010": 7.2}),
        ("saint-petersburg", "WASTE_LANDFILLED", {"2013": 80.0}),
        # The parts of London add up to 101 by rounding.
        ("london", "WASTE_RECYCLED", {"2012": 30.0}),
        # Mumbai's cells of recycling and composting are empty, which is not zero.
        ("mumbai", "WASTE_RECYCLED", {}),
        ("mumbai", "WASTE_OPEN_DUMP", {"2016": 54.0}),
    ],
)
def test_waste_shares_are_those_published(
    waste: Parsed, place: str, indicator: str, expected: dict[str, float]
) -> None:
    assert observations(waste, place, indicator) == expected


def test_waste_shares_that_do_not_add_up_are_rejected(waste: Parsed) -> None:
    assert set(waste.rejected["ref_area"]) == {"brasilia", "toronto"}
    assert rejected(waste, "brasilia", "WASTE_RECYCLED") == {"2016": "value_is_number"}
    assert "'100 of shares that add up to 105.94' is not a number" in set(waste.rejected["reason"])


def test_waste_inferred_years_are_marked_as_estimate(waste: Parsed) -> None:
    status = waste.accepted.groupby("indicator")["obs_status"].unique().map(list).to_dict()
    assert status.pop("WASTE_GENERATED") == ["A"]
    assert set(map(tuple, status.values())) == {("E",)}


def test_waste_every_record_carries_the_rows_of_the_codebook(waste: Parsed) -> None:
    row = waste.accepted.query("ref_area == 'bogota' and indicator == 'WASTE_GENERATED'").iloc[0]
    raw = json.loads(row["raw_row"])
    assert raw["city_name"] == "Bogot\u00c3\u00a1"
    assert {note["year"] for note in raw["codebook"]} == {"2005", "2011"}
    assert row["pointer"].count("codebook line") == 2


# All four


def test_no_more_than_a_tenth_of_a_real_file_is_rejected(
    air: Parsed, collection: Parsed, people: Parsed, waste: Parsed
) -> None:
    counts = {
        name: (len(p.accepted), len(p.rejected))
        for name, p in {"air": air, "collection": collection, "people": people, "waste": waste}.items()
    }
    assert all(bad <= 0.1 * (good + bad) for good, bad in counts.values()), counts


def test_accepted_keys_are_unique(air: Parsed, collection: Parsed, people: Parsed, waste: Parsed) -> None:
    for rows in (air, collection, people, waste):
        assert not rows.accepted.duplicated(KEY).any()
        assert len(rows.accepted) > 0
