"""The mock server's Open-Meteo: the wire format of recorded answers, without any values."""

import hashlib
import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi.testclient import TestClient

from city_indicators.catalog import Catalogue, load_catalogue
from city_indicators.core.errors import SourceContractError
from city_indicators.core.intervals import Interval
from city_indicators.core.snapshots import Snapshot
from city_indicators.sources import open_meteo_air, open_meteo_daily
from city_indicators.sources.records import Record
from demo.mock_sources.app import serves

ARCHIVE = "/open_meteo_archive/v1/archive"
AIR = "/open_meteo_air/v1/air-quality"
DAILY = "temperature_2m_max,temperature_2m_min,temperature_2m_mean,precipitation_sum"
ONE = {"latitude": "39.9075", "longitude": "116.39723", "timezone": "Asia/Shanghai"}
TWO = {
    "latitude": "39.9075,28.65195",
    "longitude": "116.39723,77.23149",
    "timezone": "Asia/Shanghai,Asia/Kolkata",
}
YEAR = {"start_date": "2023-01-01", "end_date": "2023-12-31"}

Order = Callable[..., None]


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue()


@pytest.fixture
def archive(client: TestClient) -> Callable[..., httpx.Response]:
    return lambda **given: client.get(ARCHIVE, params={**ONE, **YEAR, "daily": DAILY, **given})


@pytest.fixture
def air(client: TestClient) -> Callable[..., httpx.Response]:
    return lambda **given: client.get(AIR, params={**ONE, **YEAR, "hourly": "pm2_5", **given})


def read(catalogue: Catalogue, reply: httpx.Response, name: str = "open_meteo_archive") -> list[Record]:
    assert reply.status_code == 200, reply.text
    module = open_meteo_air if name == "open_meteo_air" else open_meteo_daily.ARCHIVE
    sha256 = hashlib.sha256(reply.content).hexdigest()
    snapshot = Snapshot(
        name, str(reply.url), sha256, len(reply.content), "", datetime(2026, 11, 23, tzinfo=UTC)
    )
    interval = Interval(date(2023, 1, 1), date(2024, 1, 1))
    return list(module.read(catalogue.sources[name], iter([(snapshot, reply.content)]), interval))


def keys(answer: dict[str, Any]) -> list[str]:
    """The keys in their order, without those that the mock server is documented to lack."""
    return [key for key in answer if key != "elevation"]


def test_the_answer_for_one_point_is_an_object_like_the_recorded_one(archive: Any, shared: Path) -> None:
    name = "forecast_daily_beijing_2026-03-31.json"
    recorded = json.loads((shared / "recorded" / "open_meteo" / name).read_text(encoding="utf-8"))
    span = {"start_date": "2026-03-31", "end_date": "2026-04-06"}
    answer = archive(daily="precipitation_sum", **span).json()
    assert keys(answer) == keys(recorded)
    for key in ("utc_offset_seconds", "timezone", "timezone_abbreviation", "daily_units"):
        assert answer[key] == recorded[key]
    assert answer["daily"] == recorded["daily"] | {"precipitation_sum": [None] * 7}
    # Snapped to a grid: never the requested coordinates.
    assert (answer["latitude"], answer["longitude"]) == (40.0, 116.5)


def test_air_has_hours_and_the_greek_mu_of_the_recorded_answer(air: Any, shared: Path) -> None:
    name = "air_quality_hourly_2026-10-03_subset.json"
    recorded = json.loads((shared / "recorded" / "open_meteo" / name).read_text(encoding="utf-8"))
    answer = air(start_date="2026-10-03", end_date="2026-10-03").json()
    assert keys(answer) == keys(recorded)
    assert answer["hourly_units"]["pm2_5"] == recorded["hourly_units"]["pm2_5"] == "\u03bcg/m³"
    assert answer["hourly"]["time"][:3] == recorded["hourly"]["time"]
    assert answer["hourly"]["pm2_5"] == [None] * 24


def test_the_answer_for_several_points_is_an_array_in_request_order(archive: Any) -> None:
    first, second = archive(**TWO).json()
    assert (first["timezone"], second["timezone"]) == ("Asia/Shanghai", "Asia/Kolkata")
    assert (second["utc_offset_seconds"], second["timezone_abbreviation"]) == (19800, "GMT+5:30")
    assert "location_id" not in first
    assert second["location_id"] == 1


def test_the_connector_reads_a_year_without_values(archive: Any, catalogue: Catalogue) -> None:
    records = read(catalogue, archive(**TWO))
    assert len(records) == 2 * len(catalogue.sources["open_meteo_archive"].series)
    assert {record.area_code for record in records} == {"39.9075,116.39723", "28.65195,77.23149"}
    assert {record.value for record in records} == {None}


def test_the_connector_reads_a_year_of_air_without_values(air: Any, catalogue: Catalogue) -> None:
    reply = air()
    assert len(reply.json()["hourly"]["time"]) == 365 * 24
    records = read(catalogue, reply, "open_meteo_air")
    assert len(records) == len(catalogue.sources["open_meteo_air"].series)
    assert {record.value for record in records} == {None}


def test_the_same_request_gives_the_same_bytes(archive: Any) -> None:
    assert archive().content == archive().content


def test_nothing_is_ingested_from_services_without_values(catalogue: Catalogue) -> None:
    names = ("nasa_power", "open_meteo_air", "open_meteo_archive", "open_meteo_climate")
    assert [serves(catalogue.sources[name]) for name in names] == [True, False, False, False]


def test_each_service_has_its_own_path_only(client: TestClient) -> None:
    assert client.get("/open_meteo_air/v1/archive", params=ONE).status_code == 404


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"latitude": "1,2"}, "Parameter 'latitude' and 'longitude' must have the same number of elements"),
        ({"latitude": "", "longitude": ""}, "Parameter 'latitude' and 'longitude' must not be empty"),
        ({"latitude": "522.52"}, "Latitude must be in range of -90 to 90°. Given: 522.52."),
        ({"longitude": "-181"}, "Longitude must be in range of -180 to 180°. Given: -181.0."),
        ({"end_date": ""}, "Both 'start_date' and 'end_date' must be set in the url"),
        ({"end_date": "2023-02-30"}, "Invalid date format. Make sure to use 'YYYY-MM-DD'"),
        ({"end_date": "2022-12-31"}, "End-date must be larger or equals than start-date"),
        ({"timezone": "Europe/Atlantis"}, "Invalid timezone"),
    ],
)
def test_a_bad_request_is_refused_with_its_reason(archive: Any, given: dict[str, str], reason: str) -> None:
    reply = archive(**given)
    assert reply.status_code == 400
    assert reply.json() == {"error": True, "reason": reason}


@pytest.mark.parametrize("given", [{"daily": "snowfall_sum"}, {"timezone": "GMT,GMT"}])
def test_an_unsupported_request_is_refused(archive: Any, given: dict[str, str]) -> None:
    assert archive(**given).status_code == 501


def test_an_exceeded_limit_gives_the_recorded_body(archive: Any, order: Order, shared: Path) -> None:
    recorded = json.loads((shared / "recorded" / "open_meteo" / "error_429_minutely.json").read_bytes())
    order("v1/archive", "too_many_requests", reason=recorded["reason"])
    reply = archive()
    assert (reply.status_code, reply.json()) == (429, recorded)
    assert "retry-after" not in reply.headers
    assert archive().status_code == 200


@pytest.mark.parametrize(
    ("kind", "fault"),
    [
        ("missing_column", "temperature_2m_max"),
        ("unknown_area", "the address requests 1 points, the answer has 2"),
        ("not_a_number", "no time or no number"),
        ("duplicate_row", "requested 2023-01-01.*the answer has .*366 times"),
    ],
)
def test_damage_breaks_the_contract(
    archive: Any, catalogue: Catalogue, order: Order, kind: str, fault: str
) -> None:
    order("open_meteo_archive", kind)
    with pytest.raises(SourceContractError, match=fault):
        read(catalogue, archive())


def test_damage_reaches_the_first_of_several_points(air: Any, order: Order) -> None:
    order("open_meteo_air", "out_of_range")
    first, second = air(**TWO).json()
    assert first["hourly"]["pm2_5"][:2] == [-999_999_999, None]
    assert second["hourly"]["pm2_5"][0] is None


def test_damage_leaves_an_answer_without_variables_alone(air: Any, order: Order) -> None:
    true = air(hourly="").content
    order("open_meteo_air", "missing_column")
    assert air(hourly="").content == true
