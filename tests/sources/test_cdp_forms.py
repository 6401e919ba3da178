"""The forms of CDP's reporting years: all real headers, and reports of years without a real file."""

import csv
import io
from collections.abc import Callable
from typing import Any

import pytest

from city_indicators.catalog import Catalogue, Source
from city_indicators.ingest.normalise import normalise
from city_indicators.sources import cdp_emissions
from city_indicators.sources.records import Record
from demo.mock_sources.cdp_emissions import headers

# Reports and headers of years without a real file here, as CDP published them: from
# Open-Earth-Foundation/OpenClimate, harmonize/data/raw/CDP_citywide_emissions_2016, _2018 (at d69d32c) and
# _2020 (at 20c7e32). Cells that are not given here are empty there or not used.
SCOPE_1 = "Total Scope 1 Emissions (metric tonnes CO2e)"
SCOPE_2 = "Total Scope 2 Emissions (metric tonnes CO2e)"
CITY_TOTAL = "Total City-wide Emissions (metric tonnes CO2e)"
FORM_2016_ONLY = {"Reporting Year": "2016", "C40": "C40"}
CAPE_TOWN_2016 = FORM_2016_ONLY | {
    "Account Number": "35858",
    "City Name": "City of Cape Town",
    "Measurement Year": "12/31/2012 12:00:00 AM",
    CITY_TOTAL: "22643846",
    SCOPE_1: "9783734",
    SCOPE_2: "12860112",
}
BOGOTA_2016 = FORM_2016_ONLY | {
    "Account Number": "31154",
    "City Name": "Bogot\u00e1 Distrito Capital",
    "Measurement Year": "12/31/2015 12:00:00 AM",
    CITY_TOTAL: "12359324.53",
    SCOPE_1: "10679585.14",
    SCOPE_2: "1094791.71",
}
BANGKOK_2018 = {
    "Year Reported to CDP": "2018",
    "Account Number": "31150",
    "City": "Bangkok",
    "Accounting Year": "2013-01-01 - 2013-12-31",
    SCOPE_1: "27292982",
    SCOPE_2: "19947352",
    "Total Scope 3 emissions (metric tonnes CO2e)": "3120584",
}
SEOUL_2018 = {
    "Year Reported to CDP": "2018",
    "Account Number": "31187",
    "City": "Seoul",
    "Accounting Year": "2015-01-01 - 2015-12-31",
    SCOPE_1: "22581000",
    SCOPE_2: "21572000",
    "Total BASIC Emissions (GPC)": "45646000",
}
KOLKATA_2018 = {"Year Reported to CDP": "2018", "Account Number": "35904", "City": "Kolkata"}
DIRECT, INDIRECT = (
    "Direct emissions (metric tonnes CO2e) for",
    "Indirect emissions from use of grid supplied energy",
)
BUENOS_AIRES_2020 = {
    "Year Reported to CDP": "2020",
    "Account Number": "31155",
    "City": "Buenos Aires",
    "Accounting year": "2017-01-01 - 2017-12-31",
    f"{DIRECT} Total generation of grid-supplied energy": "7965260.82",
    f"{DIRECT} Total emissions (excluding generation of grid-supplied energy)": "6489679.65",
    f"{INDIRECT} (metric tonnes CO2e) for Total Emissions (excluding generation of grid-supplied energy)": (
        "3690409.81"
    ),
}
KARACHI_2020 = {"Year Reported to CDP": "2020", "Account Number": "31168", "Accounting year": "-"}
AUSTIN_2020 = {
    "Year Reported to CDP": "2020",
    "Account Number": "1184",
    "Accounting year": "2018-01-01 - 2018-12-31",
    "TOTAL Scope 1 Emissions (metric tonnes CO2e)": "9651484",
    "TOTAL Scope 2 emissions (metric tonnes CO2e)": "5116506",
    "TOTAL BASIC Emissions (GPC)": "11998240",
    "TOTAL BASIC+ Emissions (GPC)": "13147030",
}


@pytest.fixture(scope="session")
def source(catalogue: Catalogue) -> Source:
    return catalogue.sources["cdp_emissions"]


@pytest.fixture
def read(source: Source, snapshot_of: Any, years: Any) -> Callable[..., list[Record]]:
    """The records of the complete form of a year with some reports in it."""

    def read_form(year: int, *reports: dict[str, str]) -> list[Record]:
        titles = headers()[year]
        assert {title for report in reports for title in report} <= set(titles)
        text = io.StringIO(newline="")
        csv.writer(text).writerows([titles, *[[r.get(title, "") for title in titles] for r in reports]])
        archived = iter([snapshot_of(text.getvalue().encode())])
        return list(cdp_emissions.read(source, archived, years(2000, 2021)))

    return read_form


def observed(records: list[Record], source: Source, catalogue: Catalogue, years: Any) -> dict[Any, float]:
    rows = normalise(records, source, catalogue, years(2000, 2021)).observations
    keys = zip(rows["ref_area"], rows["time_period"], rows["indicator"], strict=True)
    return dict(zip(keys, rows["obs_value"], strict=True))


def test_the_form_of_2016(read: Any, source: Source, catalogue: Catalogue, years: Any) -> None:
    records = read(2016, CAPE_TOWN_2016, BOGOTA_2016)
    assert {record.title for record in records} == {CITY_TOTAL, SCOPE_1, SCOPE_2}
    assert observed(records, source, catalogue, years) == {
        ("cape-town", "2012", "GHG_TOTAL"): 22643846,
        ("cape-town", "2012", "GHG_SCOPE1"): 9783734,
        ("cape-town", "2012", "GHG_SCOPE2"): 12860112,
        ("bogota", "2015", "GHG_TOTAL"): 12359324.53,
        ("bogota", "2015", "GHG_SCOPE1"): 10679585.14,
        ("bogota", "2015", "GHG_SCOPE2"): 1094791.71,
    }


def test_the_form_of_2018(read: Any, source: Source, catalogue: Catalogue, years: Any) -> None:
    records = read(2018, BANGKOK_2018, KOLKATA_2018, SEOUL_2018)
    assert observed(records, source, catalogue, years) == {
        ("bangkok", "2013", "GHG_SCOPE1"): 27292982,
        ("bangkok", "2013", "GHG_SCOPE2"): 19947352,
        ("seoul", "2015", "GHG_BASIC"): 45646000,
        ("seoul", "2015", "GHG_SCOPE1"): 22581000,
        ("seoul", "2015", "GHG_SCOPE2"): 21572000,
    }
    # Kolkata reported neither a period nor a value.
    assert {record.value for record in records if record.area_code == "35904"} == {None}
    assert {record.time_period for record in records if record.area_code == "35904"} == {""}


def test_the_form_of_2020(read: Any, source: Source, catalogue: Catalogue, years: Any) -> None:
    records = read(2020, BUENOS_AIRES_2020, KARACHI_2020)
    assert observed(records, source, catalogue, years) == {
        ("buenos-aires", "2017", "GHG_SCOPE1_NET"): 6489679.65,
        ("buenos-aires", "2017", "GHG_SCOPE2"): 3690409.81,
    }
    assert {record.time_period for record in records if record.area_code == "31168"} == {"-"}


def test_basic_plus_is_not_basic(read: Any) -> None:
    assert {record.series.code: record.value for record in read(2020, AUSTIN_2020)} == {
        "basic": "11998240",
        "scope_1": "9651484",
        "scope_1_net": None,
        "scope_2": "5116506",
    }


@pytest.mark.parametrize("year", [2016, 2017, 2018, 2019, 2020, 2021])
def test_every_form_has_a_column_for_every_meaning_it_can_have(read: Any, year: int) -> None:
    report = {title: str(year) if "Report" in title else "1" for title in headers()[year]}
    by_total = {"total", "scope_1", "scope_2"}
    by_basic = {"basic", "scope_1", "scope_1_net", "scope_2"}
    codes = {record.series.code for record in read(year, report)}
    assert codes == (by_total if year < 2018 else by_basic)
