"""The mock server's daily data against recorded answers, the real files and the connector for both."""

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
from city_indicators.sources import nasa_power
from city_indicators.sources.records import Record

POINT = "/nasa_power/api/temporal/daily/point"
PARAMETERS = {
    "parameters": "T2M,T2M_MAX,T2M_MIN,PRECTOTCORR",
    "community": "ag",
    "start": "20230101",
    "end": "20231231",
    "format": "csv",
    "time-standard": "LST",
}
BEIJING = {"latitude": "39.9075", "longitude": "116.39723"}
MOSCOW = {"latitude": "55.75204", "longitude": "37.61781"}
# The file has no daily means: here and there they are the means of the extremes.
OF_MEANS = {"T_MEAN_YEAR", "HDD18", "CDD22"}
YEARS = Interval(date(2022, 1, 1), date(2026, 1, 1))

Order = Callable[..., None]
Fetch = Callable[..., httpx.Response]


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue()


@pytest.fixture
def fetch(client: TestClient) -> Fetch:
    return lambda **given: client.get(POINT, params={**PARAMETERS, **BEIJING, **given})


def read(catalogue: Catalogue, content: bytes, url: str) -> list[Record]:
    sha256 = hashlib.sha256(content).hexdigest()
    snapshot = Snapshot(
        "nasa_power", url, sha256, len(content), "text/csv", datetime(2026, 11, 23, tzinfo=UTC)
    )
    return list(nasa_power.read(catalogue.sources["nasa_power"], iter([(snapshot, content)]), YEARS))


def answered(catalogue: Catalogue, reply: httpx.Response) -> list[Record]:
    assert reply.status_code == 200, reply.text
    return read(catalogue, reply.content, str(reply.url))


def observations(records: list[Record], year: str = "2023") -> dict[str, Any]:
    return {record.series.indicator: record.value for record in records if record.time_period == year}


def test_the_year_of_beijing_is_that_of_the_real_file(
    catalogue: Catalogue, fetch: Fetch, shared: Path
) -> None:
    file = shared / "data" / "daily_weather_nasa_power" / "nasa_weather_Beijing_1999_2024.csv"
    real = observations(read(catalogue, file.read_bytes(), file.name))
    served = observations(answered(catalogue, fetch()))
    assert len(real) == 11
    assert served == real
    # Counted in the file by hand.
    assert {name: served[name] for name in served.keys() - OF_MEANS} == {
        "HOT_DAYS_30": 79,
        "HOT_DAYS_35": 36,
        "TROPICAL_NIGHTS": 64,
        "TXX": 42.63,
        "PRCP_YEAR": pytest.approx(689.1),
        "RX1DAY": 97.29,
        "R20MM": 6,
        "CDD_DRY": 48,
    }


@pytest.mark.parametrize("point", [BEIJING, {"latitude": "39.904", "longitude": "116.407"}])
def test_a_city_is_found_by_its_coordinates_and_those_of_its_file(fetch: Fetch, point: Any) -> None:
    lines = fetch(**point).text.splitlines()
    assert lines[-1] == "2023,365,-999,2.6,-7.18,0.0"
    assert f"Location: latitude  {point['latitude']}   longitude {point['longitude']} " in lines


@pytest.mark.parametrize("point", [MOSCOW, {"latitude": "25.2769", "longitude": "55.2962"}])
def test_a_point_without_days_gives_no_value(catalogue: Catalogue, fetch: Fetch, point: Any) -> None:
    reply = fetch(**point)
    rows = reply.text.split("-END HEADER-\r\n")[1].splitlines()[1:]
    assert {row.split(",", 2)[2] for row in rows} == {"-999,-999,-999,-999"}
    assert len(rows) == 365
    assert set(observations(answered(catalogue, reply)).values()) == {None}


def test_years_outside_the_sample_have_no_value(catalogue: Catalogue, fetch: Fetch) -> None:
    records = answered(catalogue, fetch(start="19990101", end="20251231"))
    found = {record.time_period for record in records if record.value is not None}
    assert found == {str(year) for year in range(2000, 2025)}
    assert {record.time_period for record in records} == {*found, "1999", "2025"}


def test_the_header_is_the_recorded_one(client: TestClient, shared: Path) -> None:
    cassette = shared / "recorded" / "nasa_power" / "daily_ag_point.json"
    (exchange,) = json.loads(cassette.read_text(encoding="utf-8"))["http_interactions"]
    recorded, headers = exchange["response"]["body"]["string"], exchange["response"]["headers"]
    params = {
        **PARAMETERS,
        "parameters": "T2M,T2M_MIN,T2M_MAX",
        "start": "19830101",
        "end": "19830101",
        "latitude": "-89.5",
        "longitude": "-179.5",
    }
    reply = client.get(POINT, params=params)
    unknown = ("elevation", "RH2M", "WS10M", "PS")
    expected = [line for line in recorded.split("\r\n") if not line.startswith(unknown)]
    expected = [line.replace("in UTC", "in LST").replace(",RH2M,WS10M,PS", "") for line in expected]
    expected[-2] = "1983,1,-999,-999,-999"
    assert reply.text.split("\r\n") == expected
    for name in ("content-type", "content-disposition"):
        assert reply.headers[name] == headers[name].replace("UTC", "LST")


def test_json_has_the_same_days(catalogue: Catalogue, fetch: Fetch) -> None:
    reply = fetch(format="JSON")
    parameter = reply.json()["properties"]["parameter"]
    assert parameter["T2M_MAX"]["20230622"] == 42.63
    assert parameter["T2M"]["20230622"] == -999
    assert reply.json()["parameters"]["PRECTOTCORR"]["units"] == "mm/day"
    assert observations(answered(catalogue, reply)) == observations(answered(catalogue, fetch()))


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        ({"latitude": "91"}, "latitude must be a number from -90 to 90, not '91'"),
        ({"longitude": "east"}, "longitude must be a number"),
        ({"latitude": "nan"}, "latitude must be a number"),
        ({"start": "2023-01-01"}, "start must be a day as YYYYMMDD, not '2023-01-01'"),
        ({"end": "20230230"}, "end must be a day as YYYYMMDD, not '20230230'"),
        ({"end": "20220101"}, "in their order"),
        ({"start": "19700101"}, "not before 19810101"),
        ({"community": "xx"}, "community must be one of"),
        ({"parameters": ""}, "parameters must name one"),
    ],
)
def test_a_bad_request_is_refused_with_messages(fetch: Fetch, given: dict[str, str], fault: str) -> None:
    reply = fetch(**given)
    assert reply.status_code == 422
    assert fault in reply.json()["messages"][0]


@pytest.mark.parametrize("given", [{"parameters": "RH2M"}, {"time-standard": "UTC"}, {"format": "netcdf"}])
def test_an_unsupported_request_is_refused(fetch: Fetch, given: dict[str, str]) -> None:
    assert fetch(**given).status_code == 501


@pytest.mark.parametrize(
    ("kind", "fault"),
    [
        ("missing_column", r"lacks \['PRECTOTCORR'\]"),
        ("unknown_area", r"requested the point 39\.9075,116\.39723, the answer is for 0\.0,0\.0"),
        ("not_a_number", "PRECTOTCORR 'see note' is no number"),
        ("duplicate_row", "the header gives 365 days.*the table has 366"),
    ],
)
def test_damage_breaks_the_contract_once(
    catalogue: Catalogue, fetch: Fetch, order: Order, kind: str, fault: str
) -> None:
    true = fetch().content
    order("nasa_power", kind)
    with pytest.raises(SourceContractError, match=fault):
        answered(catalogue, fetch())
    assert fetch().content == true


def test_damage_out_of_range_makes_the_year_impossible(
    catalogue: Catalogue, fetch: Fetch, order: Order
) -> None:
    order("nasa_power", "out_of_range")
    assert observations(answered(catalogue, fetch()))["PRCP_YEAR"] < -999_000_000


def test_damage_leaves_json_alone(fetch: Fetch, order: Order) -> None:
    true = fetch(format="json").content
    order("nasa_power", "out_of_range")
    assert fetch(format="json").content == true
