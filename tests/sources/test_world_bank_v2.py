"""World Bank API v2: recorded answers of June 2021, and the faults its service is known for."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from city_indicators.catalog import Catalogue, Series, Source
from city_indicators.core.errors import SourceContractError, SourceUnavailableError
from city_indicators.core.intervals import Interval
from city_indicators.sources import world_bank_v2
from city_indicators.sources.records import Record

GDP = "GDP (current US$)"
HEADER = {"page": 1, "pages": 1, "per_page": 50, "sourceid": "2", "lastupdated": "2021-05-25"}
ROW = {
    "indicator": {"id": "NY.GDP.MKTP.CD", "value": GDP},
    "country": {"id": "JP", "value": "Japan"},
    "countryiso3code": "JPN",
    "date": "2019",
    "value": 5081769542379.77,
    "unit": "",
    "obs_status": "",
    "decimal": 0,
}


@pytest.fixture(scope="module")
def source(catalogue: Catalogue) -> Source:
    """The source with the two series of the recorded answers."""
    series = [
        Series(code=code, indicator="POP_COUNTRY", geo_basis="country", unit="PS")
        for code in ("NY.GDP.MKTP.CD", "SP.POP.TOTL")
    ]
    return catalogue.sources["world_bank"].model_copy(update={"series": series})


@pytest.fixture
def read(source: Source, snapshot_of: Any, years: Any) -> Callable[..., list[Record]]:
    def read_answers(*contents: bytes) -> list[Record]:
        archived = (snapshot_of(content) for content in contents)
        return list(world_bank_v2.read(source, archived, years(2018, 2019)))

    return read_answers


@pytest.fixture
def recorded(shared: Path) -> Callable[[str], bytes]:
    return lambda name: (shared / "recorded/worldbank" / f"TestIndicatorValuesService_{name}").read_bytes()


def answer(*rows: object, **header: object) -> bytes:
    return json.dumps([{**HEADER, "total": len(rows), **header}, list(rows)]).encode()


def page(number: int, count: int, **changes: object) -> bytes:
    """A page of one row."""
    row = {**ROW, "date": str(2000 + number)}
    return answer(row, **{"page": number, "pages": count, "per_page": 1, "total": count, **changes})


def without(*keys: str) -> dict[str, object]:
    return {key: value for key, value in ROW.items() if key not in keys}


def test_recorded_values_are_read_as_published(read: Any, recorded: Any) -> None:
    records = read(recorded("ListByCountryIDs__1.json"))
    assert [(r.area_code, r.time_period, r.value, r.title, r.pointer) for r in records] == [
        ("JPN", "2019", 5081769542379.77, GDP, "/1/0"),
        ("JPN", "2018", 4954806619995.19, GDP, "/1/1"),
    ]


def test_recorded_answer_of_several_indicators_without_source_ids_is_read(read: Any, recorded: Any) -> None:
    content = recorded("ListByCountryIDsAndSourceIDWithFootnote__0.json")
    assert json.loads(content)[0]["sourceid"] is None
    records = read(content)
    assert len(records) == 50
    assert [r.time_period for r in records] == [str(year) for year in range(2020, 1970, -1)]
    assert records[0].value is None
    assert records[49].value == 240151807460.241


def test_each_record_belongs_to_the_series_of_its_row(read: Any) -> None:
    population = {**ROW, "indicator": {"id": "SP.POP.TOTL", "value": "Population, total"}, "value": 126264931}
    records = read(answer(ROW, population))
    assert [(r.series.code, r.title) for r in records] == [
        ("NY.GDP.MKTP.CD", GDP),
        ("SP.POP.TOTL", "Population, total"),
    ]


def test_the_raw_row_holds_what_was_sent(read: Any) -> None:
    (record,) = read(answer({**ROW, "footnote": "оценка"}))
    assert json.loads(record.raw) == {**ROW, "footnote": "оценка"}


def test_recorded_aggregates_keep_the_code_that_is_not_ours(read: Any, recorded: Any) -> None:
    assert {record.area_code for record in read(recorded("List__1.json"))} == {"ARB"}


def test_an_aggregate_without_iso_code_is_identified_by_its_own_id(read: Any) -> None:
    aggregate = {**ROW, "country": {"id": "V4", "value": "Fragile situations"}, "countryiso3code": ""}
    (record,) = read(answer(aggregate))
    assert record.area_code == "V4"


@pytest.mark.parametrize(
    "name",
    [
        "List__3.json",
        "ListByCountryIDsAndSourceID__3.json",
        "ListByCountryIDsAndSourceIDWithFootnote__2.json",
    ],
)
def test_recorded_refusal_with_status_200_breaks_the_contract(read: Any, recorded: Any, name: str) -> None:
    with pytest.raises(
        SourceContractError, match=r"refuses the request.*The provided parameter value is not"
    ):
        read(recorded(name))


@pytest.mark.parametrize("name", ["ListBySourceID__3.txt", "ListByCountryIDsAndSourceIDWithFootnote__4.txt"])
def test_recorded_page_of_html_breaks_the_contract(read: Any, recorded: Any, name: str) -> None:
    content = recorded(name)
    assert content.startswith(b"\xef\xbb\xbf")
    with pytest.raises(SourceContractError, match=r"HTML or XML instead of JSON: '<\?xml"):
        read(content)


@pytest.mark.parametrize("rows", [b",null]", b",[]]", b"]"])
def test_an_answer_without_rows_has_no_records(read: Any, rows: bytes) -> None:
    assert read(b'[{"page":1,"pages":0,"per_page":50,"total":0}' + rows) == []


@pytest.mark.parametrize("kept", [0, 1, 100, 370, 542])
def test_truncated_json_is_transient_and_names_the_bytes(
    read: Any, recorded: Any, snapshot_of: Any, kept: int
) -> None:
    content = recorded("ListByCountryIDs__1.json")
    assert len(content) > kept
    with pytest.raises(SourceUnavailableError) as caught:
        read(content[:kept])
    assert "https://publisher.example/answer: JSON truncated at character" in str(caught.value)
    assert f"archived bytes {snapshot_of(content[:kept])[0].sha256}" in str(caught.value)


@pytest.mark.parametrize("content", [b"{}", b"[]", b"null", b'"maintenance"', b'[{"total":0}]', b"[1, 2, 3]"])
def test_json_of_another_shape_breaks_the_contract(read: Any, content: bytes) -> None:
    with pytest.raises(SourceContractError, match="neither data nor a message"):
        read(content)


@pytest.mark.parametrize("key", ["indicator", "countryiso3code", "date", "value"])
def test_reports_a_row_without_a_key_by_its_json_pointer(read: Any, key: str) -> None:
    with pytest.raises(SourceContractError, match=rf"/1/1 lacks \['{key}'\]"):
        read(answer(ROW, without(key)))


@pytest.mark.parametrize(
    "row",
    [
        None,
        "row",
        {**ROW, "indicator": None},
        {**ROW, "indicator": {"id": "SP.POP.TOTL"}},
        {**without("country"), "countryiso3code": ""},
    ],
    ids=["null", "text", "no indicator", "no title", "no country at all"],
)
def test_reports_a_row_of_another_shape_by_its_json_pointer(read: Any, row: object) -> None:
    with pytest.raises(SourceContractError, match="/1/1"):
        read(answer(ROW, row))


def test_a_series_that_was_not_requested_breaks_the_contract(read: Any) -> None:
    other = {**ROW, "indicator": {"id": "EN.ATM.CO2E.PC", "value": "CO2 emissions"}}
    with pytest.raises(
        SourceContractError, match=r"/1/1 is of the series 'EN.ATM.CO2E.PC', which was not requested"
    ):
        read(answer(ROW, other))


def test_requests_all_pages_of_all_series(
    source: Source, catalogue: Catalogue, publisher: Any, years: Callable[[int, int], Interval]
) -> None:
    publisher = publisher(page(1, 3), page(2, 3), page(3, 3), page(1, 1))
    snapshots = world_bank_v2.fetch(source, catalogue, years(2000, 2025), publisher)
    countries = ";".join(catalogue.countries)
    assert [(path, params["page"]) for path, params in publisher.requests] == [
        (f"/v2/country/{countries}/indicator/NY.GDP.MKTP.CD", "1"),
        (f"/v2/country/{countries}/indicator/NY.GDP.MKTP.CD", "2"),
        (f"/v2/country/{countries}/indicator/NY.GDP.MKTP.CD", "3"),
        (f"/v2/country/{countries}/indicator/SP.POP.TOTL", "1"),
    ]
    assert {params["date"] for _, params in publisher.requests} == {"2000:2025"}
    assert {params["format"] for _, params in publisher.requests} == {"json"}
    assert len(snapshots) == 4


@pytest.mark.parametrize("change", [{"lastupdated": "2021-05-26"}, {"pages": 4, "total": 4}])
def test_a_series_that_changes_while_it_is_read_is_requested_again(
    source: Source, catalogue: Catalogue, publisher: Any, years: Any, change: dict[str, object]
) -> None:
    publisher = publisher(page(1, 3), page(2, 3, **change))
    with pytest.raises(SourceUnavailableError, match="it changed from one page to the next"):
        world_bank_v2.fetch(source, catalogue, years(2020, 2020), publisher)


def test_a_page_that_is_sent_again_for_the_next_one_breaks_the_contract(
    source: Source, catalogue: Catalogue, publisher: Any, years: Any
) -> None:
    with pytest.raises(SourceContractError, match="requested page 2, the answer is page 1"):
        world_bank_v2.fetch(source, catalogue, years(2020, 2020), publisher(page(1, 2), page(1, 2)))


def test_the_same_rows_under_another_page_number_break_the_contract(
    source: Source, catalogue: Catalogue, publisher: Any, years: Any
) -> None:
    repeated = answer({**ROW, "date": "2001"}, page=2, pages=2, per_page=1, total=2)
    with pytest.raises(SourceContractError, match="/1/0 repeats a row of page 1"):
        world_bank_v2.fetch(source, catalogue, years(2020, 2020), publisher(page(1, 2), repeated))


def test_a_billion_pages_are_refused_after_the_first(
    source: Source, catalogue: Catalogue, publisher: Any, years: Any
) -> None:
    publisher = publisher(page(1, 1_000_000_000))
    with pytest.raises(SourceContractError, match="1000000000 pages of 1000000000 rows, more than"):
        world_bank_v2.fetch(source, catalogue, years(2020, 2020), publisher)
    assert len(publisher.requests) == 1


@pytest.mark.parametrize("kept", [[1, 2], [1, 3], [2, 3], [3]])
def test_archived_pages_of_which_one_is_missing_break_the_contract(
    source: Source, snapshot_of: Any, years: Any, kept: list[int]
) -> None:
    url = "https://publisher.example/v2/country/JP/indicator/NY.GDP.MKTP.CD?per_page=1&page={}"
    archived = [snapshot_of(page(number, 3), url.format(number)) for number in kept]
    missing = sorted({1, 2, 3} - set(kept))
    with pytest.raises(
        SourceContractError, match=rf"the pages {re.escape(str(missing))} of this request are"
    ):
        list(world_bank_v2.read(source, iter(archived), years(2000, 2020)))


def test_a_changed_title_is_named_with_the_declared_one(
    catalogue: Catalogue, snapshot_of: Any, years: Any
) -> None:
    row = {**ROW, "indicator": {"id": "SP.URB.TOTL.IN.ZS", "value": "Urban population (per mille)"}}
    with pytest.raises(
        SourceContractError,
        match=r"title of SP.URB.TOTL.IN.ZS is declared as 'Urban population \(% of total population\)', but "
        r"the publisher writes 'Urban population \(per mille\)'.*update the declaration",
    ):
        list(
            world_bank_v2.read(
                catalogue.sources["world_bank"], iter([snapshot_of(answer(row))]), years(2000, 2020)
            )
        )


def test_every_declared_series_pins_its_title(catalogue: Catalogue) -> None:
    for series in catalogue.sources["world_bank"].series:
        assert series.titles
        for part in series.unit_by_title or ():
            assert any(part in title for title in series.titles)


def test_a_unit_where_there_was_none_breaks_the_contract(read: Any) -> None:
    with pytest.raises(SourceContractError, match="is declared as '', but the publisher writes '1000 US"):
        read(answer({**ROW, "unit": "1000 US$"}))


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"country": {"id": "JP", "value": "Jordan"}}, "the code 'JPN' is named 'Jordan', not JP or Japan"),
        ({"country": {"id": "JO", "value": "Japan"}}, "the code 'JPN' is named 'JO', not JP or Japan"),
        ({"countryiso3code": "CHN"}, "the code 'CHN' is named 'JP', not CN or China"),
        ({"countryiso3code": "JOR"}, "'JP' has the code 'JOR', not 'JPN'"),
        ({"countryiso3code": ""}, "'JP' has the code 'JP', not 'JPN'"),
    ],
)
def test_a_country_whose_names_and_codes_differ_breaks_the_contract(
    read: Any, change: dict[str, object], fault: str
) -> None:
    with pytest.raises(SourceContractError, match=f"/1/0: {fault}"):
        read(answer({**ROW, **change}))


def test_requests_an_empty_series_once(
    source: Source, catalogue: Catalogue, publisher: Any, years: Callable[[int, int], Interval]
) -> None:
    publisher = publisher(*[b'[{"page":1,"pages":0,"per_page":50,"total":0},null]'] * 2)
    assert len(world_bank_v2.fetch(source, catalogue, years(2020, 2020), publisher)) == 2


def test_a_refusal_stops_the_fetch_at_once(
    source: Source, catalogue: Catalogue, publisher: Any, years: Callable[[int, int], Interval], recorded: Any
) -> None:
    publisher = publisher(recorded("List__3.json"))
    with pytest.raises(SourceContractError, match="refuses the request"):
        world_bank_v2.fetch(source, catalogue, years(2020, 2020), publisher)
    assert len(publisher.requests) == 1


def test_the_price_base_of_the_sent_title_decides_the_unit(catalogue: Catalogue) -> None:
    (gdp,) = [s for s in catalogue.sources["world_bank"].series if s.code == "NY.GDP.PCAP.PP.KD"]
    assert gdp.units == {"INTL_USD_2017", "INTL_USD_2021"}


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-Infinity"])
def test_what_is_no_number_of_json_stays_a_text_for_the_rules(read: Any, value: str) -> None:
    content = answer({**ROW, "value": float(value)})
    assert f'"value": {value}'.encode() in content
    assert [record.value for record in read(content)] == [value]
