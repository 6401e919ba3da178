"""Matching of places: folded names, countries by every code, declared aliases, no guesses."""

from collections.abc import Callable
from typing import Any

import pytest

from city_indicators.catalog import Catalogue
from city_indicators.catalog.source import Layout
from city_indicators.sources.places import Place, Places, folded, with_candidates

ALIASES = {"RUS": {"Moskva (Moscow)": "moscow"}, "EGY": {"Al-Qahirah (Cairo)": "cairo"}}


@pytest.fixture
def find(catalogue: Catalogue) -> Callable[..., Place]:
    """Looks up a country and name in a source with two aliases."""
    changes = {
        "areas": None,
        "places": ALIASES,
        "layout": Layout(kind="csv", country="country", place="city"),
    }
    places = Places(catalogue.sources["un_wup"].model_copy(update=changes), catalogue)
    return places.find


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("São Paulo", "sao paulo"),
        ("  S\u00e3o\u00a0Paulo\n", "sao paulo"),
        ("Sa\u0303o Paulo", "sao paulo"),
        ("\ufeffMos\u00adcow\u200b", "moscow"),
        ("New   York City", "new york city"),
        ("BOGOTÁ", "bogota"),
        ("İstanbul", "istanbul"),
        ("Straße", "strasse"),
        ("北京", "北京"),
        ("", ""),
    ],
)
def test_ignores_differences_in_spelling_between_files(written: str, plain: str) -> None:
    assert folded(written) == plain


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Sao Paulo", "Frei Paulo"),
        ("London", "City of London"),
        ("?zmir", "Izmir"),
        ("Guangzhou, Guangdong", "Guangzhou"),
        ("Moskva (Moscow)", "Moscow"),
        ("St. Petersburg", "Saint Petersburg"),
    ],
)
def test_names_of_different_words_stay_different(one: str, other: str) -> None:
    assert folded(one) != folded(other)


@pytest.mark.parametrize("country", ["Brazil", "BRAZIL ", "BRA", "br", "076", "76"])
def test_a_country_is_known_by_name_and_by_every_code(find: Any, country: str) -> None:
    assert find(country, "sao  paulo") == Place("sao-paulo", True, "BRA")


@pytest.mark.parametrize(
    ("country", "ref_area"),
    [
        ("Russian Federation", "RUS"),
        ("Iran (Islamic Republic of)", "IRN"),
        ("Islamic Republic of Iran", "IRN"),
        ("Republic of Korea", "KOR"),
        ("Türkiye", "TUR"),
        ("United States of America", "USA"),
    ],
)
def test_a_country_is_known_by_the_names_of_publishers(find: Any, country: str, ref_area: str) -> None:
    assert find(country, "Nowhere") == Place(None, False, ref_area)


def test_a_name_of_the_source_is_found_through_its_alias_only(find: Any) -> None:
    assert find("643", "Moskva (Moscow)").ref_area == "moscow"
    assert find("EG", "al-qahirah (CAIRO)").ref_area == "cairo"
    assert find("643", "Moskva").ref_area is None


def test_an_alias_does_not_displace_our_own_name(find: Any) -> None:
    assert find("Russia", "Moscow").ref_area == "moscow"


@pytest.mark.parametrize(
    ("country", "place"),
    [
        ("Chile", "Los Ángeles"),
        ("CA", "London"),
        ("United States", "Moscow"),
        ("Brazil", "Rio"),
        ("Brazil", "Brasiléia"),
        ("Brazil", "Rio de Janeiro, RJ"),
        ("Ghana", "Cape Coast"),
        ("Turkey", "?zmir"),
        ("", "Moscow"),
        ("Democratic People's Republic of Korea", "Seoul"),
    ],
)
def test_namesakes_prefixes_and_similar_names_are_not_our_places(find: Any, country: str, place: str) -> None:
    found = find(country, place)
    assert (found.ref_area, found.requested) == (None, False)


def test_only_places_in_our_countries_have_a_country(find: Any) -> None:
    assert find("Chile", "Los Ángeles").country is None
    assert find("Turkey", "?zmir").country == "TUR"


def test_a_code_of_the_source_is_matched_exactly(catalogue: Catalogue) -> None:
    places = Places(catalogue.sources["un_wup"], catalogue)
    assert places.find(None, "22299") == Place("moscow", True)
    assert places.find(None, "2229") == Place(None, False)
    assert places.find(None, "Moscow") == Place(None, False)


def test_an_iso_code_that_was_not_requested_stays_visible(catalogue: Catalogue) -> None:
    places = Places(catalogue.sources["world_bank"], catalogue)
    assert places.find(None, "RUS") == Place("RUS", True)
    assert places.find(None, "ARB") == Place(None, True)


def test_an_unmatched_place_comes_with_the_cities_of_its_country_only(catalogue: Catalogue) -> None:
    (row,) = with_candidates({("IRN", "Teheran"): 3}, catalogue)
    assert (row["country"], row["place"], row["records"]) == ("IRN", "Teheran", 3)
    assert set(row["candidates"]) == {"tehran", "mashhad"}
    assert row["candidates"]["tehran"] > 85 > row["candidates"]["mashhad"]


def test_the_likeliest_candidates_come_first_and_are_at_most_three(catalogue: Catalogue) -> None:
    (row,) = with_candidates({("CHN", "Guangzhou, Guangdong"): 1}, catalogue)
    likeness = list(row["candidates"].values())
    assert next(iter(row["candidates"])) == "guangzhou"
    assert len(likeness) == 3
    assert likeness == sorted(likeness, reverse=True)


def test_candidates_are_never_matched_automatically(find: Any, catalogue: Catalogue) -> None:
    (row,) = with_candidates({("COL", "Santa Fe de Bogotá"): 1}, catalogue)
    assert "bogota" in row["candidates"]
    assert find("Colombia", "Santa Fe de Bogotá").ref_area is None


def test_without_unmatched_places_there_are_no_candidates(catalogue: Catalogue) -> None:
    assert with_candidates({}, catalogue) == []
