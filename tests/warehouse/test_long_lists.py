"""Long lists of cities have pages and a search; charts draw the first cities, and say so."""

import html
import io
import re
from collections.abc import Iterator

import pandas as pd
import pytest

from city_indicators.delivery.web import long_lists, rating_charts
from standalone.postgres import Server
from tests.warehouse.pages import PREFIX, links
from tests.warehouse.site import Site, opened

OF_2019 = "rating=climate_first&period=2019"
RANKED = """
    select array_agg(ref_area order by rank, city_name_en) from report.rating
    where rating = 'climate_first' and time_period = '2019' and rank is not null
"""


@pytest.fixture(scope="module")
def site(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with opened(server, tmp_path_factory.mktemp("lists")) as made:
        yield made


def ranked(page: str) -> list[str]:
    table = page.partition('id="ranking"')[2].partition("</table>")[0]
    return re.findall(r'href="city/([^?"]+)\?', table)


def test_the_pages_of_a_ranking_have_each_city_once(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(long_lists, "A_PAGE", 10)
    every = site.value(RANKED)
    assert len(every) > 20
    address, found = f"/ratings?{OF_2019}", []
    while address:
        page = site.page(address)
        assert len(ranked(page)) <= 10
        found += ranked(page)
        following = re.findall(r'rel="next" href="([^"]+)"', page)
        address = f"/{html.unescape(following[0]).partition('#')[0]}" if following else ""
    assert found == every
    assert f"({len(every)} rows)" in site.page(f"/ratings?{OF_2019}&again=1")
    beyond = site.get(f"/ratings?{OF_2019}&page=99")
    assert beyond.status_code == 404


def test_a_search_keeps_the_rank_among_all_cities(site: Site) -> None:
    rank = site.value(
        "select rank from report.rating where rating = 'climate_first' and time_period = '2019' "
        "and ref_area = 'moscow'"
    )
    page = site.page(f"/ratings?{OF_2019}&text=mosc")
    assert ranked(page) == ["moscow"]
    assert f'<td class="n">{rank}</td><td><a href="city/moscow' in page
    assert set(ranked(site.page(f"/ratings?{OF_2019}&text=china"))) > {"guangzhou", "beijing"}
    nobody = site.page(f"/ratings?{OF_2019}&text=%3Cb%3Eatlantis")
    assert "No ranked city or country has “&lt;b&gt;atlantis” in its name." in nobody


def test_a_chart_says_how_many_cities_it_draws(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    every = site.value(RANKED)
    for name in ("ranks", "contributions"):
        text = site.get(f"/chart/{name}.csv?{OF_2019}").content.decode("utf-8-sig")
        assert "are drawn" not in text
    monkeypatch.setattr(rating_charts, "A_PAGE", 5)
    text = site.get(f"/chart/ranks.csv?{OF_2019}&again=1").content.decode("utf-8-sig")
    assert f"Only the first 5 of {len(every)} cities are drawn" in text
    drawn = pd.read_csv(io.StringIO(text), comment="#")
    assert list(drawn["rank"]) == sorted(drawn["rank"])
    assert len(drawn) == 5


@pytest.mark.parametrize(
    "given", ["moscow,guangzhou", "Moscow,Guangzhou", "Москва,guangzhou", "moscow, 广州"]
)
def test_a_city_is_found_by_its_id_or_its_name_in_any_language(site: Site, given: str) -> None:
    assert "<h1>Moscow – Guangzhou</h1>" in site.page(f"/compare?cities={given}")


def test_a_name_that_no_city_has_is_refused(site: Site) -> None:
    answer = site.get("/compare?cities=moscow,atlantis")
    assert (answer.status_code, answer.json()) == (
        404,
        {"detail": "there is no city 'atlantis'. Next step: choose one in Cities"},
    )


def test_the_list_of_cities_has_pages_and_a_search(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(long_lists, "A_PAGE", 20)
    pages = [site.page(f"/cities?page={number}") for number in (1, 2, 3)]
    found = [set(re.findall(r'href="city/([^?"]+)\?', page)) for page in pages]
    assert [len(cities) for cities in found] == [20, 20, 8]
    assert len(set.union(*found)) == 48
    assert site.get("/cities?page=4").status_code == 404
    only = site.page("/cities?text=guang")
    assert re.findall(r'href="city/([^?"]+)\?', only) == ["guangzhou"]


def test_data_docs_have_the_menu_in_the_language_of_the_reader(site: Site) -> None:
    page = site.page("/data-docs/?language=ru")
    assert '<html lang="en">' in page
    assert '<div lang="ru">' in page
    assert "Great Expectations описывает проверки только по-английски." in page
    assert f"{PREFIX}/overview?language=ru" in links(page, f"{PREFIX}/data-docs/")
    load, *_ = re.findall(r'href="(loads/1\.html)"', page)
    below = site.page(f"/data-docs/{load}?language=ru")
    assert f"{PREFIX}/overview?language=ru" in links(below, f"{PREFIX}/data-docs/{load}")
