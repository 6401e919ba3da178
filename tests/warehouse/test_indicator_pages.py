"""The pages of indicators and of compared cities show what the database has, and refuse what it has not."""

import html
import io
import re
from collections.abc import Iterator

import pandas as pd
import pytest
from sqlalchemy import create_engine, text

from standalone.postgres import Server
from tests.warehouse.pages import PREFIX, links
from tests.warehouse.site import Site, opened

OWN_VALUES = """
insert into report.city_profile
select (jsonb_populate_record(profile, jsonb_build_object(
    'indicator', 'PT_ACCESS', 'pillar', 'transport', 'unit_measure', 'PT', 'geo_basis', 'urban_centre',
    'source_ref_area', ref_area, 'obs_value', case ref_area when 'moscow' then 85 else 60 end,
    'rank', case ref_area when 'moscow' then 1 else 2 end, 'n_ranked', 2, 'best_value', 85
))).*
from report.city_profile as profile where ref_area in ('moscow', 'guangzhou') and indicator = 'ENERGY_PC'
"""


@pytest.fixture(scope="module")
def site(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site on which Moscow and Guangzhou also have a value of their own."""
    with opened(server, tmp_path_factory.mktemp("pages")) as made:
        with create_engine(made.url).begin() as connection:
            connection.execute(text(OWN_VALUES))
        yield made


def plain(page: str) -> str:
    """The text of a page with single spaces."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


def rows_of(site: Site, chart: str, query: str) -> pd.DataFrame:
    answer = site.get(f"/chart/{chart}.csv?{query}")
    assert answer.status_code == 200, answer.text
    return pd.read_csv(io.StringIO(answer.content.decode("utf-8-sig")), comment="#")


def test_the_list_counts_cities_with_values_of_their_own(site: Site) -> None:
    page = plain(site.page("/indicators"))
    cities = site.value("select count(*) from report.city_profile where indicator = 'ENERGY_PC'")
    assert f"Primary energy consumption per head kWh per person 0 {cities} 2019" in page
    assert "Population with convenient access to public transport % 2 2 2019" in page


def test_a_page_shows_definition_sources_and_revisions(site: Site) -> None:
    page = site.page("/indicator/ENERGY_PC?language=zh")
    definition = site.value("select definition_zh from catalog.indicator where indicator = 'ENERGY_PC'")
    assert f"<p>{html.escape(definition)}</p>" in page
    assert not definition.isascii()
    attributions = site.value("""
        select array_agg(attribution) from catalog.source where source in ('owid_grapher', 'world_bank')
    """)
    assert all(attribution in html.unescape(page) for attribution in attributions)
    found = links(page, f"{PREFIX}/indicator/ENERGY_PC")
    versions = [link for link in found if "/lineage/revisions" in link and "ref_area=RUS" in link]
    assert [re.findall(r"version=(\d)", link) for link in versions] == [["1"], ["2"]]
    assert all(site.client.get(link).status_code == 200 for link in versions)


def test_a_revision_shows_what_was_known_then_and_now(site: Site) -> None:
    page = plain(site.page("/indicator/ENERGY_PC"))
    assert "1 value was revised." in page
    assert "Russia 2019 owid_grapher 60,000 2 Jan 2026 50,000 11 Jan 2026 -16.7% at least 10 %" in page


def test_a_page_shows_the_limits_of_the_catalogue_and_the_rules_of_the_load(site: Site) -> None:
    page = plain(site.page("/indicator/ENERGY_PC"))
    assert "Plausible range 0 to 400,000" in page
    assert "the value is within the plausible range plausible_range 0 0" in page


def test_a_picture_writes_numbers_as_its_language_does(site: Site) -> None:
    shown = {}
    for language in ("en", "ru"):
        answer = site.get(f"/chart/indicator-latest.svg?indicator=ENERGY_PC&language={language}")
        shown[language] = set(re.findall(r">(20\D?000)</text>", answer.text))
    assert shown == {"en": {"20,000"}, "ru": {"20\N{NO-BREAK SPACE}000"}}


def test_a_country_stands_once_with_the_number_of_its_cities(site: Site) -> None:
    places = rows_of(site, "indicator-latest", "indicator=ENERGY_PC")
    russian = site.value(
        "select count(*) from report.city_profile where indicator = 'ENERGY_PC' and country = 'RUS'"
    )
    (russia,) = places[places["name"].str.startswith("Russia")].to_dict("records")
    assert (russia["name"], russia["value"], russia["level"]) == (f"Russia ({russian})", 50000, "other")
    # Lower is better, so the least consumption is the first.
    assert list(places["value"]) == sorted(places["value"])


def test_series_of_sources_are_apart(site: Site) -> None:
    values = rows_of(site, "indicator-over-time", "indicator=ENERGY_PC&cities=moscow")
    assert {row["series"][:13]: row["value"] for row in values.to_dict("records")} == {
        "A the country": 50000,
        "B the country": 55000,
    }


def test_there_is_a_map_of_the_cities_own_values_only(site: Site) -> None:
    assert site.get("/chart/indicator-map.csv?indicator=ENERGY_PC").status_code == 404
    assert "There is no map" in site.page("/indicator/ENERGY_PC")
    assert list(rows_of(site, "indicator-map", "indicator=PT_ACCESS")["value"]) == [85, 60]


def test_compared_cities_have_values_reasons_and_a_better_one(site: Site) -> None:
    page = plain(site.page("/compare"))
    assert "1 of 2 indicators" in page
    assert re.search(r"85\.0 % 2019 · urban centre · owid_grapher · 1 of 2 60\.0 % .* 2 of 2 Moscow ", page)
    assert re.search(r"Primary energy .* – not city-level data", page)
    positions = rows_of(site, "compare", "cities=moscow,guangzhou")
    own = positions[positions["comparable"]]
    assert list(zip(own["city"], own["position"], strict=True)) == [("Moscow", 1), ("Guangzhou", 0)]


@pytest.mark.parametrize(
    "path", ["/indicators?", "/indicator/ENERGY_PC?", "/compare?cities=berlin&cities=moscow&"]
)
def test_every_link_works_in_its_language(site: Site, path: str) -> None:
    address = f"{PREFIX}{path}language=ru"
    for link in links(site.page(f"{path}language=ru"), address):
        if link.startswith(PREFIX) and not re.search(
            r"/(city|chart|static|export|data-docs)/|indicator=PT_ACCESS", link
        ):
            answer = site.client.get(link)
            assert answer.status_code == 200, link
            assert '<html lang="ru">' in answer.text, link


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/indicator/NOTHING", 404),
        ("/indicator/ENERGY_PC?cities=atlantis", 404),
        ("/indicator/ENERGY_PC?group=atlantis", 404),
        ("/compare?cities=moscow", 422),
        ("/compare?cities=moscow,berlin,paris,tokyo,delhi,cairo,seoul", 422),
        ("/compare?cities=moscow,atlantis", 404),
        ("/compare?rating=nothing", 404),
        ("/chart/compare.json?cities=moscow", 422),
        ("/chart/indicator-latest.json?indicator=NOTHING", 404),
    ],
)
def test_what_does_not_exist_is_refused_with_a_next_step(site: Site, path: str, status: int) -> None:
    answer = site.get(path)
    assert answer.status_code == status
    assert "Next step: " in answer.json()["detail"]
