"""The pages in the window of Airflow's own UI: login, frame, theme, and links that leave the frame."""

import re

from playwright.sync_api import Page, expect

VIEW = "/plugin/city-indicators"
"""Where Airflow shows the page Overview."""


def sign_in(page: Page, ui: str, password: str) -> None:
    """Sign in as the administrator."""
    page.goto(f"{ui}/auth/login")
    page.fill("input[name=username]", "admin")
    page.fill("input[name=password]", password)
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(rf"^{re.escape(ui)}/(?!auth)"))


def at_home_in_airflow(page: Page, ui: str) -> None:
    """The pages have Airflow's theme, and a link to a run leaves their frame."""
    page.goto(f"{ui}{VIEW}")
    frame = page.frame_locator("iframe")
    expect(frame.locator("h1")).to_have_text("City indicators")
    for theme, paper in (("dark", "rgb(17, 21, 25)"), ("light", "rgb(255, 255, 255)")):
        page.evaluate("theme => localStorage.setItem('theme', theme)", theme)
        page.reload()
        expect(frame.locator("body")).to_have_css("background-color", paper)
    frame.get_by_role("link", name="Loads", exact=True).first.click()
    expect(frame.locator("h1")).to_have_text("Loads")
    frame.locator("a[data-airflow][href*='/runs/']").first.click()
    page.wait_for_url(re.compile(rf"^{re.escape(ui)}/dags/[^/]+/runs/"))
    assert len(page.frames) == 1
