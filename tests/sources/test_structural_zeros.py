"""Structural zeros: what a list that is complete by its own statement does not name, does not exist."""

from pathlib import Path
from typing import Final

from city_indicators.catalog import Catalogue
from city_indicators.ingest.parse import parse_files
from tests.sources.test_green_and_transport import NO_METRO

REAL: Final = "data/metro_systems/metro_systems.csv"


def listing(folder: Path, shared: Path, rows: list[tuple[str, str, object]]) -> Path:
    """A list with the real header, and a system of a city, a country and a length in each row."""
    header = (shared / REAL).read_text(encoding="utf-8").splitlines()[0]
    lines = (f"{city},{country},{city} Metro,2024,,85,{km},,24.7,46.7,Asia" for city, country, km in rows)
    file = folder / "metro.csv"
    file.write_text("\n".join([header, *lines, ""]))
    return file


def test_a_city_that_a_complete_list_does_not_name_has_a_structural_zero(
    shared: Path, catalogue: Catalogue
) -> None:
    accepted = parse_files("metro_systems", [shared / REAL], catalogue).accepted
    listed = accepted[accepted["indicator"] == "METRO_KM"].set_index("ref_area")
    assert set(listed.index) == catalogue.cities.keys()
    zeros = listed[listed["obs_value"] == 0]
    assert set(zeros.index) == NO_METRO
    # Marked, and cited: nobody published them.
    assert set(zeros["obs_status"]) == {"E"}
    assert set(zeros["value_as_published"]) == set(zeros["pointer"]) == {"not listed"}
    assert all("train systems worldwide" in row and "en.wikipedia.org" in row for row in zeros["raw_row"])
    assert set(listed.drop(zeros.index)["obs_status"]) == {"A"}


def test_a_zero_is_taken_where_somebody_published_it(
    tmp_path: Path, catalogue: Catalogue, shared: Path
) -> None:
    rows = [("Riyadh", "Saudi Arabia", 0), ("Surabaya", "Indonesia", -1)]
    parsed = parse_files("metro_systems", [listing(tmp_path, shared, rows)], catalogue)
    published = parsed.accepted[parsed.accepted["obs_status"] == "A"]
    assert published[["ref_area", "obs_value"]].to_numpy().tolist() == [["riyadh", 0]]
    assert parsed.rejected["reason"].tolist() == ["-1 is outside the plausible range of METRO_KM"]


def test_a_place_that_the_list_names_keeps_what_it_says(
    tmp_path: Path, catalogue: Catalogue, shared: Path
) -> None:
    rows = [("Riyadh", "Saudi Arabia", 176), ("Surabaya", "Indonesia", "")]
    accepted = parse_files("metro_systems", [listing(tmp_path, shared, rows)], catalogue).accepted
    listed = accepted[accepted["indicator"] == "METRO_KM"].set_index("ref_area")["obs_value"]
    # Surabaya is named without a length, which is not zero.
    assert dict(listed) == dict.fromkeys(NO_METRO - {"riyadh", "surabaya"}, 0) | {"riyadh": 176}


def test_an_empty_list_gives_no_zeros(tmp_path: Path, catalogue: Catalogue, shared: Path) -> None:
    assert parse_files("metro_systems", [listing(tmp_path, shared, [])], catalogue).accepted.empty
