"""The contents of include/catalog."""

from datetime import date
from zoneinfo import ZoneInfo

import pytest

from city_indicators.catalog import Catalogue, Group, load_sources
from city_indicators.catalog.models import Membership


def groups_of(catalogue: Catalogue, city: str, day: date) -> set[str]:
    country = catalogue.cities[city].country
    return {group.id for group in catalogue.groups.values() if group.has(country, day)}


def test_there_are_48_cities_in_28_countries(catalogue: Catalogue) -> None:
    assert len(catalogue.cities) == 48
    assert len(catalogue.countries) == 28
    assert {city.country for city in catalogue.cities.values()} == catalogue.countries.keys()


@pytest.mark.parametrize("language", ["en", "ru", "zh"])
def test_place_names_are_unique_in_each_language(catalogue: Catalogue, language: str) -> None:
    for places in (catalogue.cities, catalogue.countries):
        names = [getattr(place, f"name_{language}").strip() for place in places.values()]
        assert all(names)
        assert len(set(names)) == len(names)


@pytest.mark.parametrize("script", [("ru", "Ѐ", "ӿ"), ("zh", "一", "鿿")])
def test_names_are_written_in_their_own_script(catalogue: Catalogue, script: tuple[str, str, str]) -> None:
    language, first, last = script
    for place in [*catalogue.cities.values(), *catalogue.countries.values()]:
        name = getattr(place, f"name_{language}")
        assert any(first <= letter <= last for letter in name), place.ref_area


@pytest.mark.parametrize(
    ("city", "last_year_outside", "first_year_inside"),
    [
        ("johannesburg", 2009, 2010),
        ("moscow", 2008, 2009),
        ("addis-ababa", 2023, 2024),
        ("dubai", 2023, 2024),
        ("jakarta", 2024, 2025),
    ],
)
def test_cities_join_brics_with_their_country(
    catalogue: Catalogue, city: str, last_year_outside: int, first_year_inside: int
) -> None:
    assert groups_of(catalogue, city, date(last_year_outside, 12, 31)) == set()
    assert groups_of(catalogue, city, date(first_year_inside, 1, 1)) == {"BRICS"}


@pytest.mark.parametrize(("year", "cities"), [(2008, 0), (2009, 17), (2010, 20), (2024, 27), (2025, 29)])
def test_number_of_brics_cities_in_a_year(catalogue: Catalogue, year: int, cities: int) -> None:
    # 2009: Brazil 3, Russia 3, India 5, China 6; South Africa 3; 2024: Egypt 2, Ethiopia 1, Iran 2, UAE 2.
    brics, day = catalogue.groups["BRICS"], date(year, 7, 1)
    assert sum(brics.has(city.country, day) for city in catalogue.cities.values()) == cities


@pytest.mark.parametrize("city", ["london", "hong-kong", "riyadh"])
def test_cities_of_other_countries_and_territories_are_in_no_group(catalogue: Catalogue, city: str) -> None:
    assert groups_of(catalogue, city, date(2026, 1, 1)) == set()


def test_the_year_a_membership_ends_still_counts(catalogue: Catalogue) -> None:
    club = Group(
        id="CLUB",
        name=catalogue.groups["BRICS"].name,
        members=[Membership(country="GBR", since=1973, until=2019)],
    )
    assert club.has("GBR", date(2019, 12, 31))
    assert not club.has("GBR", date(2020, 1, 1))


def test_every_city_has_its_own_identifiers(catalogue: Catalogue) -> None:
    cities = catalogue.cities.values()
    for identifier in ("geonames_id", "wikidata_id", "unlocode"):
        assert len({getattr(city, identifier) for city in cities}) == 48, identifier


def test_locodes_begin_with_the_country_of_the_city(catalogue: Catalogue) -> None:
    for city in catalogue.cities.values():
        assert city.unlocode[:2] == catalogue.countries[city.country].iso2


def test_time_zones_exist(catalogue: Catalogue) -> None:
    for city in catalogue.cities.values():
        assert ZoneInfo(city.timezone).key == city.timezone


def test_the_un_workbook_is_mapped_to_every_city_once(catalogue: Catalogue) -> None:
    areas = catalogue.ref_areas(catalogue.sources["un_wup"])
    assert sorted(areas.values()) == sorted(catalogue.cities)


@pytest.mark.parametrize("source", ["world_bank", "owid_grapher"])
def test_sources_without_areas_use_iso_codes(catalogue: Catalogue, source: str) -> None:
    areas = catalogue.ref_areas(catalogue.sources[source])
    assert areas == {code: code for code in catalogue.countries}


def test_load_sources_gives_the_sources_of_the_catalogue(catalogue: Catalogue) -> None:
    assert load_sources() == catalogue.sources


def test_the_pool_is_named_after_the_host(catalogue: Catalogue) -> None:
    assert catalogue.sources["un_wup"].pool == "host_population.un.org"


def test_the_catalogue_is_read_only(catalogue: Catalogue) -> None:
    with pytest.raises(ValueError, match="frozen"):
        catalogue.cities["moscow"].country = "FRA"
