"""The pages Trends, Coverage and Data catalogue, with values worked out by hand."""

import html
import io
import re
from collections.abc import Iterator
from pathlib import Path
from zipfile import ZipFile

import pandas as pd
import pytest
from sqlalchemy import URL, create_engine, text

from city_indicators.analytics.ratings.coverage import complete_weights
from city_indicators.analytics.ratings.method import Method
from city_indicators.core.languages import languages
from city_indicators.delivery.web.coverage import cell
from city_indicators.delivery.web.trends import expectation
from city_indicators.reports.refresh import refresh
from standalone.postgres import Server
from tests.conftest import new_warehouse
from tests.methods import FIRST, LENIENT, RESEARCH
from tests.warehouse.conftest import NOON, Publisher
from tests.warehouse.pages import PREFIX, links, mounted
from tests.warehouse.site import Site
from tests.warehouse.test_publish import MANY

# Two countries: emissions fall in Russia, as expected of the megatrend, and rise in China.
TRENDS = """
    insert into report.trend (
        indicator, indicator_name_en, indicator_name_ru, indicator_name_zh,
        ref_area, place_name_en, place_name_ru, place_name_zh,
        time_window, window_name_en, window_name_ru, window_name_zh,
        unit_measure, geo_basis, source, n, first_year, last_year, projections, estimated, is_short,
        log_growth, slope, slope_low, slope_high, mk_p_corrected, q_value, trend, shift_years, pettitt_p
    )
    select
        'CO2_PC', '', '', '', place, '', '', '', 'since_1990', '', '', '', 'T_PC', 'country', 'owid_grapher',
        9, 2015, 2023, 0, 0, true, 0.02, slope, slope - 0.1, slope + 0.1, 0.0004, q, trend, '{2019}', 0.5
    from (values ('RUS', -0.25, 0.0002, 'decreasing'), ('CHN', 0.175, 0.0049, 'increasing'))
    as trend (place, slope, q, trend)
"""
MEGATREND = """
    update report.megatrend
    set places_assessed = 2, places_for = 1, places_against = 1, coverage = 2.0 / places_of_group,
        strength = 0, verdict_reason = 'too_few_places', leading_places = '{RUS}',
        lagging_places = '{CHN}', places_with_trends = '{RUS,CHN}'
    where megatrend = 'falling_emissions' and level = 'country' and city_group = 'all'
        and time_window = 'since_1990'
"""
PATHS = (
    "/trends?",
    "/trends/falling_emissions?",
    "/trends/places?",
    "/coverage?",
    "/coverage?rating=&",
    "/catalogue?",
    "/catalogue/owid_grapher?",
)


@pytest.fixture(scope="module")
def site(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One load, rated, with the trends of two countries and a page of the load in the Data Docs."""
    folder = tmp_path_factory.mktemp("trends")
    with new_warehouse(server) as url:
        engine = create_engine(url)
        Publisher(engine, folder).load({**MANY, "RUS": 50000})
        refresh(engine, {LENIENT.id: LENIENT}, RESEARCH, NOON)
        with engine.begin() as connection:
            connection.execute(text(TRENDS))
            connection.execute(text(MEGATREND))
        (folder / "docs").mkdir()
        with ZipFile(folder / "docs" / "site.zip", "w") as docs:
            for name in ("index.html", "loads/1.html"):
                docs.writestr(name, "a page")
        yield Site(mounted(url, folder), url, folder)
        engine.dispose()


def plain(page: str) -> str:
    """The text of a page without tags and repeated spaces."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


def chart(site: Site, name: str, **parameters: str) -> pd.DataFrame:
    answer = site.client.get(f"{PREFIX}/chart/{name}.csv", params=parameters)
    assert answer.status_code == 200, answer.text
    return pd.read_csv(io.StringIO(answer.content.decode("utf-8-sig")), comment="#")


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("path", PATHS)
def test_the_links_of_a_page_work(site: Site, path: str, language: str) -> None:
    page = site.page(f"{path}language={language}")
    assert f'<html lang="{language}">' in page
    if language != "en":
        return
    # One link of each kind; the trends of these tests have no observations, so no lineage.
    kinds = {
        re.sub(r"[^/]*\?.*", "", link): link
        for link in links(page, f"{PREFIX}{path}language={language}")
        if not re.search(r"/(chart|export|static)/|lineage/(mega)?trend\?", link)
    }
    for link in kinds.values():
        if link.startswith(PREFIX):
            assert site.client.get(link).status_code == 200, link


def test_a_megatrend_shows_its_balance_and_what_is_expected(site: Site) -> None:
    page = plain(site.page("/trends/falling_emissions"))
    assert "too few places have a verdict ✓ 1 · ✗ 1 · ○ 0 2 of" in page
    assert "CO2 emissions per head decreasing 1 1 0 0" in page
    assert "Leading Russia Lagging China" in page
    assert "Draft." in page
    assert "Abu Dhabi" not in page


def test_the_evidence_has_intervals_and_marks(site: Site) -> None:
    choice = {"window": "since_1990", "group": "all", "level": "country", "megatrend": "falling_emissions"}
    found = chart(site, "trend-slopes", indicator="CO2_PC", **choice).set_index("place")
    assert list(found.index) == ["China", "Russia"]
    assert list(found["slope_low"].round(9)) == [0.075, -0.35]
    assert list(found["slope_high"].round(9)) == [0.275, -0.15]
    assert list(found["mark"]) == ["lagging", "leading"]


def test_a_group_has_only_its_places(site: Site) -> None:
    answer = site.get("/chart/trend-slopes.csv?indicator=CO2_PC&group=comparators")
    assert (answer.status_code, "has no values" in answer.text) == (404, True)


def test_a_balance_is_in_shares_of_the_group(site: Site) -> None:
    found = chart(site, "megatrend-balance", level="country").set_index("part")
    of_group = site.value("select count(distinct country) from catalog.city")
    assert found.loc["for", "end"] == pytest.approx(1 / of_group)
    assert found.loc["against", "start"] == pytest.approx(-1 / of_group)


def test_single_trends_show_their_tests_and_warnings(site: Site) -> None:
    page = plain(site.page("/trends/places?indicator=CO2_PC"))
    assert "Russia ▼ decreasing -0.25 -0.35 … -0.15 2.0% < 0.001 < 0.001 9 2015–2023 2019" in page
    assert "China ▲ increasing 0.175 0.075 … 0.275 2.0% 0.005 < 0.001 9 2015–2023 2019 short series" in page
    # Energy has one year: no slope, and the page says why.
    assert "too few years" in plain(site.page("/trends/places?indicator=ENERGY_PC"))


def test_places_are_counted_against_what_is_expected() -> None:
    verdicts = ("increasing", "decreasing", "decreasing", "none_found", None)
    trends = [{"indicator": "I", "trend": each, "slope": 1 if each else None} for each in verdicts]
    assert expectation([*trends, {"indicator": "J", "trend": "increasing"}], "I", "decreasing") == {
        **{"places_for": 2, "places_against": 1, "places_none": 1, "without_verdict": 1, "slopes": 4}
    }


def test_coverage_weighs_what_is_missing(site: Site) -> None:
    """Moscow has energy only, the country's, with a weight of 0.4 × 0.5 = 20 %."""
    page = site.page("/coverage?rating=climate_first&period=2019")
    (row,) = re.findall(
        r"<tr><td><a href=\"city/moscow[^>]*>Moscow</a></td><td class=\"n\".*?</tr>", page, re.S
    )[:1]
    assert plain(row).startswith("Moscow 0.0% 0.0% 20.0% 0.0% 80.0% 0.0%")
    assert "Moscow 80.0% Coal and oil in electricity generation 20.0% · Low-carbon" in plain(
        page.partition('class="gaps"')[2]
    )
    found = chart(site, "coverage-map", rating="climate_first", period="2019")
    energy = found[(found["city"] == "Moscow") & (found["weight"] == 0.2) & (found["year"] == "2019")]
    assert list(energy["rests_on"]) == ["country"]
    assert list(energy["age"]) == [0]
    by_indicator = plain(page.partition("By indicator")[2])
    assert re.search(
        r"Primary energy consumption per head Energy consumption 20.0% [0-9.]+% 0 0 \d+ 0 \d+ 0 ",
        by_indicator,
    )
    shares = chart(site, "coverage-shares", rating="climate_first", period="2019")
    assert shares.groupby("city")["share"].sum().round(9).unique().tolist() == [1]


def test_weights_are_those_of_the_complete_method() -> None:
    assert complete_weights(FIRST) == pytest.approx(
        {
            **{"ELEC_LOWCARBON_SHARE": 0.2, "ELEC_COAL_OIL_SHARE": 0.2},
            **{"ENERGY_PC": 0.2, "CO2_PC": 0.2, "PM25_EXPOSURE": 0.2},
        }
    )


def test_the_parts_of_a_formula_weigh_the_same() -> None:
    goal = {"worst": 100, "best": 0}
    parts = [{"indicator": each, **goal} for each in ("ENERGY_PC", "CO2_PC")]
    pillar = {"id": "use", "weight": 0.6, "formula": "min(ENERGY_PC, CO2_PC)", "indicators": parts}
    other = {"id": "air", "weight": 0.4, "indicators": [{"indicator": "PM25_EXPOSURE", "weight": 1, **goal}]}
    method = Method.model_validate({"id": "m", "version": "1.0.0", "pillars": [pillar, other]})
    assert complete_weights(method) == pytest.approx({"ENERGY_PC": 0.3, "CO2_PC": 0.3, "PM25_EXPOSURE": 0.4})


@pytest.mark.parametrize(
    ("status", "basis", "city_level", "expected"),
    [
        ("A", "metro", True, "own"),
        ("E", "city", True, "estimated"),
        ("I", None, None, "estimated"),
        ("A", "urban_centre_part", False, "part"),
        ("A", "country", False, "country"),
    ],
)
def test_what_a_value_rests_on(
    status: str, basis: str | None, city_level: bool | None, expected: str
) -> None:
    row = {"has_value": True, "obs_status": status, "geo_basis": basis, "city_level": city_level}
    made = cell({**row, "value_period": "2018"}, "2024")
    assert (made["rests_on"], made["age"]) == (expected, 6)
    assert cell({**row, "has_value": False, "value_period": None}, "2024")["rests_on"] == "missing"


def test_the_catalogue_is_searched_without_a_script(site: Site) -> None:
    page = plain(site.page("/catalogue?text=energy+CONSUMPTION"))
    assert "Primary energy consumption per head ENERGY_PC" in page
    assert "PM25_EXPOSURE" not in page
    assert "No source contains this text" in page
    in_russian = plain(site.page("/catalogue?language=ru&text=ENERGY_PC"))
    assert "ENERGY_PC" in in_russian
    assert "CO2_PC" not in in_russian
    # Two words of the definition that are in no name of an indicator.
    assert "PM25_DAYS_GT15" in plain(site.page("/catalogue?language=ru&text=24-часового+ячейке"))


def test_a_source_shows_licence_loads_and_values(site: Site) -> None:
    page = site.page("/catalogue/owid_grapher")
    assert 'href="https://creativecommons.org/licenses/by/4.0/"' in page
    assert 'href="../data-docs/loads/1.html"' in page
    shown = plain(page)
    counted = site.value("select sum(places) from report.data_coverage where source = 'owid_grapher'")
    assert f"Primary energy consumption per head ENERGY_PC the country {counted} 2019 " in shown
    assert "No row of this source was rejected" in shown


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("/trends/flying_cars", "there is no megatrend 'flying_cars'. Next step: choose one of"),
        ("/trends?window=since_1800", "there is no window 'since_1800'"),
        ("/trends/places?indicator=NO", "there is no indicator with a series 'NO'"),
        ("/coverage?rating=none", "there is no rating 'none'"),
        ("/coverage?rating=climate_first&period=1800", "there is no year '1800'"),
        ("/coverage?rating=&pillar=x", "there is no pillar 'x'"),
        ("/catalogue/nowhere", "there is no source 'nowhere'. Next step: choose one in Data catalogue"),
    ],
)
def test_an_unknown_choice_shows_nothing_else(site: Site, path: str, message: str) -> None:
    answer = site.get(path)
    assert (answer.status_code, message in answer.json()["detail"]) == (404, True), answer.text


def test_pages_without_reports_name_the_next_step(warehouse_url: URL, tmp_path: Path) -> None:
    client = mounted(warehouse_url, tmp_path)
    for path in ("/trends", "/trends/ageing", "/trends/places", "/coverage"):
        assert "then refresh_reports" in client.get(f"{PREFIX}{path}").text, path
    assert client.get(f"{PREFIX}/catalogue").status_code == 200
