"""NASA POWER: recorded answers, archived files of real days, and what breaks the contract."""

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from city_indicators.catalog import Catalogue, Source
from city_indicators.core.errors import SourceContractError, SourceUnavailableError
from city_indicators.ingest.normalise import normalise
from city_indicators.ingest.parse import Parsed, parse_files
from city_indicators.sources import nasa_power
from city_indicators.sources.climate_indices import INDICES
from city_indicators.sources.records import Record

LIVE = "https://power.larc.nasa.gov/api/temporal/daily/point?latitude={}&longitude={}&format=csv"
BEIJING = LIVE.format("39.9075", "116.39723")
MOSCOW = LIVE.format("55.75204", "37.61781")
FILE = "nasa_weather_{}_1999_2024.csv"
HEADER = """\
-BEGIN HEADER-\r
NASA/POWER Source Native Resolution Daily Data \r
Dates (month/day/year): 01/01/2019 through 12/31/2019 in LST\r
Location: latitude  39.9075   longitude 116.3972 \r
The value for missing source data that cannot be computed or is outside of the range: -999 \r
parameter(s): \r
T2M             MERRA-2 Temperature at 2 Meters (C) \r
T2M_MAX         MERRA-2 Temperature at 2 Meters Maximum (C) \r
T2M_MIN         MERRA-2 Temperature at 2 Meters Minimum (C) \r
PRECTOTCORR     MERRA-2 Precipitation Corrected (mm/day) \r
-END HEADER-\r
"""
TITLES = "YEAR,DOY,T2M,T2M_MAX,T2M_MIN,PRECTOTCORR\r\n"


def lines(days: int = 365, year: int = 2019, **odd: str) -> str:
    """A year of equal days; `odd` replaces, by d<day>, the line of a day."""
    return "".join(
        f"{year},{day},{odd.get(f'd{day}', '18.0,25.0,12.0,2.0')}\r\n" for day in range(1, days + 1)
    )


@pytest.fixture
def source(catalogue: Catalogue) -> Source:
    return catalogue.sources["nasa_power"]


@pytest.fixture
def read(source: Source, snapshot_of: Any, years: Any) -> Callable[..., list[Record]]:
    def read_bytes(content: str | bytes, url: str = BEIJING, source: Source = source) -> list[Record]:
        data = content.encode() if isinstance(content, str) else content
        return list(nasa_power.read(source, [snapshot_of(data, url)], years(2019, 2019)))

    return read_bytes


@pytest.fixture
def folder(shared: Path) -> Path:
    return shared / "data" / "daily_weather_nasa_power"


@pytest.fixture
def recorded(shared: Path) -> Callable[[str], tuple[str, str]]:
    """The address and the body of a recorded exchange."""

    def exchange(name: str) -> tuple[str, str]:
        cassette = json.loads((shared / "recorded" / "nasa_power" / name).read_text(encoding="utf-8"))
        (interaction,) = cassette["http_interactions"]
        return interaction["request"]["uri"], interaction["response"]["body"]["string"]

    return exchange


@pytest.fixture(scope="module")
def parsed(shared: Path, catalogue: Catalogue) -> Parsed:
    """All archived files, read once."""
    files = sorted((shared / "data" / "daily_weather_nasa_power").glob("*.csv"))
    return parse_files("nasa_power", files, catalogue)


def values(records: list[Record], year: str = "2019") -> dict[str, Any]:
    return {r.series.indicator: r.value for r in records if r.time_period == year}


def by_hand(file: Path, year: str, column: str) -> list[float]:
    """The values of one column and year, read without our code."""
    with file.open(encoding="utf-8", newline="") as stream:
        return [float(row[column]) for row in csv.DictReader(stream) if row["YEAR"] == year]


@pytest.mark.parametrize(("name", "city", "hot_days"), [("Beijing", "beijing", 84), ("London", "london", 7)])
def test_indices_of_2018_agree_with_an_independent_count(
    parsed: Parsed, folder: Path, name: str, city: str, hot_days: int
) -> None:
    accepted = parsed.accepted
    found = accepted[(accepted["ref_area"] == city) & (accepted["time_period"] == "2018")]
    computed = dict(zip(found["indicator"], found["obs_value"], strict=True))
    highs, lows, rain = (
        by_hand(folder / FILE.format(name), "2018", column)
        for column in ("T2M_MAX", "T2M_MIN", "PRECTOTCORR")
    )
    means = [(high + low) / 2 for high, low in zip(highs, lows, strict=True)]
    spell = longest = 0
    for millimetres in rain:
        spell = spell + 1 if millimetres < 1 else 0
        longest = max(longest, spell)
    assert sum(high > 30 for high in highs) == hot_days
    assert computed == pytest.approx(
        {
            "HOT_DAYS_30": hot_days,
            "HOT_DAYS_35": sum(high > 35 for high in highs),
            "TROPICAL_NIGHTS": sum(low > 20 for low in lows),
            "TXX": max(highs),
            "T_MEAN_YEAR": sum(means) / 365,
            "HDD18": sum(max(0.0, 18 - mean) for mean in means),
            "CDD22": sum(max(0.0, mean - 22) for mean in means),
            "PRCP_YEAR": sum(rain),
            "RX1DAY": max(rain),
            "R20MM": sum(millimetres >= 20 for millimetres in rain),
            "CDD_DRY": longest,
        },
        abs=1e-6,
    )


def test_every_archived_file_but_one_is_of_the_city_of_its_name(parsed: Parsed) -> None:
    # 11 indices of each of the 26 years 1999 to 2024, for 16 of the 17 files.
    counts = parsed.accepted.groupby(["url", "ref_area"]).size().to_dict()
    assert set(counts.values()) == {11 * 26}
    assert len(counts) == 16
    for url, city in counts:
        assert url == FILE.format("_".join(word.capitalize() for word in city.split("-")))
    assert (parsed.empty_cells, parsed.out_of_scope, dict(parsed.unmatched)) == (0, 0, {})


def test_the_file_of_dubai_is_of_a_cell_over_the_sea_and_is_rejected(parsed: Parsed, folder: Path) -> None:
    assert len(parsed.rejected) == 11 * 26
    assert set(parsed.rejected["url"]) == {FILE.format("Dubai")}
    assert set(parsed.rejected["rule"]) == {"known_area"}
    assert parsed.rejected["reason"].str.contains("'25.2769,55.2962'", regex=False).all()
    # Day and night differ by less than 2 °C, as they do at sea.
    highs, lows = (by_hand(folder / FILE.format("Dubai"), "2018", name) for name in ("T2M_MAX", "T2M_MIN"))
    assert sum(highs) - sum(lows) < 2 * 365


def test_the_file_of_berlin_is_berlin_under_any_name(
    catalogue: Catalogue, folder: Path, tmp_path: Path
) -> None:
    text = (folder / "nasa_weather_Berlin_1999_2024.csv").read_text(encoding="utf-8")
    as_moscow = tmp_path / "nasa_weather_Moscow_1999_2024.csv"
    as_moscow.write_text(text.replace(",Berlin,", ",Moscow,"), encoding="utf-8")
    parsed = parse_files("nasa_power", [as_moscow], catalogue)
    assert set(parsed.accepted["ref_area"]) == {"berlin"}


def test_days_of_berlin_requested_as_moscow_break_the_contract(read: Any, folder: Path) -> None:
    with pytest.raises(
        SourceContractError, match=r"point 55\.75204,37\.61781, the answer is for 52\.52,13\.405"
    ):
        read((folder / "nasa_weather_Berlin_1999_2024.csv").read_bytes(), MOSCOW)


def test_an_answer_for_another_point_breaks_the_contract(read: Any) -> None:
    with pytest.raises(SourceContractError, match=r"the answer is for 39\.9075,116\.3972"):
        read(HEADER + TITLES + lines(), MOSCOW)


def test_the_place_is_the_point_of_the_request_and_not_of_the_answer(read: Any) -> None:
    assert {record.area_code for record in read(HEADER + TITLES + lines())} == {"39.9075,116.39723"}


def test_an_answer_without_its_address_is_nobodys(read: Any) -> None:
    with pytest.raises(SourceContractError, match="the address requests 0 points, expected one"):
        read(HEADER + TITLES + lines(), "answer.csv")


def test_a_file_that_mixes_points_breaks_the_contract(read: Any) -> None:
    titles = "YEAR,DOY,T2M_MAX,T2M_MIN,PRECTOTCORR,CITY,LAT,LON\n"
    rows = "2019,1,5,1,0,Berlin,52.52,13.405\n2019,2,5,1,0,Berlin,55.75,37.62\n"
    with pytest.raises(SourceContractError, match="the file mixes 2 points"):
        read(titles + rows, "file.csv")


def test_a_csv_answer_worked_by_hand(read: Any) -> None:
    # Three hot days, one warm night, one cold day (18 - 4 = 14), one of 24 (24 - 22 = 2), 20 mm once.
    odd = {
        "d10": "4.0,9.0,-1.0,2.0",
        "d181": "24.0,30.1,20.1,20.0",
        "d182": "18.0,35.1,20.0,0.0",
        "d183": "18.0,31.0,12.0,0.5",
    }
    records = read(HEADER + TITLES + lines(**odd))
    assert values(records) == {
        "HOT_DAYS_30": 3,
        "HOT_DAYS_35": 1,
        "TROPICAL_NIGHTS": 1,
        "TXX": 35.1,
        "T_MEAN_YEAR": pytest.approx((18 * 363 + 4 + 24) / 365, abs=1e-6),
        "HDD18": 14,
        "CDD22": 2,
        "PRCP_YEAR": 362 * 2 + 20.5,
        "RX1DAY": 20,
        "R20MM": 1,
        "CDD_DRY": 2,
    }


def test_a_record_has_the_position_and_number_of_its_days(read: Any) -> None:
    (record,) = [r for r in read(HEADER + TITLES + lines()) if r.series.indicator == "HDD18"]
    # The header has 11 lines, the titles are on line 12.
    assert record.pointer == "lines 13-377/T2M"
    assert json.loads(record.raw) == {
        "statistic": "hdd18",
        "of": "T2M",
        "share": 1.0,
        "days_used": 365,
        "days_in_year": 365,
    }


def test_a_file_without_daily_means_is_marked_as_means_of_extremes(read: Any) -> None:
    titles = "YEAR,DOY,T2M_MAX,T2M_MIN,PRECTOTCORR,CITY,LAT,LON\n"
    rows = "".join(f"2019,{day},20,10,0,Berlin,52.52,13.405\n" for day in range(1, 366))
    records = {r.series.indicator: r for r in read(titles + rows, "file.csv")}
    assert records["HDD18"].value == 3 * 365
    assert records["HDD18"].title == "hdd18 of (T2M_MAX+T2M_MIN)/2"
    assert records["HDD18"].pointer == "lines 2-366/(T2M_MAX+T2M_MIN)/2"
    assert records["TXX"].title == "txx of T2M_MAX"


@pytest.mark.parametrize("missing", ["-999.0", "-999", ""])
def test_missing_days_have_no_values(read: Any, missing: str) -> None:
    cells = ",".join([missing] * 4)
    # 36 of 365 days absent leave 90.1 %, 37 leave 89.9 %.
    kept = read(HEADER + TITLES + lines(**{f"d{day}": cells for day in range(1, 37)}))
    assert values(kept)["T_MEAN_YEAR"] == 18
    assert values(kept)["HDD18"] == 0
    assert values(kept)["PRCP_YEAR"] == 329 * 2


def test_a_year_with_too_few_days_is_an_empty_cell_with_its_reason(
    read: Any, source: Source, catalogue: Catalogue, years: Any
) -> None:
    cells = ",".join(["-999"] * 4)
    records = read(HEADER + TITLES + lines(**{f"d{day}": cells for day in range(1, 38)}))
    assert {record.value for record in records} == {None}
    assert {json.loads(record.raw)["reason"] for record in records} == {"328 of 365 days, less than 90%"}
    normalised = normalise(records, source, catalogue, years(2019, 2019))
    assert (len(normalised.observations), normalised.empty_cells) == (0, 11)


def test_a_leap_year_has_day_366_and_another_has_not(read: Any) -> None:
    leap = read(HEADER.replace("2019", "2020") + TITLES + lines(366, 2020))
    assert values(leap, "2020")["PRCP_YEAR"] == 732
    with pytest.raises(SourceContractError, match="line 378: the year 2019 has no day '366'"):
        read(HEADER + TITLES + lines(366, 2019))


def test_the_recorded_answer_of_one_day_gives_reasons_and_no_values(
    read: Any, recorded: Any, source: Source
) -> None:
    url, body = recorded("daily_ag_point.json")
    # It was requested without precipitation.
    with pytest.raises(SourceContractError, match=r"lacks \['PRECTOTCORR'\]"):
        read(body, url)
    records = read(body.replace("PS", "PRECTOTCORR").replace("(kPa)", "(mm/day)"), url)
    assert {(r.area_code, r.time_period, r.value) for r in records} == {("-89.5,-179.5", "1983", None)}
    assert json.loads(records[0].raw)["reason"] == "1 of 365 days, less than 90%"


def test_a_recorded_climatology_is_no_daily_answer(read: Any, recorded: Any) -> None:
    url, body = recorded("climatology_ag_point.json")
    with pytest.raises(SourceContractError, match=r"lacks \['YEAR', 'DOY'\]"):
        read(body, url)


def as_json(fill_value: float = -999.0, **changes: Any) -> str:
    days = [f"{day:%Y%m%d}" for day in pd.date_range("2019-01-30", "2019-12-31")]
    parameter = {name: dict.fromkeys(days, 18.0) for name in ("T2M", "T2M_MAX", "T2M_MIN", "PRECTOTCORR")}
    answer = {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [116.397, 39.908, 52.1]},
        "properties": {"parameter": parameter},
        "header": {"fill_value": fill_value, "start": "20190130", "end": "20191231"},
        "parameters": {name: {"units": unit} for name, unit in nasa_power.UNITS.items()},
        "messages": [],
    }
    return json.dumps(answer | changes)


def test_a_json_answer_is_read_like_a_csv_one(read: Any) -> None:
    # 336 days are 92 % of the year, and the last is among them.
    records = read(as_json())
    assert values(records)["PRCP_YEAR"] == 336 * 18
    assert {r.pointer for r in records if r.series.indicator == "TXX"} == {
        "/properties/parameter/T2M_MAX/20190130-20191231"
    }
    assert {r.area_code for r in records} == {"39.9075,116.39723"}


@pytest.mark.parametrize(
    ("answer", "fault"),
    [
        (as_json(properties={}), "no days in the answer"),
        ('{"messages": ["Please provide a valid start date"]}', "Please provide a valid start date"),
        (as_json(fill_value=-99.0), "missing days are marked -99.0, not -999"),
        (
            HEADER.replace("range: -999", "range: -99") + TITLES + lines(),
            "missing days are marked -99, not -999",
        ),
        (
            HEADER.replace("(mm/day)", "(kg/m^2/s)") + TITLES + lines(),
            r"the unit of PRECTOTCORR is declared as 'mm/day', but the publisher writes 'kg/m\^2/s'",
        ),
        (HEADER.split("-END")[0], "without -END HEADER-"),
        (HEADER, r"lacks \['YEAR', 'DOY'\]"),
        ("<!doctype html><html></html>", r"lacks \['YEAR', 'DOY'\]"),
        (HEADER + TITLES + lines() + "2019,3", "line 378 has 2 fields, the header 6"),
        (HEADER + TITLES + lines() + "2019,3,1,1,1,1", "the header gives 365 days.* the table has 366"),
        (HEADER + TITLES + lines(d2="x,1,1,1"), "line 14: T2M 'x' is no number"),
        (HEADER + TITLES + lines(d2="1,inf,1,1"), "line 14: T2M_MAX 'inf' is no number"),
    ],
)
def test_reports_a_broken_contract(read: Any, answer: str, fault: str) -> None:
    with pytest.raises(SourceContractError, match=fault):
        read(answer)


@pytest.mark.parametrize(
    ("wrong", "fault"),
    [
        (("12/31/2019", "12/30/2019"), "the header gives 364 days.* the table has 365"),
        (("01/01/2019", "01/02/2019"), "the header gives 364 days"),
        (("01/01/2019 through 12/31/2019", "01/02/2019 through 01/01/2020"), "the header gives 365 days"),
        (("01/01/2019", "31/12/2019"), "the header gives the dates"),
        (("Dates", "Days"), "the header gives 0 spans of dates"),
        (("Location", "Place"), "the header gives no point"),
        (("The value for", "A value for"), "missing days are marked by nothing"),
        (("T2M_MIN         ", "T2M_LOW         "), "the unit of T2M_MIN is declared as 'C', but .* None"),
        (("Maximum (C)", "Maximum (F)"), "the unit of T2M_MAX is declared as 'C', but .* 'F'"),
    ],
)
def test_a_header_that_differs_from_the_table_breaks_the_contract(
    read: Any, wrong: tuple[str, str], fault: str
) -> None:
    with pytest.raises(SourceContractError, match=fault):
        read(HEADER.replace(*wrong) + TITLES + lines())


@pytest.mark.parametrize(
    ("query", "fault"),
    [
        ("&start=20190101&end=20191231", None),
        ("&start=20180101&end=20191231", "requested the start 2018-01-01, the answer has 2019-01-01"),
        ("&start=20190101&end=20200101", "requested the end 2020-01-01, the answer has 2019-12-31"),
        # The test's answers are of November 2026, and the newest days may not be there yet.
        ("&start=20190101&end=20261231", None),
    ],
)
def test_the_days_are_those_of_the_request(read: Any, query: str, fault: str | None) -> None:
    if fault is None:
        assert read(HEADER + TITLES + lines(), BEIJING + query)
    else:
        with pytest.raises(SourceContractError, match=fault):
            read(HEADER + TITLES + lines(), BEIJING + query)


def test_a_parameter_with_other_days_than_the_others_breaks_the_contract(read: Any) -> None:
    answer = json.loads(as_json())
    del answer["properties"]["parameter"]["T2M_MIN"]["20190203"]
    with pytest.raises(SourceContractError, match="the parameters have different days"):
        read(json.dumps(answer))


def test_truncated_json_is_transient(read: Any) -> None:
    with pytest.raises(SourceUnavailableError, match="truncated at character"):
        read(as_json()[:300])


def test_requests_each_city_once_at_its_coordinates(
    source: Source, catalogue: Catalogue, publisher: Any, years: Any
) -> None:
    publisher = publisher(*[b""] * 48)
    snapshots = nasa_power.fetch(source, catalogue, years(2019, 2020), publisher)
    assert len(snapshots) == len(publisher.requests) == 48
    path, params = publisher.requests[list(catalogue.cities).index("moscow")]
    assert path == "/api/temporal/daily/point"
    assert params == {
        "parameters": "T2M,T2M_MAX,T2M_MIN,PRECTOTCORR",
        "community": "ag",
        "start": "20190101",
        "end": "20201231",
        "format": "csv",
        "time-standard": "LST",
        "latitude": "55.75204",
        "longitude": "37.61781",
    }


def test_the_points_of_sources_of_grids_are_those_of_the_cities(catalogue: Catalogue) -> None:
    for name in ("nasa_power", "open_meteo_archive", "open_meteo_climate", "open_meteo_air"):
        areas = catalogue.ref_areas(catalogue.sources[name])
        assert set(areas.values()) == set(catalogue.cities)
        assert areas["55.75204,37.61781"] == "moscow"


def test_every_series_names_an_index_that_exists(catalogue: Catalogue) -> None:
    for name in ("nasa_power", "open_meteo_archive", "open_meteo_climate", "open_meteo_air"):
        assert {series.statistic for series in catalogue.sources[name].series} <= set(INDICES)
