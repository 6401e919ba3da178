"""Downloads from the UI: they require a login and report what does not exist."""

import csv
import gc
import html
import io
import os
import re
import zipfile
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import URL, Engine, Inspector, Table

from city_indicators.delivery.exports.tables import SETS, reading, report_tables
from city_indicators.delivery.web import downloads
from city_indicators.delivery.web.kept import KeptAnswers
from tests.warehouse.exported import ROWS, exported, opened
from tests.warehouse.pages import USER, pages


@pytest.fixture
def client(specimens_url: URL, tmp_path: Path) -> TestClient:
    return TestClient(pages(specimens_url, tmp_path))


def links(page: str) -> list[str]:
    return [html.unescape(address) for address in re.findall(r'href="(export/[^"]+)"', page)]


@pytest.mark.parametrize("path", ["/downloads", "/export/rating", "/export/nowhere?format=xlsx"])
def test_downloads_require_a_login(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 401
    assert "report." not in answer.text


def test_streams_the_same_csv_as_the_command(client: TestClient, specimens: Engine) -> None:
    answer = client.get("/export/specimen", headers=USER)
    assert answer.content == exported(specimens, "specimen", "csv").getvalue()
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == 'attachment; filename="city-indicators_specimen.csv"'
    # A reader sees whether the file is complete.
    assert answer.headers["content-length"] == str(len(answer.content))


def test_does_not_read_the_schema_at_every_request(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []
    described = Inspector.reflect_table

    def recorded(inspector: Inspector, table: Table, *how: Any, **options: Any) -> None:
        read.append(table.fullname)
        described(inspector, table, *how, **options)

    monkeypatch.setattr(Inspector, "reflect_table", recorded)
    assert client.get("/downloads", headers=USER).status_code == 200
    read.clear()
    for path in ("/downloads", "/export/specimen", "/export/ratings?format=xlsx", "/export/observations"):
        assert client.get(path, headers=USER).status_code == 200
    assert read == []


def test_applies_conditions_and_language_to_a_workbook(client: TestClient) -> None:
    params = {"format": "xlsx", "language": "zh", "where": ["rating=climate_first", "time_period=2021"]}
    answer = client.get("/export/ratings", params=params, headers=USER)
    name = "city-indicators_ratings_climate_first_2021.xlsx"
    assert answer.headers["content-disposition"] == f'attachment; filename="{name}"'
    book = opened(io.BytesIO(answer.content))
    assert book.sheetnames[-2:] == ["说明", "数据源与许可协议"]
    assert [row[4].value for row in book["rating"].iter_rows()] == ["城市", "莫斯科"]


def test_deletes_temporary_files_after_sending(client: TestClient) -> None:
    def open_files() -> set[str]:
        gc.collect()
        found = (Path(f"/proc/self/fd/{number}") for number in os.listdir("/proc/self/fd"))  # noqa: PTH208
        return {os.readlink(file) for file in found if file.is_symlink()}  # noqa: PTH115

    before = open_files()
    assert len(client.get("/export/specimen?format=parquet", headers=USER).content) > len(ROWS)
    assert not {file for file in open_files() - before if "tmp" in file}


@pytest.mark.parametrize(
    ("path", "status", "message"),
    [
        ("/export/nowhere", 404, "has no report.nowhere. Next step: name one of"),
        ("/export/ops.load", 404, "has no report.ops.load"),
        ("/export/rating?where=nope%3D1", 422, "has no column 'nope'. Next step: use one of"),
        (
            "/export/rating?where=rank%3Dabc",
            422,
            "column rank of report.rating holds an integer, and 'abc' is",
        ),
        ("/export/rating?where=rating", 422, "write it as column=value"),
        ("/export/rating?where=rating%3D%00", 422, "is no condition"),
        ("/export/rating?format=sdmx-csv", 422, "export observations, or choose csv"),
        ("/export/rating?format=pdf", 422, "'csv', 'xlsx', 'parquet', 'package' or 'sdmx-csv'"),
        ("/export/rating?language=fr", 422, "is none of en, ru, zh"),
    ],
)
def test_reports_an_error_before_sending_data(
    client: TestClient, path: str, status: int, message: str
) -> None:
    answer = client.get(path, headers=USER)
    assert answer.status_code == status
    assert message in answer.text
    assert "content-disposition" not in answer.headers


@pytest.mark.parametrize(
    ("language", "text"),
    [("en", "Score"), ("ru", "Балл, место, полнота"), ("zh", "得分、排名、数据覆盖率")],
)
def test_the_page_lists_every_table_with_its_formats(
    client: TestClient, specimens: Engine, language: str, text: str
) -> None:
    page = client.get("/downloads", params={"language": language}, headers=USER).text
    assert text in page
    with reading(specimens) as connection:
        every = {f"report.{name}" for name in report_tables(connection)}
    addresses = links(page)
    for name in every:
        formats = [
            re.findall(r"format=([a-z-]+)", x)[0] for x in addresses if x.startswith(f"export/{name}?")
        ]
        assert formats == ["csv", "xlsx", "parquet", "package"]
    assert {re.findall(r"language=(\w+)", address)[0] for address in addresses} == {language}
    assert not re.search(r"(src|href)=\"https?://", page)


def shown_sizes(client: TestClient) -> dict[str, list[str]]:
    """Rows and size of each table, as the page shows them."""
    page = client.get("/downloads", headers=USER).text
    found = re.findall(r"<tr><td>([\w.]+)</td>(.*?)</tr>", page, re.DOTALL)
    return {name: re.findall(r'<td class="n">(.*?)</td>', cells) for name, cells in found}


def test_the_page_shows_how_large_each_stored_table_is(
    client: TestClient, specimens: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = shown_sizes(client)
    rows, size = shown["report.specimen"]
    assert rows == str(len(ROWS))
    assert re.fullmatch(r"\d+(\.\d)? kB", size)
    assert shown["report.specimen_edition"] == ["", ""]
    assert shown["observations"] == ["", ""]
    # A large table is not counted. The page is made anew each time.

    async def find(*_: object) -> None:
        return None

    monkeypatch.setattr(KeptAnswers, "find", find)
    monkeypatch.setattr(downloads, "LARGEST_COUNTED", 0)
    assert shown_sizes(client)["report.specimen"] == ["", size]
    with specimens.begin() as connection:
        connection.exec_driver_sql("analyze report.specimen")
    assert shown_sizes(client)["report.specimen"] == [f"≈ {len(ROWS)}", size]


def test_downloads_all_tables_of_an_edition(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    edition = ("specimen_edition", "specimen_edition_rating")
    monkeypatch.setattr(downloads, "EDITION_TABLES", edition)
    monkeypatch.setitem(SETS, "edition", edition)
    page = client.get("/downloads", headers=USER).text
    (address,) = [link for link in links(page) if link.startswith("export/edition?format=csv")]
    assert address.endswith("&where=rating%3Dclimate_first&where=edition%3D2022.1")
    answer = client.get(f"/{address}", headers=USER)
    assert answer.headers["content-disposition"].endswith(
        '"city-indicators_edition_climate_first_2022.1.zip"'
    )


def test_every_link_of_the_observations_is_a_file(client: TestClient) -> None:
    page = client.get("/downloads", headers=USER).text
    addresses = [link for link in links(page) if link.startswith("export/observations?")]
    assert len(addresses) == 5
    for address in addresses:
        answer = client.get(f"/{address}", headers=USER)
        assert answer.status_code == 200, address
    assert zipfile.is_zipfile(io.BytesIO(client.get(f"/{addresses[3]}", headers=USER).content))


def test_the_ratings_page_links_to_exports_of_its_year(client: TestClient) -> None:
    page = client.get("/ratings", params={"period": "2021"}, headers=USER).text
    as_csv, as_xlsx = links(page)
    rows = list(csv.DictReader(io.StringIO(client.get(f"/{as_csv}", headers=USER).text)))
    assert [(row["time_period"], row["ref_area"], row["score"]) for row in rows] == [("2021", "moscow", "60")]
    book = opened(io.BytesIO(client.get(f"/{as_xlsx}", headers=USER).content))
    assert [cell.value for cell in book["rating_pillar"][2]][:3] == ["climate_first", "2021", "moscow"]
