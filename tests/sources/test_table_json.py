"""Tables as JSON: arrays of rows, complete or in pages, in the formats of Socrata and data.mos.ru."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from city_indicators.catalog import Catalogue, Source
from city_indicators.catalog.source import Layout, Paging, Series
from city_indicators.core.errors import SourceContractError, SourceUnavailableError
from city_indicators.ingest.normalise import Normalised, normalise
from city_indicators.sources import table
from city_indicators.sources.records import Record
from demo.mock_sources import json_pages

LAYOUT = {"kind": "json", "country": "country", "place": "city", "period": "year"}
SERIES = {"code": "km", "indicator": "METRO_KM", "geo_basis": "city", "unit": "KM", "column": "km"}
# Socrata writes numbers as texts, and omits nulls.
TOKYO = {"country": "Japan", "city": "Tokyo", "year": "2020", "km": "304.1"}
PARIS = {"country": "France", "city": "Paris", "year": "2020"}
LONDON = {"country": "United Kingdom", "city": "London", "year": 2020, "km": 402}


@pytest.fixture
def source(catalogue: Catalogue) -> Callable[..., Source]:
    """A source of one JSON table with one series; everything but `series` and `areas` changes the layout."""

    def make(
        series: dict[str, Any] | None = None, areas: dict[str, str] | None = None, **layout: Any
    ) -> Source:
        changes = {
            "path": "/resource/abcd-1234.json",
            "layout": Layout.model_validate({**LAYOUT, **layout}),
            "series": [Series.model_validate({**SERIES, **(series or {})})],
            "places": {},
            "areas": areas,
            "points": None,
        }
        return catalogue.sources["un_wup"].model_copy(update=changes)

    return make


@pytest.fixture
def read(source: Any, snapshot_of: Any, years: Any) -> Callable[..., list[Record]]:
    def read_pages(*pages: Any, **changes: Any) -> list[Record]:
        contents = [page if isinstance(page, bytes) else json.dumps(page).encode() for page in pages]
        archived = iter(
            [snapshot_of(content, f"https://publisher.example/{n}") for n, content in enumerate(contents)]
        )
        return list(table.read(source(**changes), archived, years(2020, 2020)))

    return read_pages


@pytest.fixture
def normalised(read: Any, source: Any, catalogue: Catalogue, years: Any) -> Callable[..., Normalised]:
    def normalise_pages(*pages: Any, **changes: Any) -> Normalised:
        return normalise(read(*pages, **changes), source(**changes), catalogue, years(2000, 2026))

    return normalise_pages


def observations(records: list[Record]) -> list[tuple[str | None, str, str, Any]]:
    return [(r.country, r.area_code, r.time_period, r.value) for r in records]


def test_an_object_of_the_array_is_a_record_as_published(read: Any) -> None:
    assert observations(read([TOKYO, LONDON])) == [
        ("Japan", "Tokyo", "2020", "304.1"),
        ("United Kingdom", "London", "2020", 402),
    ]


def test_a_key_that_a_row_lacks_is_an_empty_cell(read: Any, normalised: Any) -> None:
    assert [r.value for r in read([PARIS, TOKYO])] == [None, "304.1"]
    assert normalised([PARIS, TOKYO]).empty_cells == 1


def test_a_key_that_only_a_later_page_has_is_a_column(read: Any) -> None:
    assert [r.value for r in read([PARIS], [TOKYO])] == [None, "304.1"]


def test_a_key_that_all_rows_of_all_pages_lack_breaks_the_contract(read: Any) -> None:
    with pytest.raises(SourceContractError, match="a column is declared as 'km', but the publisher writes"):
        read([PARIS], [{**PARIS, "city": "Lyon"}])


def test_a_longer_key_is_not_taken_for_the_one_that_all_rows_lack(read: Any) -> None:
    with pytest.raises(SourceContractError, match="a column is declared as 'km'"):
        read([{**PARIS, "km_planned": 500}])


def test_an_answer_without_rows_has_no_records(read: Any) -> None:
    assert read([]) == []
    assert read() == []


def test_a_record_leads_back_to_page_row_and_key_as_a_json_pointer(read: Any) -> None:
    pages = ({"data": {"rows": [TOKYO]}}, {"data": {"rows": [PARIS, {**LONDON, "km/year~": 1}]}})
    records = read(*pages, records="data.rows", series={"column": "km/year~"})
    assert [(r.snapshot.url[-1], r.pointer) for r in records] == [
        ("0", "/data/rows/0/km~1year~0"),
        ("1", "/data/rows/0/km~1year~0"),
        ("1", "/data/rows/1/km~1year~0"),
    ]
    assert json.loads(records[1].raw) == PARIS


@pytest.mark.parametrize(
    ("answer", "fault"),
    [
        ({"error": True, "message": "dataset.missing"}, "no array of rows at the top: .*dataset.missing"),
        (["Tokyo"], "no row at /0 but .*Tokyo"),
        ([[1, 2]], "no row at /0"),
    ],
)
def test_an_answer_that_is_no_array_of_objects_breaks_the_contract(
    read: Any, answer: Any, fault: str
) -> None:
    with pytest.raises(SourceContractError, match=fault):
        read(answer)


def test_a_place_of_rows_that_is_missing_is_named(read: Any) -> None:
    with pytest.raises(SourceContractError, match="no 'rows' at /data"):
        read({"data": {"items": []}}, records="data.rows")


def test_bytes_that_are_no_json(read: Any) -> None:
    with pytest.raises(SourceContractError, match=r"a page of HTML or XML instead of JSON: .*Maintenance"):
        read(b"\n<!doctype html><title>Maintenance</title>")
    with pytest.raises(SourceContractError, match="the bytes are not utf-8-sig"):
        read('[{"city": "Orléans"}]'.encode("latin-1"))
    with pytest.raises(SourceUnavailableError, match="JSON truncated at character"):
        read(json.dumps([TOKYO]).encode()[:-3])


def test_where_unless_and_sums_work_as_on_other_tables(read: Any) -> None:
    rows = [{**TOKYO, "line": "Toei", "km": 109}, {**TOKYO, "line": "Metro", "km": "195.1"}, LONDON]
    (tokyo,) = read(rows, where={"country": ["Japan"]}, series={"combine": "sum"})
    assert (tokyo.value, tokyo.pointer) == (304.1, "/0/km + /1/km")
    assert [r.value for r in read(rows, series={"unless": {"line": ["Toei"]}})] == ["195.1", 402]


def test_a_cell_that_is_an_object_is_no_number(normalised: Any) -> None:
    (row,) = normalised([{**TOKYO, "km": {"amount": 1}}]).observations.to_dict("records")
    assert row["obs_value"] != row["obs_value"]
    assert "amount" in row["value_as_published"]


SODA = {"limit": "$limit", "offset": "$offset", "size": 2}
NUMBERED = {"limit": "limit", "page": "page", "size": 2}


@pytest.fixture
def fetch(source: Any, catalogue: Catalogue, publisher: Any, years: Any) -> Callable[..., Any]:
    """The requests and the number of snapshots when pages are answered in order."""

    def fetch_pages(*pages: Any, **layout: Any) -> tuple[list[dict[str, str]], int]:
        answers = publisher(*[json.dumps(page).encode() for page in pages])
        snapshots = table.fetch(source(**layout), catalogue, years(2020, 2020), answers)
        assert {path for path, _ in answers.requests} == {"/resource/abcd-1234.json"}
        assert answers.answers == []
        return [params for _, params in answers.requests], len(snapshots)

    return fetch_pages


def test_requests_pages_by_offset_until_one_is_shorter(fetch: Any) -> None:
    pages = ([TOKYO, PARIS], [LONDON, TOKYO], [PARIS])
    assert fetch(*pages, paging=SODA, query={"$order": ":id"}) == (
        [{"$order": ":id", "$limit": "2", "$offset": offset} for offset in ("0", "2", "4")],
        3,
    )


def test_requests_pages_by_number_from_1_on(fetch: Any) -> None:
    assert fetch([TOKYO, PARIS], [LONDON], paging=NUMBERED) == (
        [{"limit": "2", "page": "1"}, {"limit": "2", "page": "2"}],
        2,
    )


def test_an_empty_page_after_full_ones_is_the_last_and_is_archived(fetch: Any) -> None:
    assert fetch([TOKYO, PARIS], [], paging=SODA)[1] == 2


def test_without_paging_sends_one_request_with_the_query(fetch: Any) -> None:
    assert fetch([TOKYO, PARIS, LONDON], query={"format": "json"}) == ([{"format": "json"}], 1)


def test_a_service_that_ignores_the_offset_breaks_the_contract(fetch: Any) -> None:
    with pytest.raises(SourceContractError, match=r"page 2 repeats page 1:.*offset.*is ignored"):
        fetch([TOKYO, PARIS], [TOKYO, PARIS], paging=SODA)


def test_a_service_that_ignores_the_limit_breaks_the_contract(fetch: Any) -> None:
    with pytest.raises(SourceContractError, match=r"3 rows on a page of 2: '\$limit' is ignored"):
        fetch([TOKYO, PARIS, LONDON], paging=SODA)


def test_a_row_that_moves_to_the_next_page_is_rejected_as_a_repeat(normalised: Any) -> None:
    assert normalised([LONDON, TOKYO], [TOKYO]).observations["occurrence"].tolist() == [1, 1, 2]


@pytest.mark.parametrize("wrong", [{"limit": "l", "size": 1}, {**SODA, "page": "p"}])
def test_paging_counts_either_rows_or_pages(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="give either `offset` or `page`"):
        Paging.model_validate(wrong)


def test_only_json_has_pages() -> None:
    with pytest.raises(ValueError, match="need `kind: json`"):
        Layout.model_validate({**LAYOUT, "kind": "csv", "paging": SODA})


# Two stations and the year 2024 in rows as data.mos.ru sends them; the values are made up, the keys are real.
QUARTERS = ["I квартал", "II квартал", "III квартал", "IV квартал"]


def station(number: int, name: str, year: int, quarter: str, incoming: int | None) -> dict[str, Any]:
    cells = {
        "global_id": 1000 + number,
        "NameOfStation": name,
        "Line": "Сокольническая линия",
        "Year": year,
        "Quarter": quarter,
        "IncomingPassengers": incoming,
        "OutgoingPassengers": 7,
    }
    return {"global_id": 1000 + number, "Number": number, "Cells": cells}


def year_of(year: int, quarters: list[str]) -> list[dict[str, Any]]:
    names = ["Сокольники", "Лубянка"]
    return [
        station(10 * n + m, name, year, quarter, 1000000 * (n + 1) + m)
        for n, quarter in enumerate(quarters)
        for m, name in enumerate(names)
    ]


@pytest.fixture
def moscow(catalogue: Catalogue, snapshot_of: Any, years: Any) -> Callable[..., Normalised]:
    """The shipped source of data.mos.ru on pages of rows."""

    def normalise_pages(*pages: Any) -> Normalised:
        source = catalogue.sources["data_mos_ru"]
        archived = iter([snapshot_of(json.dumps(page).encode()) for page in pages])
        records = table.read(source, archived, years(2021, 2026))
        return normalise(records, source, catalogue, years(2021, 2026))

    return normalise_pages


def test_four_quarters_of_all_stations_are_a_year_of_moscow(moscow: Any) -> None:
    rows = year_of(2024, QUARTERS)
    (row,) = moscow(rows[:3], rows[3:]).observations.to_dict("records")
    # 2 x (1 + 2 + 3 + 4) million, and 1 more in each quarter at the second station.
    assert row["obs_value"] == 20_000_004
    assert (row["ref_area"], row["indicator"], row["time_period"]) == ("moscow", "METRO_ENTRIES", "2024")
    assert (row["unit_measure"], row["geo_basis"]) == ("ENTRIES", "city")
    assert row["pointer"].startswith("/0/Cells/IncomingPassengers + /1/Cells/IncomingPassengers")


@pytest.mark.parametrize("missing", QUARTERS)
def test_three_quarters_are_no_year(moscow: Any, missing: str) -> None:
    result = moscow(year_of(2026, [quarter for quarter in QUARTERS if quarter != missing]))
    assert result.observations.empty
    assert result.empty_cells == 1


def test_a_station_without_a_value_leaves_the_year_unknown(moscow: Any) -> None:
    result = moscow([*year_of(2024, QUARTERS), station(99, "Спортивная", 2024, QUARTERS[0], None)])
    assert result.observations.empty
    assert result.empty_cells == 1


def test_rows_without_cells_break_the_contract(moscow: Any) -> None:
    with pytest.raises(SourceContractError, match="no 'Cells' at /0"):
        moscow([{"global_id": 1, "Number": 1}])


def test_requests_pages_of_data_mos_ru_without_the_key(
    catalogue: Catalogue, publisher: Any, years: Any
) -> None:
    publisher = publisher(json.dumps(year_of(2024, QUARTERS)).encode())
    table.fetch(catalogue.sources["data_mos_ru"], catalogue, years(2024, 2024), publisher)
    query = {"$orderby": "global_id", "$top": "1000", "$skip": "0"}
    assert publisher.requests == [("/v1/datasets/62743/rows", query)]


def test_completeness_works_for_months_too(read: Any) -> None:
    rows = [{**TOKYO, "month": month, "km": 1} for month in ("январь", "февраль")]
    twelve = {"combine": "sum", "complete": {"month": ["январь", "февраль", "март"]}}
    assert [r.value for r in read(rows, series=twelve)] == [None]
    assert [r.value for r in read([*rows, {**TOKYO, "month": "март", "km": 1}], series=twelve)] == [3]


def test_only_joined_rows_have_completeness() -> None:
    with pytest.raises(ValueError, match="give `combine` too"):
        Series.model_validate({**SERIES, "complete": {"month": ["январь"]}})


def test_a_table_of_one_place_names_only_that_place(source: Any, catalogue: Catalogue) -> None:
    declared = catalogue.sources["data_mos_ru"].model_dump(by_alias=True)
    assert Source.model_validate(declared).areas == {"Moscow": "moscow"}
    with pytest.raises(ValueError, match="name only that place in `areas`"):
        Source.model_validate({**declared, "areas": {"Moscow": "moscow", "Kazan": "kazan"}})


@pytest.mark.parametrize("paging", [SODA, NUMBERED])
def test_the_mock_server_serves_the_requested_pages(
    source: Any,
    catalogue: Catalogue,
    snapshot_of: Any,
    years: Any,
    monkeypatch: pytest.MonkeyPatch,
    paging: dict[str, Any],
) -> None:
    import pandas as pd

    sample = pd.DataFrame([TOKYO, PARIS, {**LONDON, "year": "2020", "km": "402"}]).fillna("")
    monkeypatch.setattr(json_pages, "load_table", lambda _: sample)
    stated = source(records="data", row="Cells", paging=paging)
    app = FastAPI()
    app.include_router(json_pages.router(stated))
    client = TestClient(app)
    answers = []

    def get_page(path: str, params: Any) -> Any:
        answers.append(snapshot_of(client.get(path, params=params).content))
        return answers[-1]

    assert len(table.fetch(stated, catalogue, years(2020, 2020), get_page)) == 2
    records = list(table.read(stated, iter(answers), years(2020, 2020)))
    assert [(r.area_code, r.value) for r in records] == [
        ("Tokyo", "304.1"),
        ("Paris", None),
        ("London", "402"),
    ]
