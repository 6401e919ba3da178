"""The site of an edition in a real browser, from a folder and from a plain web server."""

import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, expect

from standalone.postgres import Server
from tests.browser.visits import PHONE, WIDE, Reader, chromium
from tests.warehouse.sites import Made, made_site

KINDS = (
    "index.html",
    "city/moscow.html",
    "indicator/ENERGY_PC.html",
    "trends.html",
    "comparison/moscow_guangzhou.html",
    "practices.html",
    "practice/moscow-air.html",
    "coverage.html",
    "method.html",
    "sources.html",
    "downloads.html",
    "pages.html",
    "chart/ranking.html",
)
"""A page of each kind."""
WITHOUT_CHARTS = ("practices.html", "sources.html", "downloads.html", "pages.html")


@pytest.fixture(scope="module")
def made(server: Server) -> Made:
    return made_site(server)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


@pytest.fixture(scope="module")
def served(made: Made) -> Iterator[str]:
    """The address of a plain web server of the folder."""

    class Handler(SimpleHTTPRequestHandler):
        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(made.folder))) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(
    ("place", "language", "theme", "size"),
    [("folder", "en", "light", WIDE), ("folder", "ru", "dark", PHONE), ("server", "zh", "light", PHONE)],
)
def test_pages_are_sound_from_a_folder_and_from_a_server(
    made: Made, served: str, browser: Browser, place: str, language: str, theme: Any, size: Any
) -> None:
    """Charts are drawn, nothing comes from elsewhere, nothing is wider than the window, no finding of axe."""
    origin = served if place == "server" else f"{made.folder.as_uri()}/"
    context = browser.new_context(color_scheme=theme, viewport=size)
    context.route("**/favicon.ico", lambda route: route.fulfill(body=b""))
    reader = Reader(context, origin)
    faults = {}
    for page in KINDS:
        reader.open(f"{language}/{page}")
        charts = reader.page.locator("[data-chart]").count()
        assert (charts > 0) == (page not in WITHOUT_CHARTS), page
        # Reading styles again is axe's own request, which the policy refuses in a folder.
        run = Axe().run(reader.page, options={"preload": False})
        violations = [each["id"] for each in run.response["violations"]]
        if found := [*reader.looks(), *violations]:
            faults[page] = found
    context.close()
    assert faults == {}


@pytest.mark.parametrize(
    ("language", "typed", "name"),
    [("ru", "моск", "Москва"), ("zh", "莫斯", "莫斯科"), ("en", "Москва", "Moscow")],
)
def test_the_search_finds_a_city_in_each_language(
    made: Made, browser: Browser, language: str, typed: str, name: str
) -> None:
    context = browser.new_context()
    reader = Reader(context, f"{made.folder.as_uri()}/")
    reader.open(f"{language}/indicator/ENERGY_PC.html")
    field = reader.page.get_by_role("searchbox")
    field.fill(typed)
    expect(reader.page.locator(".found a").first).to_have_text(name)
    field.press("Enter")
    reader.page.wait_for_url(f"**/{language}/city/moscow.html")
    expect(reader.page.locator("h1")).to_have_text(name)
    assert reader.faults == []
    context.close()


def test_the_html_to_embed_a_chart_draws_it_in_another_page(served: str, browser: Browser) -> None:
    context = browser.new_context()
    reader = Reader(context, served)
    reader.open("en/chart/ranking.html")
    reader.page.get_by_text("HTML to embed this chart").click()
    copied = reader.page.locator("pre").inner_text()
    assert f'src="{served}en/chart/ranking.html"' in copied
    other = f"<!doctype html><title>Other</title>{copied}"
    context.route("**/other.html", lambda route: route.fulfill(body=other, content_type="text/html"))
    reader.page.goto(f"{served}other.html")
    frame = reader.page.frame_locator("iframe")
    expect(frame.locator("[data-chart] svg").first).to_be_visible()
    expect(frame.get_by_text("HTML to embed this chart")).to_be_hidden()
    context.close()
