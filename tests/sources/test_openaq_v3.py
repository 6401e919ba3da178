"""OpenAQ v3: all answers are constructed, in the format of the API's source code and of recorded answers."""

import json
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from typing import Any

import pytest

from city_indicators.catalog import Catalogue
from city_indicators.core.errors import SourceContractError, SourceUnavailableError
from city_indicators.core.intervals import EVERY_YEAR, Interval
from city_indicators.ingest.normalise import normalise
from city_indicators.sources import openaq_v3
from city_indicators.sources.records import Record

API = "https://api.openaq.org/v3"
MOSCOW, BEIJING = "55.75204,37.61781", "39.9075,116.39723"
GREEK_MU, MICRO_SIGN = "\u03bc", "\u00b5"
QUERY = "date_from=2023-01-01&date_to=2023-12-31&limit=1000&page={}"


def page(results: list[Any], number: int = 1, limit: int = 1000, found: int | str | None = None) -> bytes:
    """A page as the service sends it: it counts the page's results, or shows that there may be more."""
    if found is None:
        found = f">{limit}" if len(results) == limit else len(results)
    meta = {"name": "openaq-api", "website": "/", "page": number, "limit": limit, "found": found}
    return json.dumps({"meta": meta, "results": results}, ensure_ascii=False).encode()


def moment(day: date) -> dict[str, str]:
    return {"utc": f"{day - timedelta(days=1)}T21:00:00Z", "local": f"{day}T00:00:00+03:00"}


def location(
    number: int,
    *sensors: int,
    last: date | None = date(2024, 5, 1),
    licence: str | None = None,
    **changes: Any,
) -> dict[str, Any]:
    """A reference monitor that also measures sulphur dioxide, by sensor 9000."""
    pm25 = {"id": 2, "name": "pm25", "units": "µg/m³", "displayName": "PM2.5"}
    so2 = {"id": 9, "name": "so2", "units": "ppm", "displayName": "SO₂"}
    attribution = {"name": "Unknown Governmental Organization", "url": None}
    licences = [
        {"id": 33, "name": licence, "attribution": attribution, "dateFrom": "2016-01-30", "dateTo": None}
    ]
    return {
        "id": number,
        "name": f"Station {number}",
        "locality": None,
        "timezone": "Europe/Moscow",
        "country": {"id": 48, "code": "RU", "name": "Russian Federation"},
        "owner": {"id": 4, "name": "Unknown Governmental Organization"},
        "provider": {"id": 119, "name": "AirNow"},
        "isMobile": False,
        "isMonitor": True,
        "instruments": [{"id": 2, "name": "Government Monitor"}],
        "sensors": [
            {"id": 9000, "name": "so2 ppm", "parameter": so2},
            *({"id": sensor, "name": "pm25 µg/m³", "parameter": pm25} for sensor in sensors),
        ],
        "coordinates": {"latitude": 55.75, "longitude": 37.6},
        "licenses": licences if licence else None,
        "bounds": [37.6, 55.75, 37.6, 55.75],
        "distance": 812.5,
        "datetimeFirst": moment(date(2016, 3, 6)) if last else None,
        "datetimeLast": moment(last) if last else None,
        **changes,
    }


def day(
    of: date, value: float | str | None, hours: int = 24, units: str = "µg/m³", **changes: Any
) -> dict[str, Any]:
    """A daily mean; the service rounds the share of its hours to an integer percentage."""
    covered = {
        "expectedCount": 24,
        "expectedInterval": "24:00:00",
        "observedCount": hours,
        "observedInterval": f"{hours:02}:00:00",
        "percentComplete": float(round(hours / 24 * 100)),
        "percentCoverage": float(round(hours / 24 * 100)),
        "datetimeFrom": moment(of),
        "datetimeTo": moment(of + timedelta(days=1)),
    }
    return {
        "value": value,
        "flagInfo": {"hasFlags": False},
        "parameter": {"id": 2, "name": "pm25", "units": units, "displayName": None},
        "period": {
            "label": "1day",
            "interval": "24:00:00",
            "datetimeFrom": moment(of),
            "datetimeTo": moment(of + timedelta(days=1)),
        },
        "coordinates": None,
        "summary": None,
        "coverage": covered,
        **changes,
    }


def days(
    value: float, count: int = 365, first: date = date(2023, 1, 1), **changes: Any
) -> list[dict[str, Any]]:
    return [day(first + timedelta(days=number), value, **changes) for number in range(count)]


@pytest.fixture
def read(catalogue: Catalogue, snapshot_of: Any) -> Callable[..., list[Record]]:
    """Reads the monitors of Moscow and the days of sensors, one page each."""

    def read_answers(
        locations: Iterable[Any], interval: Interval = EVERY_YEAR, **sensors: list[Any]
    ) -> list[Record]:
        answers = [
            snapshot_of(page(list(locations)), f"{API}/locations?coordinates={MOSCOW.replace(',', '%2C')}"),
            *(
                snapshot_of(page(rows), f"{API}/sensors/{name.removeprefix('s')}/days?{QUERY.format(1)}")
                for name, rows in sensors.items()
            ),
        ]
        return list(openaq_v3.read(catalogue.sources["openaq"], iter(answers), interval))

    return read_answers


def only(records: list[Record]) -> tuple[str | float | None, dict[str, Any]]:
    (record,) = records
    return record.value, json.loads(record.raw)


def test_a_city_is_the_mean_of_its_stations_of_equal_weight(read: Any) -> None:
    records = read(
        [location(11, 1, licence="US Public Domain"), location(12, 2)],
        # 100 days of 30 and 265 of 10: 5650 / 365 = 15.479452.
        s1=[*days(30.0, 100), *days(10.0, 265, date(2023, 4, 11))],
        # 329 days of 20: 90 % of 365 are 328.5.
        s2=days(20.0, 329),
    )
    (record,) = records
    assert (record.area_code, record.time_period, record.series.indicator) == (
        MOSCOW,
        "2023",
        "PM25_STATIONS",
    )
    assert record.value == pytest.approx((5650 / 365 + 20) / 2, abs=1e-6)
    account = json.loads(record.raw)
    assert (account["stations_used"], account["stations_found"]) == (2, 2)
    assert [station["value"] for station in account["stations"]] == [pytest.approx(15.479452), 20.0]
    assert [station["days_used"] for station in account["stations"]] == [365, 329]
    assert [station["licences"] for station in account["stations"]] == [["US Public Domain"], []]
    assert all(len(answer) == 64 for station in account["stations"] for answer in station["answers"])


def test_the_value_is_of_the_city_in_micrograms_and_an_estimate(
    read: Any, catalogue: Catalogue, years: Any
) -> None:
    records = read([location(11, 1)], s1=days(12.5))
    normalised = normalise(records, catalogue.sources["openaq"], catalogue, years(2023, 2023)).observations
    (row,) = normalised.to_dict("records")
    assert (row["ref_area"], row["obs_value"], row["unit_measure"]) == ("moscow", 12.5, "UG_M3")
    assert (row["obs_status"], row["geo_basis"], row["pointer"]) == ("E", "city", "/results")


def test_a_station_without_nine_tenths_of_its_days_is_left_out(read: Any) -> None:
    value, account = only(read([location(11, 1), location(12, 2)], s1=days(10.0), s2=days(50.0, 328)))
    assert value == 10.0
    assert (account["stations_used"], account["stations_found"]) == (1, 2)
    assert account["stations"][1]["reason"] == "328 of 365 days, less than 90%"
    assert account["stations"][1]["value"] is None


@pytest.mark.parametrize(("hours", "value"), [(18, 10.0), (17, None)])
def test_a_day_counts_from_three_quarters_of_its_hours_on(read: Any, hours: int, value: float | None) -> None:
    found, account = only(read([location(11, 1)], s1=days(10.0, hours=hours)))
    assert found == value
    assert account["stations"][0]["days_used"] == (365 if value else 0)


@pytest.mark.parametrize("code", [-1.0, -999.0, 1001.0, 9999.0, None])
def test_what_no_monitor_measures_is_no_day(read: Any, code: float | None) -> None:
    rows = [*days(10.0, 330), *(day(date(2023, 11, 27) + timedelta(days=n), code) for n in range(35))]
    value, account = only(read([location(11, 1)], s1=rows))
    assert value == 10.0
    assert account["stations"][0]["days_used"] == 330


def test_a_day_without_coverage_does_not_count(read: Any) -> None:
    assert only(read([location(11, 1)], s1=days(10.0, coverage=None)))[0] is None


def test_two_sensors_of_a_station_are_one_station(read: Any) -> None:
    # The second sensor follows on 1 July; that day both measure: (181 * 10 + 20 + 183 * 30) / 365.
    value, account = only(
        read([location(11, 1, 2)], s1=days(10.0, 182), s2=days(30.0, 184, date(2023, 7, 1)))
    )
    assert value == pytest.approx((181 * 10 + 20 + 183 * 30) / 365, abs=1e-6)
    assert account["stations_used"] == 1
    assert len(account["stations"][0]["answers"]) == 2


def test_a_city_without_monitors_has_an_empty_cell_with_the_reason(
    catalogue: Catalogue, snapshot_of: Any
) -> None:
    answers = [
        snapshot_of(page([location(11, 1)]), f"{API}/locations?coordinates={MOSCOW}"),
        snapshot_of(page([]), f"{API}/locations?coordinates={BEIJING}"),
        snapshot_of(page(days(10.0)), f"{API}/sensors/1/days?{QUERY.format(1)}"),
    ]
    moscow, beijing = openaq_v3.read(catalogue.sources["openaq"], iter(answers), EVERY_YEAR)
    assert (moscow.value, beijing.value, beijing.area_code) == (10.0, None, BEIJING)
    account = json.loads(beijing.raw)
    assert account == {
        "stations_used": 0,
        "stations_found": 0,
        "reason": "no reference monitor of PM2.5 within 15 km",
        "stations": [],
    }


def test_stations_without_a_complete_year_leave_an_empty_cell_with_the_reason(read: Any) -> None:
    value, account = only(read([location(11, 1), location(12, 2)], s1=days(10.0, 30), s2=[]))
    assert value is None
    assert account["reason"] == "no station has 90% of its days"
    assert [station["location"] for station in account["stations"]] == [11]


def test_years_outside_the_interval_give_no_record(read: Any, years: Any) -> None:
    assert read([location(11, 1)], years(2022, 2022), s1=days(10.0)) == []


@pytest.mark.parametrize("mu", [GREEK_MU, MICRO_SIGN])
def test_both_spellings_of_micrograms_are_one_unit(read: Any, mu: str) -> None:
    assert only(read([location(11, 1)], s1=days(10.0, units=f"{mu}g/m³")))[0] == 10.0


def test_the_pages_of_a_sensor_are_one_series(catalogue: Catalogue, snapshot_of: Any) -> None:
    rows = days(10.0, 200) + days(20.0, 165, date(2023, 7, 20))
    answers = [
        snapshot_of(page([location(11, 1)]), f"{API}/locations?coordinates={MOSCOW}"),
        *(
            snapshot_of(
                page(rows[200 * (n - 1) : 200 * n], n, 200), f"{API}/sensors/1/days?{QUERY.format(n)}"
            )
            for n in (1, 2)
        ),
    ]
    (record,) = openaq_v3.read(catalogue.sources["openaq"], iter(answers), EVERY_YEAR)
    assert record.value == pytest.approx((200 * 10 + 165 * 20) / 365, abs=1e-6)


def test_fetches_monitors_first_and_then_the_days_of_their_sensors(
    catalogue: Catalogue, publisher: Any, years: Any
) -> None:
    # The service limits a page to two results: "found" is ">2", which gives no number of pages.
    full = [location(11, 1), location(12, 2, last=date(2022, 12, 31))]
    first = [page(full, 1, 2), page([location(13, 3, last=None)], 2, 2)]
    requested = publisher(*first, *[page([])] * 47, page(days(1.0, 2), 1, 2), page([], 2, 2), page([]))
    snapshots = openaq_v3.fetch(catalogue.sources["openaq"], catalogue, years(2023, 2024), requested)
    assert not requested.answers
    assert len(snapshots) == len(requested.requests) == 2 + 47 + 3
    paths = [path for path, _ in requested.requests]
    # Station 12 ended before 2023; the end of station 13 is unknown.
    assert paths == ["/v3/locations"] * 49 + ["/v3/sensors/1/days"] * 2 + ["/v3/sensors/3/days"]
    assert requested.requests[0][1] == {
        "coordinates": next(iter(catalogue.cities.values())).point,
        "radius": "15000",
        "parameters_id": "2",
        "monitor": "true",
        "mobile": "false",
        "limit": "1000",
        "page": "1",
    }
    assert requested.requests[-2][1] == {
        "date_from": "2023-01-01",
        "date_to": "2024-12-31",
        "limit": "1000",
        "page": "2",
    }


def test_an_interval_without_a_year_sends_no_request(catalogue: Catalogue, publisher: Any) -> None:
    inside = Interval(date(2023, 2, 1), date(2023, 3, 1))
    assert openaq_v3.fetch(catalogue.sources["openaq"], catalogue, inside, publisher()) == []


def test_pages_that_never_end_break_the_contract(catalogue: Catalogue, publisher: Any, years: Any) -> None:
    endless = publisher(*[page([location(11, 1)], 1, 1)] * 20)
    with pytest.raises(SourceContractError, match="page 20 is still full"):
        openaq_v3.fetch(catalogue.sources["openaq"], catalogue, years(2023, 2023), endless)


@pytest.mark.parametrize(("sensors", "fits"), [(876, True), (877, False)])
def test_more_sensors_than_the_limits_allow_are_refused_before_any_request(
    catalogue: Catalogue, publisher: Any, years: Any, sensors: int, fits: bool
) -> None:
    # 28 minutes of 33 requests are 924, of which 48 went to the cities.
    crowd = page([location(11, *range(1, sensors + 1))])
    requested = publisher(crowd, *[page([])] * 47, *[page([])] * (sensors if fits else 0))
    if fits:
        openaq_v3.fetch(catalogue.sources["openaq"], catalogue, years(2023, 2024), requested)
        assert len(requested.requests) == 924
    else:
        with pytest.raises(
            SourceContractError, match="877 more requests; at 33 a minute they take more than 28 minutes"
        ):
            openaq_v3.fetch(catalogue.sources["openaq"], catalogue, years(2023, 2024), requested)
        assert len(requested.requests) == 48


@pytest.mark.parametrize(
    ("rows", "fault"),
    [
        (days(10.0, 1, units="ppm"), "/results/0 has another shape.*pm25 is in 'ppm', not in 'μg/m3'"),
        (days(10.0, 2, first=date(2023, 1, 1)) + days(10.0, 1), "sensor 1 has 2023-01-01 more than once"),
        ([day(date(2023, 1, 1), "high")], "/results/0 has another shape.*'high' is no number"),
        (days(10.0, 1, period={"label": "1year"}), "'1year' of 'pm25' is no day of PM2.5"),
        (days(10.0, 1, parameter={"id": 9, "name": "so2", "units": "ppm"}), "'so2' is no day of PM2.5"),
        ([{"value": 3}], "/results/0 has another shape than promised: KeyError"),
        ([None], "/results/0 has another shape than promised: TypeError"),
    ],
)
def test_reports_days_that_break_the_contract(read: Any, rows: list[Any], fault: str) -> None:
    with pytest.raises(SourceContractError, match=fault):
        read([location(11, 1)], s1=rows)


@pytest.mark.parametrize(
    ("answer", "fault"),
    [
        (page([location(11, 1)], found=7), "reports 7 results, but 1 were received up to here"),
        (page([location(11, 1), location(11, 1)]), "location 11 is in the answers more than once"),
        (page([location(11, 1, sensors=None)]), "/results/0 has another shape"),
        (b'{"detail": "Not Found"}', "neither meta nor results"),
        (b"<html>Bad gateway</html>", "a page of HTML"),
    ],
)
def test_reports_locations_that_break_the_contract(
    catalogue: Catalogue, snapshot_of: Any, answer: bytes, fault: str
) -> None:
    with pytest.raises(SourceContractError, match=fault):
        read_at(catalogue, snapshot_of, f"{API}/locations?coordinates={MOSCOW}", answer)


@pytest.mark.parametrize(
    ("url", "fault"),
    [
        (f"{API}/locations?coordinates=55.7", "no usable coordinates"),
        (f"{API}/locations", "no usable coordinates"),
        (f"{API}/sensors/1/days?date_from=2023-01-01", "no usable dates"),
        (f"{API}/sensors/1/days?{QUERY.format(1)}", "no location names the sensor 1"),
        (f"{API}/sensors/1/years", "neither locations nor the days of a sensor"),
        ("days.json", "neither locations nor the days of a sensor"),
    ],
)
def test_an_address_that_does_not_identify_the_answer_breaks_the_contract(
    catalogue: Catalogue, snapshot_of: Any, url: str, fault: str
) -> None:
    with pytest.raises(SourceContractError, match=fault):
        read_at(catalogue, snapshot_of, url, page([]))


def test_a_truncated_answer_is_transient(catalogue: Catalogue, snapshot_of: Any) -> None:
    url = f"{API}/locations?coordinates={MOSCOW}"
    with pytest.raises(SourceUnavailableError, match="truncated at character"):
        read_at(catalogue, snapshot_of, url, page([location(11, 1)])[:200])


def read_at(catalogue: Catalogue, snapshot_of: Any, url: str, answer: bytes) -> list[Record]:
    answers = iter([snapshot_of(answer, url)])
    return list(openaq_v3.read(catalogue.sources["openaq"], answers, EVERY_YEAR))
