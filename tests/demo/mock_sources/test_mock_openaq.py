"""The mock server of OpenAQ: keys, pages, refusals and damage; all rows are constructed."""

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from city_indicators.catalog import load_catalogue
from city_indicators.core.archive import Archive
from city_indicators.core.errors import SourceContractError
from city_indicators.core.intervals import Interval
from city_indicators.ingest.fetch import SourceClient, fetch
from city_indicators.sources import openaq_v3
from city_indicators.sources.http import KeyAuth, get, session
from demo.mock_sources import openaq
from demo.mock_sources.app import serves
from demo.mock_sources.damage import Damage
from demo.sample.table import load_sample

KEY = {"X-API-Key": "any"}
LOCATIONS = "/openaq/v3/locations?coordinates=55.75204,37.61781&radius=15000&parameters_id=2&monitor=true"
SOURCE = load_catalogue().sources["openaq"]


def row(day: date, value: float = 10.0) -> dict[str, Any]:
    return {
        "value": value,
        "parameter": {"id": 2, "name": "pm25", "units": "µg/m³", "displayName": None},
        "period": {"label": "1day", "datetimeFrom": {"local": f"{day}T00:00:00+03:00"}},
        "coverage": {"percentComplete": 100.0},
    }


@pytest.fixture
def filled() -> TestClient:
    """A mock server with two years of days of sensor 5."""
    app = FastAPI()
    days = {5: [row(date(2022, 1, 1) + timedelta(days=number)) for number in range(730)]}
    app.include_router(openaq.router(load_sample(), [{"id": 11}], days))
    return TestClient(app, headers=KEY)


@pytest.mark.parametrize("path", [LOCATIONS, "/openaq/v3/sensors/5/days"])
def test_a_request_without_a_key_is_refused(client: TestClient, path: str) -> None:
    reply = client.get(path)
    assert reply.status_code == 401
    assert reply.json()["detail"].startswith("Invalid credentials")


@pytest.mark.parametrize("path", [LOCATIONS, "/openaq/v3/sensors/5/days"])
def test_answers_have_no_values(client: TestClient, path: str) -> None:
    assert client.get(path, headers=KEY).json() == {
        "meta": {"name": "openaq-api", "website": "/", "page": 1, "limit": 100, "found": 0},
        "results": [],
    }
    assert not serves(SOURCE)


@pytest.mark.parametrize(
    "query",
    ["limit=1001", "limit=0", "page=0", "coordinates=1,2&radius=25001", "coordinates=1,2", "radius=9"],
)
def test_invalid_parameters_are_refused(client: TestClient, query: str) -> None:
    assert client.get(f"/openaq/v3/locations?{query}", headers=KEY).status_code == 422


def test_a_full_page_only_shows_that_there_may_be_more(filled: TestClient) -> None:
    query = "/v3/sensors/5/days?date_from=2022-01-01&date_to=2022-12-31&limit=200&page={}"
    pages = [filled.get(query.format(number)).json() for number in (1, 2, 3)]
    assert [page["meta"]["found"] for page in pages] == [">200", 165, 0]
    assert [len(page["results"]) for page in pages] == [200, 165, 0]
    assert pages[1]["results"][-1]["period"]["datetimeFrom"]["local"].startswith("2022-12-31")


@pytest.mark.parametrize(
    ("kind", "value"), [("out_of_range", -999_999_999), ("not_a_number", "see note"), ("unknown_area", 10.0)]
)
def test_damage_falsifies_the_first_day(filled: TestClient, kind: Damage, value: object) -> None:
    true = filled.get("/v3/sensors/5/days?limit=2").content
    false = json.loads(openaq.damage(true, kind))
    assert [row["value"] for row in false["results"]] == [value, 10.0]


def test_damage_repeats_a_day_or_takes_the_values_away(filled: TestClient) -> None:
    true = filled.get("/v3/sensors/5/days?limit=2").content
    repeated = json.loads(openaq.damage(true, "duplicate_row"))["results"]
    assert repeated[0] == repeated[1]
    assert len(repeated) == 3
    assert all("value" not in row for row in json.loads(openaq.damage(true, "missing_column"))["results"])
    without = filled.get("/v3/locations").content
    assert openaq.damage(without, "missing_column") == without


def test_a_missing_key_is_reported_as_a_broken_contract(address: str) -> None:
    with session() as http, pytest.raises(SourceContractError, match=r"HTTP 401, .*Invalid credentials"):
        get(http, "openaq", f"{address}/openaq/v3/locations", {})


def test_the_key_is_sent_in_the_header_and_never_stored(address: str, tmp_path: Path) -> None:
    assert SOURCE.key is not None
    at = datetime(2026, 1, 1, tzinfo=UTC)
    with session(key=KeyAuth(SOURCE.key, "hidden-key")) as http:
        client = SourceClient(SOURCE, http, f"{address}/openaq", Archive(tmp_path), lambda: at)
        snapshots = fetch(client, load_catalogue(), Interval(date(2023, 1, 1), date(2024, 1, 1)))
    assert len(snapshots) == 48
    assert "hidden-key" not in json.dumps([snapshot.to_json() for snapshot in snapshots])
    archived = ((snapshot, Archive(tmp_path).read(snapshot.sha256)) for snapshot in snapshots)
    assert list(openaq_v3.read(SOURCE, archived, Interval(date(2023, 1, 1), date(2024, 1, 1)))) == []
