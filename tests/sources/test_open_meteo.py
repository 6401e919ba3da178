"""Open-Meteo: column arrays in request order, limits, and the plan of requests."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from city_indicators.catalog import Catalogue
from city_indicators.core.errors import SourceBusyError, SourceContractError, SourceUnavailableError
from city_indicators.core.intervals import EVERY_YEAR
from city_indicators.ingest.normalise import normalise
from city_indicators.sources import open_meteo, open_meteo_air, open_meteo_daily
from city_indicators.sources.connectors import CONNECTORS
from city_indicators.sources.open_meteo import calls_of
from city_indicators.sources.records import Record

ARCHIVE = "https://archive-api.open-meteo.com/v1/archive?latitude={}&longitude={}&daily=temperature_2m_max"
MOSCOW = ("55.75204", "37.61781")
BOTH = ("55.75204%2C39.9075", "37.61781%2C116.39723")
GREEK_MU, MICRO_SIGN = "\u03bc", "\u00b5"


CELL_OF_MOSCOW = {"latitude": 55.75, "longitude": 37.5}
CELL_OF_BEIJING = {"latitude": 40.0, "longitude": 116.5}


def archive_answer(t_max: float = 25.0, year: int = 2019, **changes: Any) -> dict[str, Any]:
    """A year of equal days in the cell of Moscow."""
    days = [f"{day:%Y-%m-%d}" for day in pd.date_range(f"{year}-01-01", f"{year}-12-31")]
    columns = {
        "time": days,
        "temperature_2m_max": [t_max] * len(days),
        "temperature_2m_min": [12.0] * len(days),
        "temperature_2m_mean": [18.0] * len(days),
        "precipitation_sum": [2.0] * len(days),
    }
    units = {"time": "iso8601"} | dict.fromkeys(list(columns)[1:4], "°C") | {"precipitation_sum": "mm"}
    return CELL_OF_MOSCOW | {"daily_units": units, "daily": columns | changes}


def air_answer(pm25: list[float | None], unit: str = f"{GREEK_MU}g/m³", year: int = 2023) -> dict[str, Any]:
    """The same 24 hours on every day of a year."""
    times = [
        f"{hour:%Y-%m-%dT%H:%M}" for hour in pd.date_range(f"{year}-01-01", f"{year}-12-31T23:00", freq="h")
    ]
    columns = {"time": times, "pm2_5": pm25 * (len(times) // 24)}
    return {
        **CELL_OF_MOSCOW,
        "hourly_units": {"time": "iso8601", "pm2_5": unit},
        "hourly": columns,
    }


@pytest.fixture
def read(catalogue: Catalogue, snapshot_of: Any, years: Any) -> Callable[..., list[Record]]:
    def read_answer(
        answer: Any, points: tuple[str, str] = MOSCOW, name: str = "open_meteo_archive"
    ) -> list[Record]:
        module = CONNECTORS[name]
        content = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        snapshot = snapshot_of(content, ARCHIVE.format(*points))
        return list(module.read(catalogue.sources[name], [snapshot], years(2019, 2023)))

    return read_answer


@pytest.fixture
def recorded(shared: Path) -> Callable[[str], bytes]:
    return lambda name: (shared / "recorded" / "open_meteo" / name).read_bytes()


def observations(records: list[Record], indicator: str) -> dict[str, Any]:
    return {r.area_code: r.value for r in records if r.series.indicator == indicator}


def test_the_answer_for_one_point_is_an_object(read: Any) -> None:
    records = read(archive_answer(31.0))
    assert observations(records, "HOT_DAYS_30") == {"55.75204,37.61781": 365}
    assert {r.pointer for r in records if r.series.indicator == "TXX"} == {"/daily/temperature_2m_max/0-364"}


def test_the_answer_for_several_points_is_an_array_in_request_order(
    read: Any, catalogue: Catalogue, years: Any
) -> None:
    records = read([archive_answer(31.0), archive_answer(36.0) | CELL_OF_BEIJING], BOTH)
    assert observations(records, "TXX") == {"55.75204,37.61781": 31, "39.9075,116.39723": 36}
    assert {r.pointer for r in records if r.value == 36} == {"/1/daily/temperature_2m_max/0-364"}
    found = normalise(
        records, catalogue.sources["open_meteo_archive"], catalogue, years(2019, 2019)
    ).observations
    found = found[found["indicator"] == "TXX"]
    assert dict(zip(found["ref_area"], found["obs_value"], strict=True)) == {"moscow": 31, "beijing": 36}


def test_indices_of_an_answer_worked_by_hand(read: Any) -> None:
    rain = [2.0] * 100 + [0.0] * 9 + [20.0] + [2.0] * 255
    records = read(archive_answer(precipitation_sum=rain, temperature_2m_mean=[8.0] + [18.0] * 363 + [32.0]))
    assert {r.series.indicator: r.value for r in records} == {
        "HOT_DAYS_30": 0,
        "HOT_DAYS_35": 0,
        "TROPICAL_NIGHTS": 0,
        "TXX": 25,
        "T_MEAN_YEAR": pytest.approx((8 + 363 * 18 + 32) / 365, abs=1e-6),
        "HDD18": 10,
        "CDD22": 10,
        "PRCP_YEAR": 355 * 2 + 20,
        "RX1DAY": 20,
        "R20MM": 1,
        "CDD_DRY": 9,
    }


def test_null_is_a_missing_day(read: Any) -> None:
    records = read(archive_answer(temperature_2m_max=[None] * 37 + [25.0] * 328))
    (txx,) = [r for r in records if r.series.indicator == "TXX"]
    assert txx.value is None
    assert json.loads(txx.raw)["reason"] == "328 of 365 days, less than 90%"
    assert observations(records, "RX1DAY") == {"55.75204,37.61781": 2}


def test_the_recorded_archive_answer_lacks_variables(read: Any, recorded: Any) -> None:
    with pytest.raises(SourceContractError, match="temperature_2m_max"):
        read(recorded("archive_enschede_1953_hourly_daily.json"))


def test_the_recorded_air_answer_is_three_hours_of_one_day(read: Any, recorded: Any) -> None:
    answer = recorded("air_quality_hourly_2026-10-03_subset.json")
    records = read(answer, ("52.22", "6.9"), "open_meteo_air")
    assert [(r.area_code, r.time_period, r.value) for r in records] == [("52.22,6.9", "2026", None)] * 2
    # A day of three hours has no mean.
    assert {json.loads(r.raw)["reason"] for r in records} == {"0 of 365 days, less than 90%"}
    assert {r.pointer for r in records} == {"/hourly/pm2_5/0-2"}


@pytest.mark.parametrize("mu", [GREEK_MU, MICRO_SIGN])
def test_both_spellings_of_micrograms_are_one_unit(read: Any, mu: str) -> None:
    # 12 hours of 10, 8 of 25: 320 / 20 = 16, above 15 on every day.
    records = read(air_answer([10.0] * 12 + [25.0] * 8 + [None] * 4, f"{mu}g/m³"), name="open_meteo_air")
    assert observations(records, "PM25_CAMS") == {"55.75204,37.61781": 16}
    assert observations(records, "PM25_DAYS_GT15") == {"55.75204,37.61781": 365}


def test_a_mean_of_15_itself_is_not_above_the_guideline(read: Any) -> None:
    records = read(air_answer([10.0] * 12 + [20.0] * 12), name="open_meteo_air")
    assert observations(records, "PM25_DAYS_GT15") == {"55.75204,37.61781": 0}


def test_days_with_too_few_hours_leave_a_year_without_value(read: Any) -> None:
    records = read(air_answer([10.0] * 17 + [None] * 7), name="open_meteo_air")
    assert {r.value for r in records} == {None}


@pytest.mark.parametrize(
    ("answer", "fault"),
    [
        ({"error": True, "reason": "Parameter 'latitude' must be in range"}, "'latitude' must be in range"),
        ([archive_answer(), archive_answer()], "requests 1 points, the answer has 2"),
        ([], "requests 1 points, the answer has 0"),
        (archive_answer(precipitation_sum=[2.0] * 364), "unequal length"),
        (archive_answer(precipitation_sum=["wet"] * 365), "no time or no number"),
        (archive_answer(time=["2019-13-01"] * 365), "no time or no number"),
        (archive_answer(time=["2019-01-01"] * 365), "more than once"),
        (CELL_OF_MOSCOW | {"daily_units": {}, "daily": {}}, "/daily has another shape than promised"),
        ([None], "/0/daily has another shape than promised"),
        (b"<html>Bad gateway</html>", "a page of HTML"),
    ],
)
def test_reports_a_broken_contract(read: Any, answer: Any, fault: str) -> None:
    with pytest.raises(SourceContractError, match=fault):
        read(answer)


def test_other_units_break_the_contract(read: Any) -> None:
    answer = archive_answer()
    answer["daily_units"]["temperature_2m_max"] = "°F"
    with pytest.raises(SourceContractError, match=r"temperature_2m_max is declared as '°C', but .* '°F'"):
        read(answer)


@pytest.mark.parametrize(
    ("place", "fault"),
    [
        ({"latitude": 56.5}, r"requested the point 55.75204,37.61781, the answer is for \(56.5, 37.5\)"),
        ({"longitude": -37.5}, r"the answer is for \(55.75, -37.5\)"),
        ({"longitude": 397.6}, None),
        ({"latitude": None}, "another shape"),
        ({"location_id": 1}, "is the answer 1, expected 0"),
    ],
)
def test_an_answer_is_of_the_requested_place(read: Any, place: dict[str, Any], fault: str | None) -> None:
    if fault is None:
        assert read(archive_answer() | place)
    else:
        with pytest.raises(SourceContractError, match=fault):
            read(archive_answer() | place)


def test_answers_in_another_order_break_the_contract(read: Any) -> None:
    with pytest.raises(SourceContractError, match=r"requested the point 55\.75204,.*, the answer is"):
        read([archive_answer() | CELL_OF_BEIJING, archive_answer()], BOTH)


@pytest.mark.parametrize(
    ("dates", "zone", "fault"),
    [
        (("2019-01-01", "2019-12-31"), "Europe/Moscow", None),
        (("2019-01-01", "2019-12-30"), "Europe/Moscow", "the answer has 2019-01-01 00:00:00 to 2019-12-31"),
        (("2018-01-01", "2018-12-31"), "Europe/Moscow", "requested 2018-01-01 00:00:00 to 2018-12-31"),
        (("2019-12-31", "2019-01-01"), "Europe/Moscow", "no usable coordinates or dates"),
        (("2019-01-01", "2019-12-31"), "GMT", "requested 'GMT', the times are of 'Europe/Moscow'"),
    ],
)
def test_the_times_are_all_of_the_request(
    catalogue: Catalogue, snapshot_of: Any, years: Any, dates: tuple[str, str], zone: str, fault: str | None
) -> None:
    content = json.dumps(archive_answer() | {"timezone": "Europe/Moscow"}).encode()
    first, last = dates
    url = f"{ARCHIVE.format(*MOSCOW)}&start_date={first}&end_date={last}&timezone={zone.replace('/', '%2F')}"
    source = catalogue.sources["open_meteo_archive"]
    read = open_meteo_daily.ARCHIVE.read(source, [snapshot_of(content, url)], years(2019, 2019))
    if fault is None:
        assert len(list(read)) == len(source.series)
    else:
        with pytest.raises(SourceContractError, match=fault):
            list(read)


@pytest.mark.parametrize("points", [("", ""), ("x", "1"), ("1,2", "1")])
def test_an_address_without_usable_points_breaks_the_contract(read: Any, points: tuple[str, str]) -> None:
    with pytest.raises(SourceContractError, match="the address"):
        read(archive_answer(), points)


def test_truncated_json_is_transient(read: Any) -> None:
    with pytest.raises(SourceUnavailableError, match="truncated at character"):
        read(json.dumps(archive_answer()).encode()[:100])


def test_a_reached_limit_is_transient_with_a_pause(read: Any, recorded: Any) -> None:
    with pytest.raises(SourceBusyError, match=r"Minutely API request limit exceeded") as caught:
        read(recorded("error_429_minutely.json"))
    assert caught.value.seconds == 60


@pytest.mark.parametrize(
    ("days", "variables", "calls"),
    [(1, 1, 1), (14, 10, 1), (365, 4, 365 / 14), (366, 4, 366 / 14), (14, 15, 1.5), (28, 20, 4)],
)
def test_what_a_point_counts(days: int, variables: int, calls: float) -> None:
    assert calls_of(days, variables) == pytest.approx(calls)


def test_requests_every_city_and_year_once(catalogue: Catalogue, years: Any) -> None:
    source = catalogue.sources["open_meteo_archive"]
    requests = open_meteo_daily.ARCHIVE.list_requests(source, catalogue, years(1995, 2024))
    requested = [
        (latitude, request.params["start_date"][:4])
        for request in requests
        for latitude in request.params["latitude"].split(",")
    ]
    assert sorted(requested) == sorted(
        (str(city.latitude), str(year)) for city in catalogue.cities.values() for year in range(1995, 2025)
    )
    # 600 / 26.07 = 23 cities at most, so 3 groups of 16, each of 16 × 365 / 14 = 417 calls.
    assert requests[0].calls == pytest.approx(16 * 365 / 14)
    # 48 × (22 × 365 + 8 × 366) / 14 calls: more than three days of 10 000.
    assert sum(request.calls for request in requests) == pytest.approx(48 * (22 * 365 + 8 * 366) / 14)


def test_a_year_that_breaks_a_limit_alone_has_no_requests(catalogue: Catalogue, years: Any) -> None:
    source = catalogue.sources["open_meteo_archive"]
    with pytest.raises(ValueError, match="300 variables of a year count 782 calls"):
        open_meteo.requests(source, catalogue, years(2019, 2019), {}, 300)


def test_requests_the_archive_by_city_and_year(catalogue: Catalogue, publisher: Any, years: Any) -> None:
    publisher = publisher(*[b""] * 6)
    source = catalogue.sources["open_meteo_archive"]
    snapshots = open_meteo_daily.ARCHIVE.fetch(source, catalogue, years(2019, 2020), publisher)
    assert len(snapshots) == len(publisher.requests) == 6
    path, params = publisher.requests[0]
    cities = list(catalogue.cities.values())[:16]
    assert path == "/v1/archive"
    assert params == {
        "latitude": ",".join(str(city.latitude) for city in cities),
        "longitude": ",".join(str(city.longitude) for city in cities),
        "timezone": ",".join(city.timezone for city in cities),
        "start_date": "2019-01-01",
        "end_date": "2019-12-31",
        "daily": "temperature_2m_max,temperature_2m_min,temperature_2m_mean,precipitation_sum",
        "models": "era5",
    }


def test_requests_air_from_one_model_for_all_cities(catalogue: Catalogue, publisher: Any, years: Any) -> None:
    publisher = publisher(*[b""] * 3)
    open_meteo_air.fetch(catalogue.sources["open_meteo_air"], catalogue, years(2023, 2023), publisher)
    requested = [(path, params["hourly"], params["domains"]) for path, params in publisher.requests]
    assert requested == [("/v1/air-quality", "pm2_5", "cams_global")] * 3


def test_the_services_share_one_account(catalogue: Catalogue) -> None:
    names = ("open_meteo_archive", "open_meteo_air", "open_meteo_climate")
    archive, air, climate = (catalogue.sources[name].quota for name in names)
    assert archive == air == climate
    assert archive is not None
    assert archive.account == "open_meteo"


def test_the_recorded_answer_of_the_climate_models_is_read_as_projections(
    catalogue: Catalogue, snapshot_of: Any, shared: Path
) -> None:
    content = (shared / "recorded" / "open_meteo" / "climate_cmip6_daily_2050.json").read_bytes()
    source = catalogue.sources["open_meteo_climate"]
    snapshot = snapshot_of(content, "https://x.org/v1/climate?latitude=52.3125&longitude=6.9375")
    (point,) = open_meteo.points(*snapshot, open_meteo_daily.CLIMATE.expected)
    assert point.variables["temperature_2m_max"].tolist() == [27.0, 27.4, 30.4]
    assert point.variables["precipitation_sum"].tolist() == [0.2, 0.1, 1.7]
    records = list(open_meteo_daily.CLIMATE.read(source, [snapshot], EVERY_YEAR))
    # Three days are no year: the record has the reason and no value.
    assert {(record.time_period, record.value) for record in records} == {("2050", None)}
    assert {record.series.obs_status for record in records} == {"F"}
    assert json.loads(records[0].raw)["days_used"] == 3


def test_future_years_are_flagged_as_forecasts(
    read: Callable[..., list[Record]], catalogue: Catalogue, years: Any
) -> None:
    answer = archive_answer(31.0, 2050)
    for unknown in ("temperature_2m_min", "temperature_2m_mean"):
        del answer["daily"][unknown], answer["daily_units"][unknown]
    records = read(answer, name="open_meteo_climate")
    source = catalogue.sources["open_meteo_climate"]
    normalised = normalise(records, source, catalogue, years(2050, 2050)).observations
    found = normalised.set_index("indicator")[["ref_area", "time_period", "obs_value", "obs_status"]]
    assert found.loc["HOT_DAYS_30"].tolist() == ["moscow", "2050", 365.0, "F"]
    assert found.loc["PRCP_YEAR", "obs_value"] == 2.0 * 365
    assert set(normalised["obs_status"]) == {"F"}
    assert len(normalised) == len(source.series)


def test_requests_the_climate_from_one_model(catalogue: Catalogue, publisher: Any, years: Any) -> None:
    publisher = publisher(*[b""] * 3)
    source = catalogue.sources["open_meteo_climate"]
    open_meteo_daily.CLIMATE.fetch(source, catalogue, years(2050, 2050), publisher)
    requested = [
        (path, params["models"], params["daily"], params["end_date"]) for path, params in publisher.requests
    ]
    one = ("/v1/climate", "MRI_AGCM3_2_S", "temperature_2m_max,precipitation_sum", "2050-12-31")
    assert requested == [one] * 3
