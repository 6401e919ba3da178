"""CDP's city-wide emissions: real files of three years, and the forms of three others."""

import csv
import io
import math
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from city_indicators.catalog import Catalogue, Source
from city_indicators.core.errors import SourceContractError
from city_indicators.ingest.normalise import normalise
from city_indicators.ingest.parse import Parsed, parse_files
from city_indicators.sources import cdp_emissions
from city_indicators.sources.places import folded
from city_indicators.sources.records import Record

FILES = {
    2017: "2017_-_Cities_Community_Wide_Emissions.csv",
    2019: "2019_City-wide_Emissions.csv",
    2021: "2021_City-wide_Emissions.csv",
}
TOTAL = "Total emissions (metric tonnes CO2e)"
BASIC = "Total BASIC Emissions (GPC)"
SCOPE_1 = "Total Scope 1 Emissions (metric tonnes CO2e)"
SCOPE_2 = "Total Scope 2 Emissions (metric tonnes CO2e)"
GRID_USE = (
    "Indirect emissions from use of grid supplied energy/Scope 2 (metric tonnes CO2e) "
    "for Total emissions (excluding generation of grid-supplied energy)"
)
FORM_2017 = ["Account number", "Reporting year", "Accounting year", TOTAL, SCOPE_1, SCOPE_2]
FORM_2018 = ["Year Reported to CDP", "Account Number", "Accounting Year", SCOPE_1, SCOPE_2, BASIC]
JAMMERBUGT_2018 = ["2018", "58865", "2016-01-01 - 2016-12-31", "180000", "0", "Not Applicable"]
SEOUL_2018 = ["2018", "31187", "2015-01-01 - 2015-12-31", "22581000", "21572000", "45646000"]


@pytest.fixture(scope="session")
def source(catalogue: Catalogue) -> Source:
    return catalogue.sources["cdp_emissions"]


@pytest.fixture(scope="session")
def folder(shared: Path) -> Path:
    return shared / "data/cdp_citywide_emissions"


@pytest.fixture(scope="module")
def real(folder: Path, catalogue: Catalogue) -> Parsed:
    return parse_files("cdp_emissions", [folder / name for name in FILES.values()], catalogue)


@pytest.fixture
def read(source: Source, snapshot_of: Any, years: Any) -> Callable[..., list[Record]]:
    """The records of tables, each given as the titles and the lines below them."""

    def read_tables(*tables: tuple[list[str], list[list[str]]]) -> list[Record]:
        archived = []
        for titles, lines in tables:
            text = io.StringIO(newline="")
            csv.writer(text).writerows([titles, *lines])
            archived.append(snapshot_of(text.getvalue().encode()))
        return list(cdp_emissions.read(source, iter(archived), years(2000, 2021)))

    return read_tables


def form(year: int, titles: list[str], *lines: list[str]) -> tuple[list[str], list[list[str]]]:
    """A table in the form of a year; the columns that are not given are empty."""
    given = {folded(title) for title in titles}
    others = [title for names in cdp_emissions.FORMS[year].values() for title in names if title not in given]
    width = len(titles) + len(others)
    return titles + others, [line + [""] * (width - len(line)) for line in lines]


def values(records: list[Record]) -> dict[str, Any]:
    return {record.series.code: record.value for record in records}


def observations(parsed: Parsed, city: str, year: str) -> dict[str, float]:
    rows = parsed.accepted.query("ref_area == @city and time_period == @year")
    return dict(zip(rows["indicator"], rows["obs_value"], strict=True))


def rejections(parsed: Parsed) -> dict[tuple[str, str, str], str]:
    rows = parsed.rejected
    keys = zip(rows["ref_area"], rows["time_period"], rows["indicator"], strict=True)
    return dict(zip(keys, rows["rule"], strict=True))


def test_london_of_2014_as_reported_in_2017(real: Parsed) -> None:
    assert observations(real, "london", "2014") == {
        "GHG_TOTAL": 40096000,
        "GHG_SCOPE1": 19430000,
        "GHG_SCOPE2": 18400000,
    }


def test_cape_town_of_2017_as_reported_in_2019(real: Parsed) -> None:
    assert observations(real, "cape-town", "2017") == {
        "GHG_BASIC": 21145125.41,
        "GHG_SCOPE1": 9499498.21,
        "GHG_SCOPE2": 11662205.03,
    }


def test_moscow_of_2019_is_in_the_columns_without_generation_for_the_grid(
    real: Parsed,
) -> None:
    assert observations(real, "moscow", "2019") == {"GHG_SCOPE1_NET": 18188482, "GHG_SCOPE2": 36382370}


def test_a_total_smaller_than_its_scope_1_is_rejected_with_it(real: Parsed) -> None:
    rows = real.rejected.query("ref_area == 'moscow'").sort_values("indicator")
    assert rows[["indicator", "time_period", "rule", "value_as_published", "reason"]].to_dict("records") == [
        {
            "indicator": indicator,
            "time_period": "2016",
            "rule": "total_covers_parts",
            "value_as_published": value,
            # 59 059 034 - 25 680 678.
            "reason": f"{indicator} {value} contradicts its row: a total is 33378356 less than its part",
        }
        for indicator, value in (("GHG_SCOPE1", "59059034"), ("GHG_TOTAL", "25680678"))
    ]
    assert observations(real, "moscow", "2016") == {"GHG_SCOPE2": 3609079}


def test_a_scope_2_ten_times_too_large_is_rejected_with_the_sum_it_breaks(real: Parsed) -> None:
    # 9 138 309 + 11 947 351 + 340 698 = 21 426 358: Tshwane's scope 2 has a digit too many, 119 473 513.
    found = {key[2]: rule for key, rule in rejections(real).items() if key[0] == "pretoria"}
    assert found == {"GHG_BASIC": "total_covers_parts", "GHG_SCOPE2": "total_covers_parts"}
    # The total is in the report of 2017, whose own parts add up to it.
    assert observations(real, "pretoria", "2014") == {"GHG_TOTAL": 15236693, "GHG_SCOPE1": 9138309}


def test_what_the_three_files_give(real: Parsed) -> None:
    assert (len(real.accepted), len(real.rejected), len(real.unmatched)) == (133, 9, 0)
    by_row = {key: rule for key, rule in rejections(real).items() if rule != "period_is_a_year"}
    assert {(city, year) for city, year, _ in by_row} == {
        ("moscow", "2016"),
        ("rio-de-janeiro", "2012"),
        ("buenos-aires", "2015"),
        ("pretoria", "2014"),
    }
    assert set(by_row.values()) == {"total_covers_parts"}
    # An inventory of eight years has no single year.
    (of_years,) = rejections(real).keys() - by_row.keys()
    assert of_years[1] == "2005-01-01 - 2012-12-31"


def test_basic_may_be_less_than_a_scope_1_with_generation_for_the_grid(real: Parsed) -> None:
    hong_kong = observations(real, "hong-kong", "2016")
    assert (hong_kong["GHG_BASIC"], hong_kong["GHG_SCOPE1"]) == (40222676, 41237525)


def test_a_later_report_of_the_same_year_replaces_an_earlier_one(real: Parsed) -> None:
    # Johannesburg reported 9 068 358 t of scope 1 of 2014 in 2017, and 15 772 974 t in 2019.
    assert observations(real, "johannesburg", "2014") == {
        "GHG_TOTAL": 24716713,
        "GHG_BASIC": 24716713,
        "GHG_SCOPE1": 15772974,
        "GHG_SCOPE2": 15661031,
    }


def test_an_empty_cell_of_a_later_report_replaces_nothing(real: Parsed) -> None:
    assert observations(real, "addis-ababa", "2012") == {"GHG_TOTAL": 5043860, "GHG_SCOPE1": 3708292}


def test_several_years_in_one_inventory_are_no_year(real: Parsed) -> None:
    assert "brasilia" not in set(real.accepted["ref_area"])


def test_every_account_is_the_declared_city(folder: Path, source: Source, catalogue: Catalogue) -> None:
    other_names = {
        "bengaluru": "Bangalore",
        "hong-kong": "Hong Kong",
        "pretoria": "Pretoria - Tshwane",
        "seoul": "Seoul",
    }
    found = set()
    for name in FILES.values():
        with (folder / name).open(encoding="utf-8-sig", newline="") as stream:
            for row in csv.DictReader(stream):
                ref_area = (source.areas or {}).get(
                    row.get("Account Number") or row.get("Account number", "")
                )
                if ref_area is None:
                    continue
                city = catalogue.cities[ref_area]
                country = catalogue.countries[city.country].name_en
                expected = {country, *(n for n, c in catalogue.country_names.items() if c == city.country)}
                assert row["Country"] in expected, (ref_area, row["Country"])
                assert other_names.get(ref_area, city.name_en) in row["City"].strip(), (ref_area, row["City"])
                found.add(ref_area)
    assert found == set((source.areas or {}).values())


def test_the_florida_saint_petersburg_and_the_other_londons_are_left_out(source: Source) -> None:
    assert not {"49172", "50558", "832097", "826237"} & set(source.areas or {})


@pytest.mark.parametrize("year", FILES)
def test_every_row_of_a_real_file_is_read(
    folder: Path, source: Source, snapshot_of: Any, years: Any, year: int
) -> None:
    content = (folder / FILES[year]).read_bytes()
    records = list(cdp_emissions.read(source, iter([snapshot_of(content)]), years(1990, 2021)))
    reports = {2017: 229, 2019: 814, 2021: 989}[year]
    # The form of 2017 has a total and neither BASIC nor emissions without generation for the grid.
    codes = (
        ["total", "scope_1", "scope_2"] if year == 2017 else ["basic", "scope_1", "scope_1_net", "scope_2"]
    )
    assert len(records) == reports * len(codes)
    assert {record.series.code for record in records} == set(codes)
    assert len({record.area_code for record in records}) == reports


def test_invisible_characters_and_letter_case_of_titles_do_not_count(read: Any) -> None:
    titles = [
        "ACCOUNT\u00a0number ",
        "\u200bReporting year",
        "accounting year",
        TOTAL,
        f"{SCOPE_1}\u200b",
        SCOPE_2,
    ]
    lines = [["31174", "2017", "2016-01-01 - 2016-12-31", "3", "1", "2"]]
    assert values(read((titles, lines))) == {"total": "3", "scope_1": "1", "scope_2": "2"}


def test_not_applicable_is_an_empty_cell(read: Any) -> None:
    assert values(read(form(2018, FORM_2018, JAMMERBUGT_2018))) == {
        "basic": None,
        "scope_1": "180000",
        "scope_1_net": None,
        "scope_2": "0",
    }


def test_other_text_stays_visible(read: Any, source: Source, catalogue: Catalogue, years: Any) -> None:
    records = read(form(2018, FORM_2018, [*SEOUL_2018[:3], "see comment", *SEOUL_2018[4:]]))
    assert values(records)["scope_1"] == "see comment"
    rows = normalise(records, source, catalogue, years(2015, 2015)).observations
    assert [math.isnan(value) for value in rows["obs_value"]] == [False, True, False]


def test_a_total_of_scope_2_is_preferred_to_the_use_of_the_grid(read: Any) -> None:
    titles = [*FORM_2018, GRID_USE]
    assert values(read(form(2018, titles, [*SEOUL_2018, "7"])))["scope_2"] == "21572000"
    assert values(read(form(2018, titles, [*SEOUL_2018[:4], "", SEOUL_2018[5], "7"])))["scope_2"] == "7"


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_the_year_of_the_report_decides_and_not_the_order_of_the_files(
    read: Any, order: tuple[int, int]
) -> None:
    period = "2015-01-01 - 2015-12-31"
    tables = [
        (FORM_2017, [["31187", "2017", period, "9", "3", "4"]]),
        form(2018, FORM_2018, ["2018", "31187", period, "5", "", "10"]),
    ]
    records = [r for r in read(*(tables[n] for n in order)) if r.value is not None]
    assert values(records) == {"total": "9", "basic": "10", "scope_1": "5", "scope_2": "4"}
    assert len(records) == 4


def test_contradictions_within_one_file_stay_visible(read: Any) -> None:
    other = [*SEOUL_2018[:3], "1", *SEOUL_2018[4:]]
    records = read(form(2018, FORM_2018, SEOUL_2018, other))
    assert [r.value for r in records if r.series.code == "scope_1"] == ["22581000", "1"]


@pytest.mark.parametrize(
    ("text", "year"),
    [
        ("2014-01-01 - 2014-12-31", "2014"),
        ("2015-07-01 - 2016-06-30", "2015"),
        ("2013-04-01 - 2014-03-31", "2013"),
        ("2018-10-01 - 2019-09-30", "2019"),
        ("2014-01-01 - 2015-01-01", "2014"),
        ("12/31/2013 12:00:00 AM", "2013"),
        ("03/31/2014 12:00:00 AM", "2013"),
        ("06/30/2013 12:00:00 AM", "2012"),
        ("2005-01-01 - 2012-12-31", "2005-01-01 - 2012-12-31"),
        ("2017-01-01 - 2017-01-31", "2017-01-01 - 2017-01-31"),
        ("2017-12-31 - 2017-01-01", "2017-12-31 - 2017-01-01"),
        ("2017-13-01 - 2017-12-31", "2017-13-01 - 2017-12-31"),
        ("- 2017-12-31", "- 2017-12-31"),
        ("2017-01-01 -", "2017-01-01 -"),
        ("-", "-"),
        ("", ""),
        ("2017", "2017"),
    ],
)
def test_an_inventory_belongs_to_the_year_of_most_of_its_days(text: str, year: str) -> None:
    assert cdp_emissions.inventory_year(text) == year


@pytest.mark.parametrize(
    "title", ["Account Number", "Accounting Year", "Year Reported to CDP", SCOPE_1, BASIC]
)
def test_a_form_that_lacks_a_meaning_is_a_broken_contract(read: Any, title: str) -> None:
    titles, lines = form(2018, FORM_2018, SEOUL_2018)
    renamed = [f"{name} (new)" if name == title else name for name in titles]
    with pytest.raises(SourceContractError, match=r"is declared as .* but the publisher writes .*\(new\)"):
        read((renamed, lines))


def test_the_column_of_another_year_is_not_taken_for_that_of_the_form(read: Any) -> None:
    titles, lines = form(2017, FORM_2017, ["31187", "2017", "2015-01-01 - 2015-12-31", "9", "3", "4"])
    of_2016 = cdp_emissions.FORMS[2016]["total"][0]
    with pytest.raises(SourceContractError, match=f"column of total .* writes .*{re.escape(of_2016[:20])}"):
        read(([of_2016 if title == TOTAL else title for title in titles], lines))


def test_a_row_of_another_reporting_year_breaks_the_contract(read: Any) -> None:
    with pytest.raises(SourceContractError, match="line 3 was reported in '2019', the file is of 2018"):
        read(form(2018, FORM_2018, SEOUL_2018, ["2019", *SEOUL_2018[1:]]))


def test_a_dataset_has_the_form_of_its_year(source: Source, snapshot_of: Any, years: Any) -> None:
    titles, lines = form(2018, FORM_2018, SEOUL_2018)
    text = "\n".join([",".join(titles), ",".join(lines[0])]).encode()
    url = "https://publisher.example/api/views/{}/rows.csv?accessType=DOWNLOAD"
    for year, fault in (
        (2019, "line 2 was reported in '2018', the file is of 2019"),
        (2020, "is declared as"),
    ):
        archived = iter([snapshot_of(text, url.format(source.datasets[year]))])
        with pytest.raises(SourceContractError, match=fault):
            list(cdp_emissions.read(source, archived, years(2000, 2021)))


def test_every_declared_dataset_has_a_form(source: Source) -> None:
    assert source.datasets.keys() == cdp_emissions.FORMS.keys()


def test_a_row_without_a_reporting_year_is_a_broken_contract(read: Any) -> None:
    with pytest.raises(SourceContractError, match="the reporting year is 'soon', which is none of"):
        read(form(2018, FORM_2018, ["soon", *SEOUL_2018[1:]]))


@pytest.mark.parametrize(("first", "reported"), [(2000, range(2016, 2022)), (2019, range(2019, 2022))])
def test_one_request_per_reporting_year_from_the_interval_on(
    source: Source, catalogue: Catalogue, publisher: Any, years: Any, first: int, reported: range
) -> None:
    requested = publisher(*[b"bytes"] * len(reported))
    cdp_emissions.fetch(source, catalogue, years(first, first), requested)
    assert requested.requests == [
        (f"/api/views/{source.datasets[year]}/rows.csv", {"accessType": "DOWNLOAD"}) for year in reported
    ]


def test_parts_and_total_have_the_same_unit(catalogue: Catalogue) -> None:
    related = [(i, part) for i in catalogue.indicators.values() for part in i.at_least]
    assert ("GHG_TOTAL", "GHG_SCOPE1") in {(total.id, part) for total, part in related}
    for total, part in related:
        assert catalogue.indicators[part].unit == total.unit


@pytest.mark.parametrize(
    ("scope_1", "scope_2", "shortfall"),
    [
        ("2", "1", {"total": 0, "scope_1": 0, "scope_2": 0}),
        ("3", "0", {"total": 0, "scope_1": 0, "scope_2": 0}),
        ("5", "1", {"total": 2, "scope_1": 2, "scope_2": 0}),
        ("5", "7", {"total": 4, "scope_1": 2, "scope_2": 4}),
        ("n/a", "7", {"total": 4, "scope_1": 0, "scope_2": 4}),
        ("", "1", {"total": 0, "scope_2": 0}),
    ],
)
def test_reports_the_shortfall_for_the_total_and_the_part(
    read: Any,
    source: Source,
    catalogue: Catalogue,
    years: Any,
    scope_1: str,
    scope_2: str,
    shortfall: dict[str, float],
) -> None:
    period = "2015-01-01 - 2015-12-31"
    same, other = ["31187", "2017", period, "3", scope_1, scope_2], ["31174", "2017", period, "9", "8", "1"]
    observations = normalise(
        read((FORM_2017, [same, other])), source, catalogue, years(2015, 2015)
    ).observations
    seoul = observations.query("ref_area == 'seoul'")
    codes = {series.indicator: series.code for series in source.series}
    assert dict(zip(seoul["indicator"].map(codes), seoul["shortfall"], strict=True)) == shortfall
    assert observations.query("ref_area == 'moscow'")["shortfall"].eq(0).all()
