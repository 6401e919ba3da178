"""Net Zero Tracker with the generic table connector: the real snapshot, and words without a code."""

import math
from pathlib import Path
from typing import Any

import pytest

from city_indicators.catalog import Catalogue
from city_indicators.ingest.normalise import normalise
from city_indicators.ingest.parse import Parsed, parse_files
from city_indicators.sources.records import Record


@pytest.fixture(scope="module")
def real(shared: Path, catalogue: Catalogue) -> Parsed:
    file = shared / "data/net_zero_tracker/snapshot_2022-12-20_13-07-14.xlsx"
    return parse_files("net_zero_tracker", [file], catalogue)


def target(parsed: Parsed, city: str) -> tuple[float, float] | None:
    """Year and status of a city's net-zero target."""
    rows = parsed.accepted.query("ref_area == @city").set_index("indicator")["obs_value"]
    return (rows["NETZERO_YEAR"], rows["CLIMATE_TARGET_STATUS"]) if "NETZERO_YEAR" in rows else None


@pytest.mark.parametrize(
    ("city", "year_and_status"),
    [
        ("berlin", (2045, 4)),  # Climate neutral, in law
        ("london", (2030, 2)),  # "London, UK": net zero, declaration or pledge
        ("toronto", (2040, 3)),  # in policy document
        ("istanbul", (2053, 2)),
        ("shenzhen", (2060, 1)),  # Carbon neutral(ity), proposed or in discussion
        ("kazan", (2050, 2)),
        ("mumbai", (2050, 2)),  # "Mumbai (Bombay)"
        ("new-york-city", (2050, 3)),  # "New York-Newark"
        ("mexico-city", (2050, 3)),  # "Ciudad de México (Mexico City)"
    ],
)
def test_year_and_status_of_a_target(real: Parsed, city: str, year_and_status: tuple[int, int]) -> None:
    assert target(real, city) == year_and_status


@pytest.mark.parametrize(
    "city",
    [
        "moscow",  # "Moskva (Moscow)": No target
        "saint-petersburg",  # No target
        "guangzhou",  # "Guangzhou, Guangdong": a target of intensity
        "shanghai",  # a target of reduction
        "bangkok",  # "Krung Thep (Bangkok)": a reduction against business as usual
        "tehran",  # Other
        "delhi",  # only "New Delhi" is listed
        "singapore",  # listed as a country
        "tokyo",  # listed as a region
        "riyadh",  # "Ar-Riyadh (Riyadh)" is listed under Jordan
    ],
)
def test_a_city_without_a_net_zero_target_has_no_value(real: Parsed, city: str) -> None:
    assert target(real, city) is None


@pytest.mark.parametrize(
    ("city", "code"),
    [
        ("berlin", 2),
        ("moscow", 0),
        ("guangzhou", 1),
        ("shanghai", 1),
        ("bangkok", 1),
        ("tehran", None),
        ("delhi", None),
    ],
)
def test_whether_a_city_has_a_target_at_all(real: Parsed, city: str, code: int | None) -> None:
    rows = real.accepted.query("ref_area == @city and indicator == 'CLIMATE_TARGET'")["obs_value"]
    assert rows.tolist() == ([] if code is None else [code])


@pytest.mark.parametrize(
    ("city", "status", "interim", "gases"),
    [
        ("berlin", 4, 2, 1),
        ("paris", 3, 2, 2),
        ("addis-ababa", 3, 1, 2),
        ("moscow", 0, 0, 0),
        # An intensity target, whose status the tracker does not give.
        ("guangzhou", None, 1, 1),
        ("chennai", 3, None, 0),
        ("abu-dhabi", 0, 0, None),
    ],
)
def test_how_good_a_target_is(
    real: Parsed, city: str, status: int | None, interim: int | None, gases: int | None
) -> None:
    codes = real.accepted[real.accepted["ref_area"] == city].set_index("indicator")["obs_value"]
    found = [codes.get(name) for name in ("CLIMATE_TARGET_STATUS", "INTERIM_TARGET", "TARGET_GASES")]
    assert found == [status, interim, gases]


def test_what_the_snapshot_gives(real: Parsed) -> None:
    assert (len(real.accepted), len(real.rejected), real.empty_cells) == (203, 0, 3)
    assert real.accepted.groupby("indicator")["unit_measure"].first().to_dict() == {
        "CLIMATE_TARGET": "CODE",
        "CLIMATE_TARGET_STATUS": "CODE",
        "INTERIM_TARGET": "CODE",
        "TARGET_GASES": "CODE",
        "NETZERO_YEAR": "YEAR",
    }
    assert set(real.accepted["time_period"]) == {"2022"}


def test_places_named_alike_are_listed_and_not_taken(real: Parsed) -> None:
    assert real.unmatched["IND", "New Delhi"] == 5
    assert real.unmatched["CAN", "London, Ontario"] == 5


def test_every_declared_name_is_in_the_file_under_its_country(shared: Path, catalogue: Catalogue) -> None:
    import pandas as pd

    file = shared / "data/net_zero_tracker/snapshot_2022-12-20_13-07-14.xlsx"
    table = pd.read_excel(file, engine="calamine").query("actor_type == 'City'")
    listed = set(zip(table["country"], table["name"], strict=True))
    places = catalogue.sources["net_zero_tracker"].places
    assert {(country, name) for country, names in places.items() for name in names} <= listed


def test_the_word_stays_beside_its_code(real: Parsed) -> None:
    berlin = real.accepted.query("ref_area == 'berlin' and indicator == 'CLIMATE_TARGET_STATUS'").iloc[0]
    assert (berlin["value_as_published"], berlin["obs_value"]) == ("In law", 4)


@pytest.mark.parametrize("word", ["Achieved", "in law", "4"])
def test_a_word_without_a_code_is_no_number(
    catalogue: Catalogue, snapshot_of: Any, years: Any, word: str
) -> None:
    source = catalogue.sources["net_zero_tracker"]
    (series,) = [s for s in source.series if s.column == "end_target_status"]
    snapshot, _ = snapshot_of(b"bytes")
    record = Record(series, "Berlin", "2022", word, "end_target_status", snapshot, "1", "{}", country="DEU")
    (row,) = normalise([record], source, catalogue, years(2022, 2022)).observations.to_dict("records")
    assert math.isnan(row["obs_value"])
    assert row["value_as_published"] == word
