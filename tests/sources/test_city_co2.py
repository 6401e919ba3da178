"""CO2 of cities by four publishers, from their real files."""

from pathlib import Path

import pandas as pd
import pytest

from city_indicators.catalog import Catalogue
from city_indicators.ingest.parse import parse_files
from demo.sample.tables import has_observations

FILES = {
    "carbon_monitor_china": "carbon_monitor_cities/huo_EmissionsAgg.csv",
    "ceads_cities": (
        "ceads_china_cities/The_Emission_Inventories_for_290_Chinese_Cities_from_1997_to_2019.xlsx"
    ),
    "co2_japan_long": "city_co2_openclimate/excerpt_EmissionsAgg.csv",
    "openghgmap": "city_co2_openclimate/excerpt_EmissionsAgg.csv",
}
CHINESE = ("carbon_monitor_china", "ceads_cities")


@pytest.fixture(scope="module")
def tonnes(shared: Path, catalogue: Catalogue) -> dict[str, "pd.Series[float]"]:
    """The values of each source by city and year."""
    found = {}
    for source, file in FILES.items():
        parsed = parse_files(source, [shared / "data" / file], catalogue)
        assert parsed.rejected.empty
        found[source] = parsed.accepted.set_index(["ref_area", "time_period"])["obs_value"]
    return found


@pytest.mark.parametrize(
    ("source", "city", "year", "value"),
    [
        ("carbon_monitor_china", "guangzhou", "2021", 55_070_888),
        ("carbon_monitor_china", "shenzhen", "2020", 43_727_641),
        ("ceads_cities", "guangzhou", "2019", 112_479_380),
        ("ceads_cities", "beijing", "1997", 61_918_115.152276634),
        ("co2_japan_long", "tokyo", "2007", 27_632_641),
        ("co2_japan_long", "tokyo", "2015", 22_411_056),
        ("openghgmap", "paris", "2018", 1_693_787),
    ],
)
def test_every_publisher_is_read_in_tonnes(
    tonnes: dict[str, "pd.Series[float]"], source: str, city: str, year: str, value: float
) -> None:
    assert tonnes[source][city, year] == pytest.approx(value, rel=1e-5)


def test_six_cities_are_read_and_the_publishers_differ_by_a_factor_of_two(
    tonnes: dict[str, "pd.Series[float]"],
) -> None:
    carbon_monitor, ceads = (tonnes[source] for source in CHINESE)
    assert len(carbon_monitor) == 12
    assert len(ceads) == 124
    for series in (carbon_monitor, ceads):
        assert len(series.index.unique("ref_area")) == 6
    assert ceads["guangzhou", "2019"] / carbon_monitor["guangzhou", "2020"] > 2
    assert ceads["shenzhen", "2019"] == pytest.approx(carbon_monitor["shenzhen", "2020"], rel=0.02)


def test_the_open_one_is_preferred_and_alone_in_the_sample(catalogue: Catalogue) -> None:
    carbon_monitor, ceads = (catalogue.sources[source] for source in CHINESE)
    assert carbon_monitor.precedence < ceads.precedence
    assert has_observations(carbon_monitor)
    assert not has_observations(ceads)


def test_tokyo_is_that_of_its_prefecture_in_nine_years(
    tonnes: dict[str, "pd.Series[float]"], catalogue: Catalogue
) -> None:
    years = [str(year) for year in range(2007, 2016)]
    assert list(tonnes["co2_japan_long"]["tokyo"].sort_index().index) == years
    (series,) = catalogue.sources["co2_japan_long"].series
    assert not catalogue.geo_bases[series.geo_basis].city_level


def test_the_share_alike_publisher_says_so_and_is_not_in_the_sample(
    tonnes: dict[str, "pd.Series[float]"], catalogue: Catalogue
) -> None:
    source = catalogue.sources["openghgmap"]
    assert "share-alike" in source.licence
    assert not has_observations(source)
    assert set(tonnes["openghgmap"].index) == {("berlin", "2018"), ("madrid", "2018"), ("paris", "2018")}
