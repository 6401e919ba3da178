"""Visits pages in a real browser and returns what a reader would stumble over."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

NAMES: Final = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
MISSING: Final = f"no browser: none of {', '.join(NAMES)} is installed"
WIDE: Final = {"width": 1300, "height": 900}
PHONE: Final = {"width": 390, "height": 800}
DRAWN: Final = "chart => chart.dataset.drawn || chart.dataset.failed"
SERIOUS: Final = ("serious", "critical")


def installed() -> str | None:
    """The Chromium of the system; continuous integration fails without one."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None and os.environ.get("CI"):
        pytest.fail(MISSING)
    return found


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser; the test is skipped if there is none."""
    found = installed()
    if found is None:
        pytest.skip(MISSING)
    with sync_playwright() as driver:
        # In a container Chromium has no sandbox of its own.
        browser = driver.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield browser
        browser.close()


@dataclass
class Reader:
    """A reader with a browser window, and what went wrong in it."""

    context: BrowserContext
    origin: str
    page: Page = field(init=False)
    faults: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page = self.context.new_page()
        self.page.on("console", lambda said: said.type == "error" and self.faults.append(said.text))
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on("request", lambda sent: self._stays(sent.url))

    def _stays(self, url: str) -> None:
        if not url.startswith((self.origin, "data:", "blob:")):
            self.faults.append(f"a request to {url}")

    def open(self, path: str) -> None:
        """Open a page and wait for its charts."""
        self.faults.clear()
        self.page.goto(f"{self.origin}{path}")
        self.see_charts()

    def see_charts(self) -> None:
        """Scroll to every chart; each must be drawn with marks."""
        for chart in self.page.locator("[data-chart]").all():
            chart.scroll_into_view_if_needed()
            self.page.wait_for_function(DRAWN, arg=chart.element_handle())
            if not int(chart.get_attribute("data-drawn") or 0):
                address = chart.get_attribute("data-chart")
                self.faults.append(f"no marks in {address}: {chart.get_attribute('data-failed')}")

    def looks(self) -> list[str]:
        """What is wrong with the page as it is shown now."""
        found = list(self.faults)
        beyond = self.page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        if beyond > 0:
            found.append(f"{beyond} pixels wider than the window")
        return found

    def barriers(self) -> list[str]:
        """What keeps people with disabilities out, by the serious rules of axe-core."""
        violations = Axe().run(self.page).response["violations"]
        return [
            f"{each['id']}: {node['html'][:120]}"
            for each in violations
            if each["impact"] in SERIOUS
            for node in each["nodes"]
        ]
