"""The mock server's World Bank against answers recorded from the real one."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

POPULATION = "/world_bank/v2/country/{}/indicator/SP.POP.TOTL"


def recorded(shared: Path, name: str) -> bytes:
    return (shared / "recorded" / "worldbank" / f"TestIndicatorValuesService_{name}").read_bytes()


def shape(value: Any) -> Any:
    """Keys in their order and types of the leaves."""
    if isinstance(value, dict):
        return [(key, shape(item)) for key, item in value.items()]
    return type(value)


def fetch(client: TestClient, path: str, **query: str) -> Any:
    return client.get(path, params={"format": "json", **query}).json()


@pytest.mark.parametrize(
    ("name", "query"),
    [
        ("ListByCountryIDs__1.json", {}),
        ("ListByCountryIDsWithFootnote__1.json", {"footnote": "y"}),
    ],
)
def test_reply_has_the_recorded_shape(
    client: TestClient, shared: Path, name: str, query: dict[str, str]
) -> None:
    real_header, real_rows = json.loads(recorded(shared, name))
    # GDP per head has fractions, as in the recorded answer.
    header, rows = fetch(
        client,
        "/world_bank/v2/countries/JPN;USA/indicators/NY.GDP.PCAP.PP.KD",
        date="2018:2019",
        page="1",
        per_page="2",
        **query,
    )
    assert shape(header) == shape(real_header)
    assert [shape(row) for row in rows] == [shape(row) for row in real_rows]
    same = ("page", "pages", "per_page", "total", "sourceid", "sourcename")
    assert {key: header[key] for key in same} == {key: real_header[key] for key in same}
    assert [(row["country"], row["countryiso3code"], row["date"]) for row in rows] == [
        (row["country"], row["countryiso3code"], row["date"]) for row in real_rows
    ]


def test_several_series_with_source_have_the_recorded_header(client: TestClient, shared: Path) -> None:
    real_header, _ = json.loads(recorded(shared, "ListByCountryIDsAndSourceID__1.json"))
    header, _ = fetch(
        client,
        "/world_bank/v2/countries/JPN;USA/indicators/NY.GDP.PCAP.PP.KD;SP.POP.TOTL",
        date="2018:2019",
        per_page="2",
        source="2",
    )
    assert {**header, "lastupdated": real_header["lastupdated"]} == real_header
    assert list(header) == list(real_header)


@pytest.mark.parametrize(
    ("name", "path", "query"),
    [
        ("List__3.json", "countries/all/indicators/INVALID.INDICATOR.ID", {}),
        ("ListByCountryIDs__3.json", "countries/JPN;USA/indicators/INVALID.INDICATOR.ID", {}),
        (
            "ListByCountryIDsAndSourceID__3.json",
            "countries/JPN;USA/indicators/INVALID.INDICATOR.ID;SP.POP.TOTL",
            {"source": "2"},
        ),
        (
            "ListByCountryIDsAndSourceIDWithFootnote__2.json",
            "countries/ABCDEFG;HIJKLM/indicators/NY.GDP.PCAP.PP.KD;SP.POP.TOTL",
            {"source": "2", "footnote": "y"},
        ),
    ],
)
def test_errors_are_the_recorded_bytes(
    client: TestClient, shared: Path, name: str, path: str, query: dict[str, str]
) -> None:
    with (shared / "recorded" / "worldbank" / "INDEX.tsv").open(encoding="utf-8") as index:
        lines = {line["file"]: line for line in csv.DictReader(index, delimiter="\t")}
    real = lines[f"TestIndicatorValuesService_{name}"]
    reply = client.get(f"/world_bank/v2/{path}", params={"format": "json", **query})
    assert reply.content == recorded(shared, name)
    assert str(reply.status_code) == real["status"].split()[0]
    assert reply.headers["content-type"] == real["content_type"]


def test_a_wrong_source_is_answered_with_a_page_as_recorded(client: TestClient, shared: Path) -> None:
    reply = client.get(
        "/world_bank/v2/countries/all/indicators/SP.POP.TOTL",
        params={"format": "json", "source": "invalid_source_id"},
    )
    real = recorded(shared, "ListBySourceID__3.txt")
    assert (reply.status_code, reply.headers["content-type"]) == (400, "text/html")
    assert reply.content[:40] == real[:40]
    for landmark in (
        b"\xef\xbb\xbf<?xml",
        b"<title>Request Error</title>",
        b'<p class="heading1">Request Error</p>',
    ):
        assert landmark in real
        assert landmark in reply.content


def test_years_come_newest_first_and_a_gap_is_a_row_with_null(client: TestClient) -> None:
    header, rows = fetch(client, "/world_bank/v2/country/CHN/indicator/EN.ATM.PM25.MC.M3", date="2000:2025")
    assert header["total"] == len(rows) == 25  # 2000 to 2024, the newest year of the Bank's sample
    assert [row["date"] for row in rows] == [str(year) for year in range(2024, 1999, -1)]
    assert {row["date"]: row["value"] for row in rows if row["value"] is not None} == {
        "2019": 47.67263439,
        "2018": 49.27568382,
    }


def test_values_equal_the_real_file(client: TestClient, shared: Path) -> None:
    with (shared / "data" / "worldbank" / "datasets_population.csv").open(encoding="utf-8") as file:
        real = {(row["Country Code"], row["Year"]): row["Value"] for row in csv.DictReader(file)}
    _, rows = fetch(client, POPULATION.format("all"), per_page="1000")
    assert len(rows) == 28 * 25
    for row in rows:
        assert str(row["value"]) == real[row["countryiso3code"], row["date"]]


def test_pages_cover_all_rows_once(client: TestClient) -> None:
    pages = [
        fetch(client, POPULATION.format("RUS;CHN"), date="2000:2024", per_page="7", page=str(page))
        for page in range(1, 9)
    ]
    assert {pages[0][0]["pages"], pages[0][0]["per_page"], pages[0][0]["total"]} == {8, 7, 50}
    rows = [row for _, part in pages for row in part]
    assert len({(row["countryiso3code"], row["date"]) for row in rows}) == len(rows) == 50


def test_default_page_holds_fifty(client: TestClient) -> None:
    header, rows = fetch(client, POPULATION.format("all"))
    assert header["per_page"] == len(rows) == 50


def test_accepts_iso2_codes_and_answers_with_the_banks_names(client: TestClient) -> None:
    _, rows = fetch(client, POPULATION.format("ru;KR;tur"), date="2020")
    assert [row["country"] for row in rows] == [
        {"id": "KR", "value": "Korea, Rep."},
        {"id": "RU", "value": "Russian Federation"},
        {"id": "TR", "value": "Turkiye"},
    ]


def test_the_title_has_the_price_base(client: TestClient) -> None:
    _, rows = fetch(client, "/world_bank/v2/country/USA/indicator/NY.GDP.PCAP.PP.KD", date="2022")
    assert rows[0]["indicator"]["value"] == "GDP per capita, PPP (constant 2017 international $)"
    assert rows[0]["value"] == 64623.125


def test_no_rows_is_total_zero_and_null(client: TestClient) -> None:
    header, rows = fetch(client, POPULATION.format("CHN"), date="2030")
    assert header["total"] == 0
    assert rows is None


@pytest.mark.parametrize("query", [{"date": "twenty"}, {"page": "0"}, {"per_page": "many"}])
def test_invalid_parameters_are_message_120(client: TestClient, query: dict[str, str]) -> None:
    reply = fetch(client, POPULATION.format("CHN"), **query)
    assert reply[0]["message"][0]["id"] == "120"


def test_without_format_json_it_is_xml(client: TestClient) -> None:
    reply = client.get(POPULATION.format("CHN"))
    assert reply.headers["content-type"].startswith("text/xml")
    assert reply.text.startswith("<?xml")


def test_an_unsupported_selection_is_refused(client: TestClient) -> None:
    assert client.get(POPULATION.format("CHN"), params={"format": "json", "mrv": "1"}).status_code == 501
