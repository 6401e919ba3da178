"""Pages show projections in words as projected, apart from observed values and their years."""

import html
import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import create_engine

from city_indicators.ingest import load as ingest
from city_indicators.reports.refresh import refresh
from standalone.postgres import Server
from tests.methods import LENIENT, RESEARCH
from tests.warehouse.conftest import NOON
from tests.warehouse.entered import LoadInput, Observation, enter
from tests.warehouse.pages import PREFIX, links
from tests.warehouse.site import AT, Site, opened

INDICATORS = ("T_MEAN_PROJECTED", "PRCP_PROJECTED")
SOURCE = "future_cities_bastin"
WORDS = "Projected values Projected by their source, not observed: "


def celsius(city: str, year: int, value: float) -> Observation:
    return Observation(city, str(year), value, "T_MEAN_PROJECTED", "CEL", "F", "city")


@pytest.fixture(scope="module")
def site(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site that also has projections of two cities, of one in two years."""
    folder = tmp_path_factory.mktemp("projections")
    with opened(server, folder) as made:
        warehouse = create_engine(made.url)
        observations = [
            celsius("moscow", 2050, 8.366666667),
            celsius("moscow", 2040, 7.5),
            celsius("guangzhou", 2050, 24.4),
            Observation("moscow", "2050", 706.3333333, "PRCP_PROJECTED", "MM", "F", "city"),
        ]
        given = LoadInput(SOURCE, range(2040, 2051), observations, indicators=INDICATORS)
        staged = folder / "projected"
        ingest.publish_load(
            enter(warehouse, staged, given), staged, warehouse, lambda: NOON + timedelta(days=20)
        )
        refresh(warehouse, {LENIENT.id: LENIENT}, RESEARCH, AT + timedelta(days=2))
        warehouse.dispose()
        yield made


def plain(page: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


def test_the_page_of_a_city_has_the_last_projected_year_of_each_series_below_its_values(site: Site) -> None:
    page = plain(site.page("/city/moscow"))
    observed, _, projected = page.partition(WORDS)
    name = "Mean annual temperature, projected"
    assert name not in observed
    assert f"{name} 8.37 °C 2050 the city itself forecast" in projected
    assert "Annual precipitation, projected 706 mm 2050 the city itself forecast" in projected
    assert "2040" not in projected
    assert "Projected values" not in plain(site.page("/city/berlin"))


def test_an_indicator_that_is_only_projected_has_a_table_and_no_charts(site: Site) -> None:
    page = site.page("/indicator/T_MEAN_PROJECTED")
    text = plain(page)
    assert "No values yet" not in text
    assert "Latest values" not in text
    assert 'class="chart"' not in page
    _, _, projected = text.partition(WORDS)
    assert re.search(r"Guangzhou 24.4 °C 2050 .* Moscow 8.37 °C 2050 ", projected)
    assert "neither the baseline period nor the scenario and the models" in text
    of_values = [link for link in links(page, f"{PREFIX}/indicator/x") if "/lineage/observation" in link]
    assert len(of_values) == 2
    assert all("<dd>" in site.client.get(link).text for link in of_values)


def test_the_list_has_projected_indicators_apart(site: Site) -> None:
    observed, _, projected = plain(site.page("/indicators")).partition("Projected values")
    assert "projected" not in observed
    assert "Mean annual temperature, projected °C 2 2050" in projected
    assert "Annual precipitation, projected mm 1 2050" in projected


def test_what_is_only_projected_is_not_missing(site: Site) -> None:
    shown = {row["indicator"] for row in site.rows("web/profile_coverage_indicators", pillar="climate")}
    assert "T_MEAN_YEAR" in shown
    assert not shown & set(INDICATORS)


def test_there_is_no_trend_to_choose_of_what_is_only_projected(site: Site) -> None:
    without = "select array_agg(indicator) from report.trend where trend_reason = 'no_observed_value'"
    assert set(INDICATORS) <= set(site.value(without))
    chosen = {row["indicator"] for row in site.rows("web/trend_indicators", time_window="since_1990")}
    assert chosen == {"ENERGY_PC"}


def test_the_years_of_the_overview_end_with_an_observed_one(site: Site) -> None:
    assert "2019–2019 years" in plain(site.page("/overview"))
