"""Every page in a real browser: languages, themes, widths, charts that are drawn, ways through the pages."""

import re
import threading
from collections.abc import Iterator

import pytest
import uvicorn
from fastapi import FastAPI
from playwright.sync_api import Browser

from city_indicators.delivery.web.api.routes import PREFIX as API
from standalone.postgres import Server
from tests.browser.visits import PHONE, WIDE, Reader, chromium
from tests.end_to_end.waiting import until
from tests.warehouse.pages import PREFIX, USER, pages
from tests.warehouse.site import EDITION, Site, opened

KEY = "rating=climate_first&time_period=2019&ref_area=moscow"
PAGES = {
    "/overview": "?",
    "/loads": "?",
    "/loads/{load_id}": "/loads/2?",
    "/backfill-plan": "?",
    "/backfill-plan/{plan_id}": "/backfill-plan/1?",
    "/ratings": "?period=2019",
    "/method/{rating}": "/method/climate_first?period=2019&city=moscow",
    "/workbench/{rating}": "/workbench/climate_first?",
    "/cities": "?",
    "/city/{ref_area}": "/city/moscow?",
    "/compare": "?cities=moscow,beijing",
    "/indicators": "?",
    "/indicator/{indicator}": "/indicator/ENERGY_PC?",
    "/trends": "?",
    "/trends/places": "?",
    "/trends/{megatrend}": "/trends/growing_agglomerations?",
    "/best-practices": "?",
    "/coverage": "?rating=climate_first",
    "/catalogue": "?",
    "/catalogue/{source}": "/catalogue/owid_grapher?",
    "/lineage/{table}": f"/lineage/rating?{KEY}",
    "/editions": EDITION,
    "/quality": "?",
    "/downloads": "?",
}
"""The address of each page; those that begin with ? are added to the route."""
FILES = {"/static/{name}", "/chart/{name}.{kind}", "/export/{name}", "/snapshots/{sha256}"}
FILES |= {"/workbench/{rating}/method.yaml", "/documents/{sha256}"}
OTHERS = {"/data-docs/{page:path}", "/workbench", "/best-practices/{case_id}"}
"""A site of Great Expectations in English, a redirection, and a page without anything in this warehouse."""
LOOKS = [
    ("en", "light", WIDE),
    ("ru", "dark", PHONE),
    ("zh", "light", PHONE),
]


@pytest.fixture(scope="module")
def site(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A warehouse with its pages."""
    with opened(server, tmp_path_factory.mktemp("explorer")) as made:
        yield made


@pytest.fixture(scope="module")
def origin(site: Site) -> Iterator[str]:
    """The address of a server with the pages, as they are in Airflow."""
    ui = FastAPI()
    ui.mount(PREFIX, pages(site.url, site.folder))
    server = uvicorn.Server(uvicorn.Config(ui, port=0, log_level="warning"))
    thread = threading.Thread(target=server.run)
    thread.start()
    until(lambda: server.started, 30)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}{PREFIX}"
    server.should_exit = True
    thread.join()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The browser of these tests."""
    with chromium() as found:
        yield found


@pytest.fixture
def reader(request: pytest.FixtureRequest, browser: Browser, origin: str) -> Iterator[Reader]:
    """A reader with a window; the parameter is theme and size."""
    theme, size = getattr(request, "param", ("light", WIDE))
    context = browser.new_context(color_scheme=theme, viewport=size, extra_http_headers=USER)
    # A favicon is the host's.
    context.route("**/favicon.ico", lambda route: route.fulfill(body=b""))
    yield Reader(context, origin)
    context.close()


def address(route: str, language: str) -> str:
    given = PAGES[route]
    path = f"{route}{given}" if given.startswith("?") else given
    return f"{path}{'' if path.endswith('?') else '&'}language={language}"


def test_every_page_is_visited(site: Site) -> None:
    routes = {route.path for route in pages(site.url, site.folder).routes}  # type: ignore[attr-defined]
    shown = {route for route in routes if not route.startswith(API)}
    assert shown - FILES - OTHERS == PAGES.keys()


@pytest.mark.parametrize(("language", "theme", "size"), LOOKS)
def test_pages_are_sound_in_each_look(
    browser: Browser, origin: str, language: str, theme: str, size: dict[str, int]
) -> None:
    context = browser.new_context(color_scheme=theme, viewport=size, extra_http_headers=USER)  # type: ignore[arg-type]
    context.route("**/favicon.ico", lambda found: found.fulfill(body=b""))
    reader = Reader(context, origin)
    faults = {}
    for route in PAGES:
        reader.open(address(route, language))
        assert reader.page.locator("html").get_attribute("lang") == language
        if found := [*reader.looks(), *(reader.barriers() if language != "zh" else [])]:
            faults[route] = found
    context.close()
    assert faults == {}


@pytest.mark.parametrize("reader", [("light", WIDE), ("dark", PHONE)], indirect=True)
def test_data_docs_are_sound_in_each_look(reader: Reader) -> None:
    reader.open("/data-docs/")
    for name in ("owid_grapher.rows", "all checks of the load", "all loads"):
        assert [*reader.looks(), *reader.barriers()] == []
        reader.page.get_by_role("link", name=name, exact=True).first.click()
        reader.page.wait_for_load_state()
    reader.page.evaluate("localStorage.setItem('theme', 'dark')")
    reader.page.reload()
    assert reader.page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(17, 21, 25)"


def test_the_theme_is_that_of_airflow(reader: Reader) -> None:
    reader.open("/ratings?period=2019")
    paper = "getComputedStyle(document.body).backgroundColor"
    assert reader.page.evaluate(paper) == "rgb(255, 255, 255)"
    reader.page.evaluate("localStorage.setItem('theme', 'dark')")
    reader.page.reload()
    assert reader.page.evaluate(paper) == "rgb(17, 21, 25)"


def test_a_point_of_a_chart_leads_to_its_lineage_and_the_way_back_works(reader: Reader) -> None:
    reader.open("/ratings?period=2019&language=ru")
    first = reader.page.locator("[data-chart*='chart/ranks.json'] .mark-symbol a, "
                                "[data-chart*='chart/ranks.json'] .mark-symbol path").first  # fmt: skip
    first.click()
    reader.page.wait_for_url("**/lineage/rating?*language=ru*")
    assert reader.page.locator("html").get_attribute("lang") == "ru"
    reader.page.go_back()
    reader.see_charts()
    assert reader.looks() == []


def test_a_chart_writes_numbers_as_its_language_does(reader: Reader) -> None:
    reader.open("/indicator/ENERGY_PC?language=ru")
    labels = reader.page.locator("[data-chart*='indicator-latest.json'] svg text").all_text_contents()
    assert "20\N{NO-BREAK SPACE}000" in labels
    assert not [label for label in labels if re.search(r"\d,\d{3}", label)]


def test_a_choice_needs_no_button_and_keeps_the_language(reader: Reader) -> None:
    reader.open("/ratings?period=2019&language=zh")
    reader.page.select_option("select[name=group]", index=1)
    reader.page.wait_for_url("**group=*")
    assert "language=zh" in reader.page.url


def test_a_table_is_sorted_by_the_column_that_is_clicked(reader: Reader) -> None:
    reader.open("/ratings?period=2019")
    table = reader.page.locator("table[data-sorted]")

    def ranks() -> list[int]:
        return [int(cell) for cell in table.locator("tbody td:first-child").all_inner_texts()]

    upwards = ranks()
    table.locator("th button").first.click()
    assert ranks() == upwards == sorted(upwards)
    table.locator("th button").first.click()
    assert table.locator("th").first.get_attribute("aria-sort") == "descending"
    assert ranks() == upwards[::-1]
