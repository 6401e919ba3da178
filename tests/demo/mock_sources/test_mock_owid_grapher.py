"""The mock server's charts against the real CSV files."""

from pathlib import Path

import pytest
from fastapi.testclient import TestClient

CHARTS = ["co-emissions-per-capita", "electricity-prod-source-stacked", "per-capita-energy-use"]


def real_lines(shared: Path, slug: str) -> list[str]:
    return (shared / "data" / "owid_grapher" / f"{slug}.csv").read_text(encoding="utf-8").splitlines()


def fetch(client: TestClient, slug: str, **query: str) -> list[str]:
    reply = client.get(f"/owid_grapher/grapher/{slug}.csv", params={"csvType": "filtered", **query})
    assert reply.status_code == 200
    return reply.text.splitlines()


@pytest.mark.parametrize("slug", CHARTS)
def test_lines_are_the_real_lines_in_the_real_order(client: TestClient, shared: Path, slug: str) -> None:
    header, *rows = real_lines(shared, slug)
    wanted = [row for row in rows if row.split(",")[1] in {"RUS", "CHN"} and row.split(",")[2] >= "2000"]
    assert len(wanted) >= 48
    assert fetch(client, slug, country="RUS~CHN", time="2000..2024") == [header, *wanted]


def test_all_rows_together_are_the_real_rows(client: TestClient, shared: Path) -> None:
    for slug in CHARTS:
        served = client.get(f"/owid_grapher/grapher/{slug}.csv").text.splitlines()
        codes = {row.split(",")[1] for row in served[1:]}
        header, *rows = real_lines(shared, slug)
        assert len(codes) == 28
        real = [row for row in rows if row.split(",")[1] in codes and row.split(",")[2] >= "2000"]
        assert served[0] == header
        assert sorted(served[1:]) == sorted(real)


@pytest.mark.parametrize(
    ("time", "years"),
    [
        ("2015", {"2015"}),
        ("2022..latest", {"2022", "2023"}),
        ("earliest..2001", {"2000", "2001"}),
        ("2030..2031", set()),
    ],
)
def test_time_selects_years(client: TestClient, time: str, years: set[str]) -> None:
    _, *rows = fetch(client, "co-emissions-per-capita", country="BRA", time=time)
    assert {row.split(",")[2] for row in rows} == years


def test_a_value_looked_up_by_hand(client: TestClient) -> None:
    assert fetch(client, "co-emissions-per-capita", country="ARE", time="2000")[1] == (
        "United Arab Emirates,ARE,2000,32.00528"
    )


def test_metadata_describes_each_column(client: TestClient) -> None:
    meta = client.get("/owid_grapher/grapher/electricity-prod-source-stacked.metadata.json").json()
    header = client.get("/owid_grapher/grapher/electricity-prod-source-stacked.csv").text.splitlines()[0]
    assert list(meta["columns"]) == header.split(",")[3:]
    assert all(column["unit"] == "terawatt-hours" for column in meta["columns"].values())
    assert "Ember" in meta["chart"]["citation"]


@pytest.mark.parametrize("ending", ["csv", "metadata.json"])
def test_unknown_chart_is_a_page(client: TestClient, ending: str) -> None:
    reply = client.get(f"/owid_grapher/grapher/no-such-chart.{ending}")
    assert reply.status_code == 404
    assert reply.headers["content-type"].startswith("text/html")


def test_an_unsupported_request_is_refused(client: TestClient) -> None:
    path = "/owid_grapher/grapher/per-capita-energy-use.csv"
    assert client.get(path, params={"useColumnShortNames": "true"}).status_code == 501
    assert client.get(path, params={"csvType": "filtered", "time": "lately"}).status_code == 400
