"""The projected climate of Bastin et al., from the real rows of our cities."""

from math import asin, cos, radians, sin, sqrt
from pathlib import Path

import pandas as pd
import pytest

from city_indicators.catalog import Catalogue
from city_indicators.ingest.parse import Parsed, parse_files

FILE = "future_cities_bastin/excerpt_future_cities_data.csv"
SOURCE = "future_cities_bastin"
NOT_IN_THE_FILE = {"abu-dhabi", "bogota", "cairo", "kazan", "mumbai"}
EARTH_KM = 6371


@pytest.fixture(scope="module")
def parsed(shared: Path, catalogue: Catalogue) -> Parsed:
    return parse_files(SOURCE, [shared / "data" / FILE], catalogue)


@pytest.mark.parametrize(
    ("indicator", "city", "value", "unit"),
    [
        ("T_MEAN_PROJECTED", "moscow", 8.366666667, "CEL"),
        ("T_MEAN_PROJECTED", "guangzhou", 24.4, "CEL"),
        ("T_MEAN_PROJECTED", "delhi", 27.23333333, "CEL"),
        ("PRCP_PROJECTED", "moscow", 706.3333333, "MM"),
        ("PRCP_PROJECTED", "saint-petersburg", 652.6666667, "MM"),
        ("PRCP_PROJECTED", "new-york-city", 1276, "MM"),
    ],
)
def test_a_value_is_the_projected_one_of_2050(
    parsed: Parsed, indicator: str, city: str, value: float, unit: str
) -> None:
    (row,) = parsed.accepted.query("indicator == @indicator and ref_area == @city").to_dict("records")
    assert row["obs_value"] == pytest.approx(value)
    assert (row["unit_measure"], row["time_period"], row["obs_status"]) == (unit, "2050", "F")


def test_only_projections_are_read_and_of_every_city_in_the_file(
    parsed: Parsed, catalogue: Catalogue
) -> None:
    assert parsed.rejected.empty
    assert set(parsed.accepted["obs_status"]) == {"F"}
    cities = set(catalogue.cities) - NOT_IN_THE_FILE
    counts = parsed.accepted.groupby("indicator")["ref_area"].agg(set)
    assert counts.to_dict() == {"T_MEAN_PROJECTED": cities, "PRCP_PROJECTED": cities}


def test_every_name_stands_beside_the_coordinates_of_our_city(shared: Path, catalogue: Catalogue) -> None:
    """The file has no countries, so that a name alone could be that of another city."""
    rows = pd.read_csv(shared / "data" / FILE).set_index("current_city")
    areas = catalogue.sources[SOURCE].areas or {}
    assert set(areas) == set(rows.index)
    for name, ref_area in areas.items():
        city, row = catalogue.cities[ref_area], rows.loc[name]
        assert distance(city.latitude, city.longitude, row["Latitude"], row["Longitude"]) < 20, name


def test_a_second_row_of_a_name_is_rejected(shared: Path, catalogue: Catalogue, tmp_path: Path) -> None:
    """The complete file has one name twice, Hyderabad, which is not ours."""
    lines = (shared / "data" / FILE).read_text(encoding="utf-8").splitlines()
    moscow = next(line for line in lines if ",Moscow," in line)
    twice = tmp_path / "twice.csv"
    twice.write_text("\n".join([*lines, moscow.replace("8.366666667", "9.5")]), encoding="utf-8")
    found = parse_files(SOURCE, [twice], catalogue)
    assert set(found.rejected["ref_area"]) == {"moscow"}
    assert "one_value_per_key" in set(found.rejected["rule"])


def distance(latitude: float, longitude: float, other_latitude: float, other_longitude: float) -> float:
    """Kilometres along the great circle."""
    a, b, c, d = map(radians, (latitude, longitude, other_latitude, other_longitude))
    return 2 * EARTH_KM * asin(sqrt(sin((c - a) / 2) ** 2 + cos(a) * cos(c) * sin((d - b) / 2) ** 2))
