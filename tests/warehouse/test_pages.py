"""The pages of the UI: behind the login, in three languages, asking nobody outside."""

import re
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import URL, Engine
from tests.methods import METHODS, RESEARCH
from tests.warehouse.conftest import NOON, Publisher
from tests.warehouse.pages import USER, pages
from tests.warehouse.test_publish import MANY

from city_indicators.quality.docs import build
from city_indicators.quality.site import Site
from city_indicators.reports.refresh import refresh
from city_indicators.warehouse.database import frame


@pytest.fixture
def client(warehouse_url: URL, tmp_path: Path) -> TestClient:
    return TestClient(pages(warehouse_url, tmp_path))


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/ratings", 401),
        ("/data-docs/", 401),
        ("/data-docs/index.html", 401),
        ("/openapi.json", 404),
        ("/docs", 404),
    ],
)
def test_nobody_gets_in_without_login(client: TestClient, path: str, status: int) -> None:
    assert client.get(path).status_code == status


@pytest.mark.parametrize(
    ("language", "city", "heading"),
    [("en", "Moscow", "Rank"), ("ru", "Москва", "Место"), ("zh", "莫斯科", "排名")],
)
def test_the_ratings_speak_three_languages(
    client: TestClient, publisher: Publisher, warehouse: Engine, language: str, city: str, heading: str
) -> None:
    publisher.say({**MANY, "RUS": 60000})
    refresh(warehouse, METHODS, RESEARCH, NOON)
    with warehouse.begin() as connection:
        # One indicator alone never suffices for a rank.
        connection.exec_driver_sql(
            "update report.rating set status = 'ranked', rank = 1, reason_code = null "
            "where time_period = '2019' and ref_area = 'moscow'"
        )
    page = client.get("/ratings", params={"language": language}, headers=USER)
    assert page.status_code == 200
    assert city in page.text
    assert heading in page.text
    assert "2019" in page.text
    # 10 + 90 × (60000 - 150000) / (600 - 150000) = 64.2
    assert "64.2" in page.text
    assert not re.search(r"(src|href)=\"https?://", page.text)


def test_without_a_rating_the_page_says_what_to_do(client: TestClient) -> None:
    page = client.get("/ratings", headers=USER)
    assert page.status_code == 200
    assert "refresh_reports" in page.text


def test_the_data_docs_show_every_load_and_ask_nobody_outside(
    client: TestClient, publisher: Publisher, warehouse: Engine, tmp_path: Path
) -> None:
    publisher.say({**MANY, "RUS": 7_000_000})
    with warehouse.connect() as connection:
        validations = frame(connection, "docs/recent_validations", loads=10)
        rejected = frame(connection, "docs/rejected_rows", loads=10, rows=100)
    build(validations, rejected, Site(tmp_path / "docs"))
    index = client.get("/data-docs/", headers=USER).text
    assert "owid_grapher.rows" in index
    assert "owid_grapher.gate" in index
    (result,) = re.findall(r'href="(validations/owid_grapher/rows/[^"]+)"', index)
    page = client.get(f"/data-docs/{result}", headers=USER).text
    assert "Expectation" in page
    (load,) = set(re.findall(r'href="(loads/[^"]+)"', index))
    of_load = client.get(f"/data-docs/{load}", headers=USER).text
    assert "<td>RUS</td>" in of_load
    assert "7e+06 lies outside the plausible range of ENERGY_PC" in of_load
    assert not re.search(r"<(script|link|img)[^>]+(src|href)=\"https?://", page)


@pytest.mark.parametrize("path", ["../secret", "..%2fsecret", "%2e%2e/secret", "nowhere.html"])
def test_only_pages_of_the_site_are_served(client: TestClient, tmp_path: Path, path: str) -> None:
    (tmp_path / "pages").mkdir()
    Site(tmp_path / "docs").put(tmp_path / "pages")
    (tmp_path / "docs" / "secret").write_text("secret")
    answer = client.get(f"/data-docs/{path}", headers=USER)
    assert answer.status_code == 404
    assert "secret" not in answer.text
