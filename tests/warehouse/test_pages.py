"""The pages of the UI: login required, three languages, no requests to other servers."""

import html
import re
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import URL, Engine

from city_indicators.delivery.web.headers import HEADERS
from city_indicators.ingest.validation.data_docs import build
from city_indicators.ingest.validation.data_docs_site import Site
from city_indicators.reports.refresh import refresh
from city_indicators.warehouse.database import frame
from tests.methods import METHODS, RESEARCH
from tests.warehouse.conftest import NOON, Publisher
from tests.warehouse.pages import PREFIX, USER, links, mounted, pages
from tests.warehouse.test_publish import MANY


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
def test_pages_require_a_login(client: TestClient, path: str, status: int) -> None:
    assert client.get(path).status_code == status


@pytest.mark.parametrize(
    ("language", "city", "heading", "score"),
    [("en", "Moscow", "Rank", "64.2"), ("ru", "Москва", "Место", "64,2"), ("zh", "莫斯科", "排名", "64.2")],
)
def test_the_ratings_page_has_three_languages(
    client: TestClient,
    publisher: Publisher,
    warehouse: Engine,
    language: str,
    city: str,
    heading: str,
    score: str,
) -> None:
    publisher.load({**MANY, "RUS": 60000})
    refresh(warehouse, METHODS, RESEARCH, NOON)
    with warehouse.begin() as connection:
        # One indicator is never enough for a rank.
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
    assert score in page.text
    assert not re.search(r"(src|href)=\"https?://", page.text)


def test_without_a_rating_the_page_shows_the_next_step(client: TestClient) -> None:
    page = client.get("/ratings", headers=USER)
    assert page.status_code == 200
    assert "refresh_reports" in page.text


def test_the_data_docs_show_every_load_without_external_requests(
    client: TestClient, publisher: Publisher, warehouse: Engine, tmp_path: Path
) -> None:
    publisher.load({**MANY, "RUS": 7_000_000})
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
    assert "7e+06 is outside the plausible range of ENERGY_PC" in of_load
    assert not re.search(r"<(script|link|img)[^>]+(src|href)=\"https?://", page)


def test_the_data_docs_count_rows_and_every_link_leads_somewhere(
    publisher: Publisher, warehouse: Engine, warehouse_url: URL, tmp_path: Path
) -> None:
    # Two rows are equally far beyond the range, so they are validated as one.
    load_id = publisher.validate({**MANY, "RUS": 7_000_000, "BRA": 7_000_000, "CHN": -1})
    with warehouse.connect() as connection:
        validations = frame(connection, "docs/recent_validations", loads=10)
        rejected = frame(connection, "docs/rejected_rows", loads=10, rows=100)
    build(validations, rejected, Site(tmp_path / "docs"))
    reader, found = mounted(warehouse_url, tmp_path), {}
    addresses = [f"{PREFIX}/data-docs/"]
    for address in addresses:
        found[address] = reader.get(address).text
        assert '<html lang="en">' in found[address]
        for link in links(found[address], address):
            if link.startswith("/dags/"):
                assert link.startswith("/dags/ingest_owid_grapher/runs/test%20")
            elif "/data-docs/" not in link:
                assert reader.get(link).status_code == 200, link
            elif link not in addresses:
                addresses.append(link)
    (rows,) = (page for address, page in found.items() if "/owid_grapher/rows/" in address)
    assert f'href="../../../../../../loads/{load_id}">Load {load_id}</a>: 3 of 12 rows rejected' in rows
    words = " ".join(re.sub(r"<[^>]+>", " ", rows.partition("</style>")[2]).split())
    assert "3 unexpected values found. 25% of 12 total rows. Unexpected Value Count" in words
    assert re.search(r"Count \S+ 2 \S+ 1 ", words)
    assert "Actions" not in words


@pytest.mark.parametrize(
    "path",
    [
        *("../secret", "..%2fsecret", "%2e%2e/secret", "..%5csecret", "/etc/passwd", "%2fetc%2fpasswd"),
        *("nowhere.html", "index.html/x", "%00", "index.html%00", "%ff", "a" * 5000, "folder"),
    ],
)
def test_only_pages_of_the_site_are_served(client: TestClient, tmp_path: Path, path: str) -> None:
    made = tmp_path / "made"
    (made / "folder").mkdir(parents=True)
    (made / "index.html").write_text("the index")
    (made / "folder" / "page.html").write_text("a page")
    Site(tmp_path / "docs").put(made)
    (tmp_path / "docs" / "secret").write_text("secret")
    answer = client.get(f"/data-docs/{path}", headers=USER)
    assert answer.status_code == 404
    assert "secret" not in answer.text
    assert client.get("/data-docs/index.html", headers=USER).text == "the index"


@pytest.mark.parametrize(
    ("path", "status"),
    [("/nowhere", 404), ("/ratings/", 307), ("/ratings?language=fr", 422), ("/city/%00", 422)],
)
def test_error_answers_have_the_headers_too(client: TestClient, path: str, status: int) -> None:
    answer = client.get(path, headers=USER, follow_redirects=False)
    assert answer.status_code == status
    assert {name: answer.headers[name] for name in HEADERS} == HEADERS


def test_an_error_page_shows_only_the_next_step(warehouse_url: URL, tmp_path: Path) -> None:
    away = warehouse_url.set(database="away", password="s3cret")  # noqa: S106 - of no service
    client = TestClient(pages(away, tmp_path), raise_server_exceptions=False)
    answer = client.get("/ratings", headers=USER)
    assert answer.status_code == 500
    assert answer.json() == {
        "detail": "the page could not be made. Next step: read the log of the API server"
    }
    assert {name: answer.headers[name] for name in HEADERS} == HEADERS


def text_of(site: Site, page: str) -> str:
    content = site.read(page)
    assert content is not None
    return content.decode("utf-8")


def test_scripts_in_source_data_are_escaped(
    client: TestClient, publisher: Publisher, warehouse: Engine, tmp_path: Path
) -> None:
    hostile = "<script>alert(1)</script>"
    publisher.load({**MANY, "RUS": hostile, hostile: 5, "BRA": "<img src=x onerror=alert(1)>"})
    with warehouse.connect() as connection:
        validations = frame(connection, "docs/recent_validations", loads=10)
        rejected = frame(connection, "docs/rejected_rows", loads=10, rows=100)
    site = Site(tmp_path / "docs")
    build(validations, rejected, site)
    texts = {page.partition("/")[0]: text_of(site, page) for page in site.pages() if page.endswith(".html")}
    texts["quality"] = client.get("/quality", headers=USER).text
    assert {"index.html", "loads", "validations", "quality"} <= texts.keys()
    assert [name for name, page in texts.items() if hostile in page or "<img src=x" in page] == []
    assert html.escape(hostile) in texts["loads"]
