"""Tables as files: small tables in every layout, and tables damaged one thing at a time."""

import io
import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from city_indicators.catalog import Catalogue, Source
from city_indicators.catalog.source import Layout, Series
from city_indicators.core.errors import SourceContractError
from city_indicators.ingest.normalise import Normalised, normalise
from city_indicators.sources import table
from city_indicators.sources.records import Record

HEADER = "country,city,year,line,km\n"
TABLE = HEADER + "Japan,Tokyo,2020,Toei,109\nJapan,Tokyo,2020,Metro,195.1\nFrance,Paris,2020,Métro,226.9\n"
LAYOUT = {"kind": "csv", "country": "country", "place": "city", "period": "year"}
SERIES = {"code": "km", "indicator": "POP_COUNTRY", "geo_basis": "country", "unit": "PS", "column": "km"}


@pytest.fixture
def source(catalogue: Catalogue) -> Callable[..., Source]:
    """A source of one table with one series; `series` changes the series, everything else the layout."""

    def make(series: dict[str, Any] | None = None, **layout: Any) -> Source:
        changes = {
            "layout": Layout.model_validate({**LAYOUT, **layout}),
            "series": [Series.model_validate({**SERIES, **(series or {})})],
            "places": {},
            "areas": None,
            "points": None,
        }
        return catalogue.sources["un_wup"].model_copy(update=changes)

    return make


@pytest.fixture
def read(source: Any, snapshot_of: Any, years: Any) -> Callable[..., list[Record]]:
    def read_table(content: str | bytes, **changes: Any) -> list[Record]:
        archived = iter([snapshot_of(content.encode() if isinstance(content, str) else content)])
        return list(table.read(source(**changes), archived, years(2020, 2020)))

    return read_table


@pytest.fixture
def normalised(read: Any, source: Any, catalogue: Catalogue, years: Any) -> Callable[..., Normalised]:
    def normalise_table(content: str, **changes: Any) -> Normalised:
        records = read(content, **changes)
        return normalise(records, source(**changes), catalogue, years(2020, 2020))

    return normalise_table


def workbook(*rows: list[Any], header_row: int = 1, sheet: str = "Data", first: str | None = None) -> bytes:
    """A workbook with `rows` from `header_row` on; `first` names a sheet before theirs."""
    from openpyxl import Workbook

    book = Workbook()
    page = book.worksheets[0]
    if first:
        page.title = first
        page = book.create_sheet()
    page.title = sheet
    for number, row in enumerate(rows, header_row):
        for column, cell in enumerate(row, 1):
            page.cell(number, column, cell)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


TITLES = ["country", "city", "year", "km"]
TOKYO = ["Japan", "Tokyo", 2020, 316.3]


def observations(records: list[Record]) -> list[tuple[str | None, str, str, Any]]:
    return [(r.country, r.area_code, r.time_period, r.value) for r in records]


def test_a_row_of_csv_is_a_record_as_published(read: Any) -> None:
    assert observations(read(TABLE)) == [
        ("Japan", "Tokyo", "2020", "109"),
        ("Japan", "Tokyo", "2020", "195.1"),
        ("France", "Paris", "2020", "226.9"),
    ]


def test_a_record_has_line_column_and_the_complete_row(read: Any) -> None:
    paris = read(TABLE)[2]
    assert paris.pointer == "line 4/km"
    assert TABLE.splitlines()[3] == "France,Paris,2020,Métro,226.9"
    assert json.loads(paris.raw) == {
        "country": "France",
        "city": "Paris",
        "year": "2020",
        "line": "Métro",
        "km": "226.9",
    }


def test_lines_are_counted_as_an_editor_counts_them(read: Any) -> None:
    content = HEADER + '\nJapan,"Tokyo\nTo",2020,Toei,109\nFrance,Paris,2020,Métro,226.9\n'
    assert [r.pointer for r in read(content)] == ["line 4/km", "line 5/km"]


def test_a_row_of_a_workbook_is_a_record_with_sheet_and_row(read: Any) -> None:
    (record,) = read(workbook(TITLES, TOKYO), kind="workbook", sheet="Data")
    assert observations([record]) == [("Japan", "Tokyo", "2020", 316.3)]
    assert record.pointer == "Data!2/km"


@pytest.mark.parametrize("header_row", [2, 5])
def test_a_header_further_down_is_found_in_a_workbook(read: Any, header_row: int) -> None:
    content = workbook(TITLES, TOKYO, header_row=header_row)
    (record,) = read(content, kind="workbook", sheet="Data", header_row=header_row)
    assert (record.value, record.pointer) == (316.3, f"Data!{header_row + 1}/km")


def test_a_header_further_down_is_found_in_csv(read: Any) -> None:
    assert len(read("List of metro systems\n" + TABLE, header_row=2)) == 3


def test_without_a_name_the_first_sheet_is_read(read: Any) -> None:
    (record,) = read(workbook(TITLES, TOKYO, sheet="SDG 2031"), kind="workbook")
    assert record.pointer == "1!2/km"


def test_the_named_sheet_is_read_even_if_it_is_not_the_first(read: Any) -> None:
    content = workbook(TITLES, TOKYO, first="Metadata")
    assert len(read(content, kind="workbook", sheet="Data")) == 1


@pytest.mark.parametrize("number", [643, 643.0, "643"])
def test_integer_place_codes_have_no_decimal_point(read: Any, number: object) -> None:
    content = workbook(TITLES, [number, "Moskva (Moscow)", 2020.0, 1])
    assert observations(read(content, kind="workbook")) == [("643", "Moskva (Moscow)", "2020", 1)]


def test_a_place_may_be_a_code_without_a_country(read: Any) -> None:
    (record,) = read(workbook(["City Code", "year", "km"], ["RU_MOSKVA", 2020, 1]), kind="workbook",
                     place="City Code", country=None)  # fmt: skip
    assert observations([record]) == [(None, "RU_MOSKVA", "2020", 1)]


def test_a_table_of_one_year_takes_it_from_its_layout(read: Any) -> None:
    assert {r.time_period for r in read(TABLE, period=2023)} == {"2023"}


def test_a_column_of_one_year_takes_it_from_its_series(read: Any) -> None:
    assert {r.time_period for r in read(TABLE, period=None, series={"period": 1990})} == {"1990"}


@pytest.mark.parametrize("title", ["share (%) [a]", " share\u200b \n(%)\u00a0[a] "])
def test_invisible_characters_change_no_title(read: Any, title: str) -> None:
    content = workbook(["country", "city", "year", title], TOKYO)
    assert [r.value for r in read(content, kind="workbook", series={"column": "share (%) [a]"})] == [316.3]


@pytest.mark.parametrize("title", ["share (‰) [a]", "share (%) [b]", "share (%)", "share"])
def test_another_title_is_named_with_the_declared_one(read: Any, title: str) -> None:
    content = workbook(["country", "city", "year", title], TOKYO)
    with pytest.raises(
        SourceContractError,
        match=r"a column is declared as 'share \(%\) \[a\]', but the publisher writes "
        rf"\['{re.escape(title)}'.*update the declaration",
    ):
        read(content, kind="workbook", series={"column": "share (%) [a]"})


def test_a_row_in_another_unit_than_declared_breaks_the_contract(read: Any) -> None:
    text = "country,city,year,km,unit\nJapan,Tokyo,2020,316.3,km\nFrance,Paris,2020,226.9,{}\n"
    declared = {"unit": "unit", "series": {"unit_text": "km"}}
    assert [r.value for r in read(text.format("km"), **declared)] == ["316.3", "226.9"]
    with pytest.raises(
        SourceContractError, match="the unit of line 3 is declared as 'km', but the publisher writes 'mi'"
    ):
        read(text.format("mi"), **declared)


def test_a_title_that_is_the_beginning_of_another_is_not_ambiguous(read: Any) -> None:
    content = "country,city,year,km of the plan,km\nJapan,Tokyo,2020,400,316.3\n"
    assert [r.value for r in read(content)] == ["316.3"]


def test_a_column_twice_breaks_the_contract(read: Any) -> None:
    with pytest.raises(SourceContractError, match=r"'km', but the publisher writes \['km', 'km'\]"):
        read("country,city,year,km,km\nJapan,Tokyo,2020,316.3,300\n")


@pytest.mark.parametrize("missing", ["country", "city", "year", "km"])
def test_a_missing_column_is_named(read: Any, missing: str) -> None:
    with pytest.raises(SourceContractError, match=f"a column is declared as '{missing}'"):
        read(TABLE.replace(missing, "renamed"))


def test_an_empty_cell_is_no_zero(read: Any) -> None:
    content = HEADER + "Japan,Tokyo,2020,Toei, \nFrance,Paris,2020,Métro,0\n"
    assert [r.value for r in read(content)] == [None, "0"]


def test_footnotes_below_a_csv_are_not_read_however_ragged(read: Any) -> None:
    content = TABLE + "footnoteSeqID,Footnote\n1,Excludes tram,2\n"
    assert len(read(content, footnotes_from="footnoteSeqID")) == 3
    with pytest.raises(SourceContractError, match="line 5 has 2 fields, the header 5"):
        read(content)


def test_footnotes_below_a_workbook_are_not_read(read: Any) -> None:
    content = workbook(TITLES, TOKYO, ["Notes:"], ["Japan", "Osaka", 2020, 1])
    assert observations(read(content, kind="workbook", footnotes_from="Notes:")) == [
        ("Japan", "Tokyo", "2020", 316.3)
    ]


def test_where_of_the_layout_takes_rows_with_one_of_the_texts(read: Any) -> None:
    assert [r.value for r in read(TABLE, where={"line": ["Toei", "Métro"]})] == ["109", "226.9"]


def test_where_of_the_series_narrows_that_of_the_layout(read: Any) -> None:
    rows = read(TABLE, where={"country": ["Japan"]}, series={"where": {"line": ["Metro", "Métro"]}})
    assert [r.value for r in rows] == ["195.1"]


def test_where_names_a_column_that_must_exist(read: Any) -> None:
    with pytest.raises(SourceContractError, match="a column is declared as 'operator'"):
        read(TABLE, where={"operator": ["Toei"]})


def test_the_parts_of_a_place_and_year_are_summed_and_all_of_them_can_be_found(read: Any) -> None:
    tokyo, paris = read(TABLE, series={"combine": "sum"})
    assert (tokyo.value, paris.value) == (304.1, 226.9)
    assert tokyo.pointer == "line 2/km + line 3/km"
    assert [part["line"] for part in json.loads(tokyo.raw)] == ["Toei", "Metro"]


@pytest.mark.parametrize(
    ("statuses", "expected"),
    [
        (("observed", "observed"), "A"),
        (("observed", "estimated"), "E"),
        (("estimated", "observed"), "E"),
        (("observed", "projected", "estimated"), "F"),
    ],
)
def test_a_sum_has_the_status_of_its_first_part_that_is_not_observed(
    read: Any, statuses: tuple[str, ...], expected: str
) -> None:
    lines = [f"Japan,Tokyo,2020,line {n},1,{status}\n" for n, status in enumerate(statuses)]
    (tokyo,) = read(
        "country,city,year,line,km,status\n" + "".join(lines),
        series={"combine": "sum"},
        obs_status="status",
        statuses={"observed": "A", "estimated": "E", "projected": "F"},
    )
    assert (tokyo.series.obs_status, tokyo.value) == (expected, len(statuses))


def test_places_of_the_same_name_in_two_countries_are_not_summed(read: Any) -> None:
    content = HEADER + "United Kingdom,London,2020,Tube,402\nCanada,London,2020,Bus,1\n"
    assert [r.value for r in read(content, series={"combine": "sum"})] == [402, 1]


def test_years_are_not_summed(read: Any) -> None:
    content = HEADER + "Japan,Tokyo,2020,Toei,109\nJapan,Tokyo,2021,Toei,110\n"
    assert [r.value for r in read(content, series={"combine": "sum"})] == [109, 110]


def test_a_sum_does_not_gather_the_errors_of_binary_fractions(read: Any) -> None:
    content = HEADER + "Japan,Tokyo,2020,Toei,0.1\n" * 10
    assert [r.value for r in read(content, series={"combine": "sum"})] == [1.0]


def test_a_sum_with_an_unknown_part_is_unknown(read: Any) -> None:
    content = HEADER + "Japan,Tokyo,2020,Toei,109\nJapan,Tokyo,2020,Metro,\n"
    (tokyo,) = read(content, series={"combine": "sum"})
    assert tokyo.value is None
    assert tokyo.pointer == "line 2/km + line 3/km"


def test_a_sum_with_a_part_that_is_no_number_shows_that_part(normalised: Any) -> None:
    content = HEADER + "Japan,Tokyo,2020,Toei,109\nJapan,Tokyo,2020,Metro,195 km\n"
    (row,) = normalised(content, series={"combine": "sum"}).observations.to_dict("records")
    assert row["value_as_published"] == "195 km"
    assert row["obs_value"] != row["obs_value"]


def test_a_place_that_we_count_to_another_country_is_found_there(normalised: Any) -> None:
    content = HEADER + "China,Hong Kong,2020,MTR,209\nChina,Shanghai,2020,Metro,795.5\n"
    result = normalised(content, other_country={"China": {"Hong Kong": "HKG"}})
    assert result.observations["ref_area"].tolist() == ["hong-kong", "shanghai"]
    assert result.unmatched == {}


def test_a_place_is_looked_up_in_another_country_only_by_the_layout(normalised: Any) -> None:
    result = normalised(HEADER + "China,Hong Kong,2020,MTR,209\n")
    assert result.observations.empty
    assert result.unmatched == {("CHN", "Hong Kong"): 1}


@pytest.mark.parametrize(
    ("lines", "line"),
    [("Japan,Tokyo,2020,Toei\n", 4), ("Japan,Tokyo,2020,Toei,109,\n", 4), ("\n\nJapan\n", 6)],
)
def test_reports_a_ragged_line_with_its_number(read: Any, lines: str, line: int) -> None:
    start = HEADER + "Japan,Tokyo,2020,Toei,109\n" * 2
    with pytest.raises(SourceContractError, match=rf"line {line} has \d fields, the header 5"):
        read(start + lines)


def test_a_quote_that_is_never_closed_breaks_the_contract(read: Any) -> None:
    with pytest.raises(SourceContractError, match="line 5 is not CSV: unexpected end of data"):
        read(TABLE + '"Japan,Tokyo,2020,Toei,109\n')


def test_a_byte_order_mark_and_windows_line_ends_change_nothing(read: Any) -> None:
    content = b"\xef\xbb\xbf" + TABLE.replace("\n", "\r\n").encode()
    assert observations(read(content)) == observations(read(TABLE))


def test_bytes_in_another_encoding_break_the_contract(read: Any) -> None:
    with pytest.raises(SourceContractError, match=r"the bytes are not utf-8-sig: .*0xe9"):
        read(TABLE.encode("latin-1"))


def test_the_declared_encoding_is_used(read: Any) -> None:
    records = read(TABLE.encode("windows-1252"), encoding="windows-1252", where={"line": ["Métro"]})
    assert observations(records) == [("France", "Paris", "2020", "226.9")]


@pytest.mark.parametrize("kind", ["csv", "workbook"])
def test_a_page_of_html_breaks_the_contract(read: Any, kind: str) -> None:
    with pytest.raises(SourceContractError, match=r"(a page of HTML instead|not a workbook).*doctype html"):
        read("\n<!doctype html><title>Moved</title>", kind=kind)


@pytest.mark.parametrize("content", ["", "\n\n"])
def test_a_file_without_a_header_breaks_the_contract(read: Any, content: str) -> None:
    with pytest.raises(SourceContractError, match="no header on line 1"):
        read(content)


def test_a_workbook_that_ends_above_its_header_breaks_the_contract(read: Any) -> None:
    with pytest.raises(SourceContractError, match="no header on row 9 of sheet Data"):
        read(workbook(TITLES, TOKYO), kind="workbook", sheet="Data", header_row=9)


def test_a_sheet_of_another_name_breaks_the_contract(read: Any) -> None:
    with pytest.raises(SourceContractError, match=r"cannot be read.*Data"):
        read(workbook(TITLES, TOKYO, sheet="Data 2025"), kind="workbook", sheet="Data")


@pytest.mark.parametrize("kept", [2, 100, 4000])
def test_a_truncated_workbook_breaks_the_contract(read: Any, snapshot_of: Any, kept: int) -> None:
    content = workbook(TITLES, TOKYO)[:kept]
    assert len(content) == kept
    with pytest.raises(SourceContractError, match="the workbook cannot be read") as caught:
        read(content, kind="workbook")
    assert snapshot_of(content)[0].sha256 in str(caught.value)
    assert "https://publisher.example/answer" in str(caught.value)


def test_a_table_without_rows_has_no_records(read: Any) -> None:
    assert read(HEADER) == []
    assert read(workbook(TITLES), kind="workbook") == []


def test_a_source_of_tables_must_have_a_layout(source: Any, snapshot_of: Any, years: Any) -> None:
    bare = source().model_copy(update={"layout": None})
    with pytest.raises(ValueError, match=r"un_wup: the format .* needs a layout"):
        list(table.read(bare, iter([snapshot_of(b"")]), years(2020, 2020)))


def test_requests_the_complete_file_once(
    source: Any, catalogue: Catalogue, publisher: Any, years: Any
) -> None:
    publisher = publisher(TABLE.encode())
    stated = source().model_copy(update={"path": "/files/metro.csv"})
    assert len(table.fetch(stated, catalogue, years(2000, 2020), publisher)) == 1
    assert publisher.requests == [("/files/metro.csv", {})]
