"""UN World Urbanization Prospects 2018: the real workbook, and workbooks that are not it."""

import io
import json
import re
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from city_indicators.__main__ import main
from city_indicators.catalog import Catalogue, Source
from city_indicators.core.errors import SourceContractError
from city_indicators.core.intervals import Interval
from city_indicators.ingest.normalise import Normalised, normalise
from city_indicators.sources import wup_workbook
from city_indicators.sources.records import Record
from tests.sources.test_workbooks import DANGERS

HEADER = ["Index", "Country Code", "Country or area", "City Code", "Urban Agglomeration", 2017, 2018]
MOSCOW = [1, 643, "Russian Federation", 22299, "Moskva (Moscow)", 12343.12, 12409.738]


@pytest.fixture(scope="session")
def source(catalogue: Catalogue) -> Source:
    return catalogue.sources["un_wup"]


@pytest.fixture(scope="session")
def workbook(shared: Path) -> bytes:
    return (shared / "data/un_wup2018/WUP2018-F22-Cities_Over_300K_Annual.xls").read_bytes()


@pytest.fixture(scope="session")
def published(workbook: bytes, source: Source, snapshot_of: Any, years: Any) -> list[Record]:
    """The records of 2015 to 2019 of the real file."""
    return list(wup_workbook.read(source, iter([snapshot_of(workbook)]), years(2015, 2019)))


@pytest.fixture(scope="session")
def normalised(published: list[Record], source: Source, catalogue: Catalogue, years: Any) -> Normalised:
    return normalise(published, source, catalogue, years(2015, 2019))


@pytest.fixture
def read(source: Source, snapshot_of: Any, years: Any) -> Callable[[bytes], list[Record]]:
    return lambda content: list(wup_workbook.read(source, iter([snapshot_of(content)]), years(2018, 2018)))


TITLE = (
    "File 22: Annual Population of Urban Agglomerations with 300,000 Inhabitants or More in 2018, by "
    "Country, 1950-2035 (thousands)"
)


def small_workbook(
    *rows: list[object],
    header: list[Any] = HEADER,
    header_row: int = 17,
    sheet: str = "Data",
    title: str = TITLE,
) -> bytes:
    from openpyxl import Workbook

    book = Workbook()
    book.active.title = sheet
    book.active.cell(10, 1, title)
    for number, row in enumerate([header, *rows], header_row):
        for column, cell in enumerate(row, 1):
            book.active.cell(number, column, cell)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def observation(normalised: Normalised, city: str, year: str) -> dict[str, Any]:
    rows = normalised.observations.query("ref_area == @city and time_period == @year")
    (row,) = rows.to_dict("records")
    return row


def test_the_file_has_1860_agglomerations_every_year(published: list[Record]) -> None:
    by_year = {str(year): 0 for year in range(2015, 2020)}
    for record in published:
        by_year[record.time_period] += 1
    assert by_year == {str(year): 1860 for year in range(2015, 2020)}


@pytest.mark.parametrize(
    ("city", "year", "persons"),
    [
        ("moscow", "2018", 12_409_738),
        ("moscow", "2019", 12_476_171),
        ("guangzhou", "2015", 11_694_882),
        ("guangzhou", "2018", 12_638_305),
    ],
)
def test_thousands_of_the_file_are_persons_to_the_last_one(
    normalised: Normalised, city: str, year: str, persons: int
) -> None:
    row = observation(normalised, city, year)
    assert row["obs_value"] == persons
    assert (row["unit_measure"], row["geo_basis"], row["indicator"]) == ("PS", "agglomeration", "POP_AGGLO")


def test_values_have_no_fraction_of_a_person(normalised: Normalised) -> None:
    assert (normalised.observations["obs_value"] % 1 == 0).all()


def test_estimates_end_with_2018_and_forecasts_follow(normalised: Normalised) -> None:
    statuses = normalised.observations.groupby("time_period")["obs_status"].agg(set).to_dict()
    assert statuses == {"2015": {"E"}, "2016": {"E"}, "2017": {"E"}, "2018": {"E"}, "2019": {"F"}}


def test_every_city_of_ours_is_there_and_the_others_are_out_of_scope(
    normalised: Normalised, catalogue: Catalogue
) -> None:
    for _, year in normalised.observations.groupby("time_period"):
        assert sorted(year["ref_area"]) == sorted(catalogue.cities)
    assert normalised.out_of_scope == 5 * 1812
    assert normalised.empty_cells == 0


def test_a_record_leads_back_to_sheet_row_and_year(published: list[Record], workbook: bytes) -> None:
    import pandas as pd

    (record,) = [r for r in published if (r.area_code, r.time_period) == ("22299", "2018")]
    row, year = record.pointer.removeprefix("Data!").split("/")
    bare = pd.read_excel(io.BytesIO(workbook), engine="calamine", sheet_name="Data", header=None)
    line = bare.iloc[int(row) - 1].tolist()
    assert "Moskva (Moscow)" in line
    assert 12409.738 in line
    assert year == "2018"
    assert json.loads(record.raw)["Urban Agglomeration"] == "Moskva (Moscow)"


def test_years_that_the_file_does_not_have_give_no_records(
    workbook: bytes, source: Source, snapshot_of: Any, years: Callable[[int, int], Interval]
) -> None:
    records = wup_workbook.read(source, iter([snapshot_of(workbook)]), years(2035, 2036))
    assert {record.time_period for record in records} == {"2035"}


def test_requests_the_declared_file_once(
    source: Source, catalogue: Catalogue, publisher: Any, years: Any
) -> None:
    publisher = publisher(b"")
    assert len(wup_workbook.fetch(source, catalogue, years(2018, 2018), publisher)) == 1
    assert publisher.requests == [("/wup/assets/WUP2018/Files/WUP2018-F22-Cities_Over_300K_Annual.xls", {})]


@pytest.mark.parametrize("kept", [0, 7, 8, 512, 4096, 100_000, 1_000_000])
def test_a_truncated_workbook_breaks_the_contract(read: Any, workbook: bytes, kept: int) -> None:
    assert len(workbook) > kept
    with pytest.raises(SourceContractError, match=r"workbook.*Next step: compare the archived bytes"):
        read(workbook[:kept])


def test_a_page_of_html_breaks_the_contract(read: Any) -> None:
    with pytest.raises(SourceContractError, match="not a workbook: the bytes begin with b'<!DOCTYPE html>"):
        read(b"<!DOCTYPE html><title>The page has moved</title>")


def test_the_same_layout_as_xlsx_is_read(read: Any) -> None:
    (record,) = read(small_workbook(MOSCOW))
    assert (record.area_code, record.time_period, record.value) == ("22299", "2018", 12409.738)
    assert record.pointer == "Data!18/2018"


def test_codes_and_years_held_as_decimals_or_text_are_the_same_codes(read: Any) -> None:
    header = [*HEADER[:5], 2017.0, "2018"]
    records = read(small_workbook([*MOSCOW[:3], 22299.0, *MOSCOW[4:]], header=header))
    assert [(r.area_code, r.time_period) for r in records] == [("22299", "2018")]


@pytest.mark.parametrize(
    "title", [TITLE.replace("thousands", "persons"), TITLE.replace("22", "12"), TITLE.replace("2035", "2050")]
)
def test_another_title_is_named_with_the_declared_one(read: Any, title: str) -> None:
    with pytest.raises(
        SourceContractError, match=rf"\(thousands\)', but .*{re.escape(title)}.*update the decl"
    ):
        read(small_workbook(MOSCOW, title=title))


def test_a_code_with_the_name_of_another_city_breaks_the_contract(read: Any) -> None:
    row = ["Delhi" if cell == "Moskva (Moscow)" else cell for cell in MOSCOW]
    with pytest.raises(SourceContractError, match=r"Data!18: the code '22299' is named 'Delhi', not Moskva"):
        read(small_workbook(row))


def test_a_year_twice_or_missing_breaks_the_contract(read: Any) -> None:
    for years in ([2017, 2017, 2018], [2016, 2018], [2018, 2017]):
        with pytest.raises(SourceContractError, match=f"the columns of years are {re.escape(str(years))}"):
            read(small_workbook(MOSCOW, header=[*HEADER[:5], *years]))


def test_a_header_without_years_breaks_the_contract(
    source: Source, catalogue: Catalogue, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Not a workbook of which no year is wanted: its columns have other titles."""
    file = tmp_path / "file.xlsx"
    file.write_bytes(small_workbook(MOSCOW, header=[*HEADER[:5], "Year 2017", "Year 2018"]))
    assert main(["parse", source.id, str(file)]) == 2
    assert "row 17 of sheet Data has no column of a year" in capsys.readouterr().err


def test_the_error_for_a_file_at_hand_speaks_of_the_file(
    source: Source, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The command `parse` archives nothing."""
    for content in (b"<!DOCTYPE html>", DANGERS["macro"][0]):
        file = tmp_path / "file.xlsx"
        file.write_bytes(content)
        assert main(["parse", source.id, str(file)]) == 2
        message = capsys.readouterr().err
        assert "archived" not in message
        assert "the file" in message.partition("Next step:")[2]


@pytest.mark.parametrize("header_row", [16, 18, 1])
def test_a_header_on_another_row_breaks_the_contract(read: Any, header_row: int) -> None:
    with pytest.raises(SourceContractError, match=r"row 17 of sheet Data lacks the columns \['City Code'"):
        read(small_workbook(*[MOSCOW] * 20, header_row=header_row))


def test_a_sheet_of_another_name_breaks_the_contract(read: Any) -> None:
    with pytest.raises(SourceContractError, match=r"cannot be read.*Data"):
        read(small_workbook(MOSCOW, sheet="DATA (2)"))


def test_an_empty_sheet_breaks_the_contract(read: Any) -> None:
    with pytest.raises(SourceContractError, match="lacks the columns"):
        read(small_workbook(header=[]))


@pytest.mark.parametrize(("cell", "value"), [(None, None), (" ", None), ("..", ".."), ("12 409", "12 409")])
def test_a_cell_without_a_number_stays_as_published(read: Any, cell: object, value: object) -> None:
    (record,) = read(small_workbook([*MOSCOW[:6], cell]))
    assert record.value == value


def test_a_cell_that_became_a_date_stays_visible_as_no_number(
    read: Any, source: Source, catalogue: Catalogue, years: Any
) -> None:
    records = read(small_workbook([*MOSCOW[:6], datetime(2018, 9, 12)]))
    (row,) = normalise(records, source, catalogue, years(2018, 2018)).observations.to_dict("records")
    assert row["obs_value"] != row["obs_value"]
    assert "2018-09-12" in row["value_as_published"]
