"""Our World in Data: the real charts, and charts damaged one thing at a time."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from city_indicators.catalog import Catalogue, Source
from city_indicators.core.errors import SourceContractError
from city_indicators.ingest.normalise import normalise
from city_indicators.sources import owid_grapher
from city_indicators.sources.records import Record

MIX = "electricity-prod-source-stacked"
CO2 = "co-emissions-per-capita"
ENERGY = "per-capita-energy-use"
CO2_TITLE = "Annual CO2 emissions (per capita)"
CO2_HEADER = f"Entity,Code,Year,{CO2_TITLE}\n"
# The nine parts of Russia's generation in 2023 in TWh, as the chart has them.
RUSSIA_2023 = "Russia,RUS,2023,0,0.85,2.63,4.75,200.87,217.38,12.2,528.43,211.14\n"
LOW_CARBON = 100 * 426.48 / 1178.25
COAL_AND_OIL = 100 * 223.34 / 1178.25


@pytest.fixture(scope="session")
def source(catalogue: Catalogue) -> Source:
    """The source with four series, regardless of the other series in the catalogue."""
    declared = catalogue.sources["owid_grapher"]
    four = {"ELEC_LOWCARBON_SHARE", "ELEC_COAL_OIL_SHARE", "ENERGY_PC", "CO2_PC"}
    return declared.model_copy(update={"series": [s for s in declared.series if s.indicator in four]})


@pytest.fixture
def read(source: Source, snapshot_of: Any, years: Any) -> Callable[..., list[Record]]:
    """The records of a chart's CSV, as the answer to our request."""

    def read_chart(chart: str, text: str | bytes) -> list[Record]:
        content = text.encode() if isinstance(text, str) else text
        url = f"https://publisher.example/grapher/{chart}.csv?csvType=filtered&country=RUS~CHN"
        return list(owid_grapher.read(source, iter([snapshot_of(content, url)]), years(2000, 2024)))

    return read_chart


@pytest.fixture(scope="session")
def chart(shared: Path, catalogue: Catalogue) -> Callable[[str], str]:
    """A real chart, reduced to the lines that the publisher would send us."""

    def filtered(name: str) -> str:
        text = (shared / "data/owid_grapher" / f"{name}.csv").read_text(encoding="utf-8")
        header, *lines = text.splitlines(keepends=True)
        ours = [
            line
            for line in lines
            if line.split(",")[1] in catalogue.countries and int(line.split(",")[2]) in range(2000, 2025)
        ]
        return header + "".join(ours)

    return filtered


@pytest.fixture(scope="session")
def mix_header(chart: Callable[[str], str]) -> str:
    return chart(MIX).splitlines(keepends=True)[0]


def values(records: list[Record], area: str, year: str) -> dict[str, Any]:
    return {
        record.series.indicator: record.value
        for record in records
        if (record.area_code, record.time_period) == (area, year)
    }


def test_shares_of_russia_in_2023_follow_from_the_nine_published_parts(read: Any, chart: Any) -> None:
    text = chart(MIX)
    assert RUSSIA_2023 in text
    shares = values(read(MIX, text), "RUS", "2023")
    assert shares["ELEC_LOWCARBON_SHARE"] == pytest.approx(LOW_CARBON, abs=1e-12)
    assert shares["ELEC_COAL_OIL_SHARE"] == pytest.approx(COAL_AND_OIL, abs=1e-12)
    assert (round(LOW_CARBON, 4), round(COAL_AND_OIL, 4)) == (36.1961, 18.9552)


def test_what_is_neither_low_carbon_nor_coal_nor_oil_is_gas(read: Any, chart: Any) -> None:
    shares = values(read(MIX, chart(MIX)), "RUS", "2023")
    assert 100 - sum(shares.values()) == pytest.approx(100 * 528.43 / 1178.25, abs=1e-9)


def test_every_share_of_the_real_chart_is_between_0_and_100(read: Any, chart: Any) -> None:
    records = read(MIX, chart(MIX))
    assert {record.area_code for record in records} >= {"RUS", "CHN", "HKG", "SGP", "ETH"}
    assert all(0 <= record.value <= 100 for record in records)


@pytest.mark.parametrize(
    ("name", "indicator", "published"),
    [(CO2, "CO2_PC", "12.485688"), (ENERGY, "ENERGY_PC", "60237.03")],
)
def test_values_of_russia_in_2023_are_read_as_published(
    read: Any, chart: Any, name: str, indicator: str, published: str
) -> None:
    assert values(read(name, chart(name)), "RUS", "2023") == {indicator: published}


@pytest.mark.parametrize(("name", "records_a_line"), [(MIX, 2), (CO2, 1), (ENERGY, 1)])
def test_every_line_of_the_real_charts_is_read(read: Any, chart: Any, name: str, records_a_line: int) -> None:
    text = chart(name)
    assert len(read(name, text)) == records_a_line * (text.count("\n") - 1) > 600


def test_a_record_leads_back_to_its_line(read: Any, chart: Any) -> None:
    text = chart(CO2)
    for record in read(CO2, text)[::97]:
        line = text.splitlines()[int(record.pointer.removeprefix("line ")) - 1]
        assert line.endswith(f",{record.area_code},{record.time_period},{record.value}")
        assert list(json.loads(record.raw).values()) == line.split(",")


def test_a_region_without_code_is_identified_by_its_name(read: Any) -> None:
    (record,) = read(CO2, CO2_HEADER + "Africa,,2023,0.98\n")
    assert record.area_code == "Africa"


def test_a_byte_order_mark_and_windows_line_ends_change_nothing(read: Any) -> None:
    text = CO2_HEADER + "Russia,RUS,2023,12.5\n"
    assert values(read(CO2, b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode()), "RUS", "2023") == {
        "CO2_PC": "12.5"
    }


@pytest.mark.parametrize("title", ["Per capita CO2", "Annual CO2 emissions (per capita) – kilograms"])
def test_another_title_is_named_with_the_declared_one(read: Any, title: str) -> None:
    with pytest.raises(
        SourceContractError,
        match=r"column of co-emissions-per-capita is declared as 'Annual CO2 emissions \(per capita\)', but "
        rf"the publisher writes \['{re.escape(title)}'\].*update the declaration",
    ):
        read(CO2, f"Entity,Code,Year,{title}\nRussia,RUS,2023,12.5\n")


def test_megawatt_hours_in_the_title_are_not_read_as_kilowatt_hours(read: Any, chart: Any) -> None:
    text = chart(ENERGY).replace("(kWh/person)", "(MWh/person)", 1)
    with pytest.raises(SourceContractError, match=r"\(kWh/person\)', but the.*capita \(MWh/person\)"):
        read(ENERGY, text)


def test_a_missing_part_of_the_mix_is_named(read: Any, mix_header: str) -> None:
    header = mix_header.replace("Electricity from gas", "Electricity from natural gas")
    with pytest.raises(SourceContractError, match="is declared as 'Electricity from gas - TWh"):
        read(MIX, header + RUSSIA_2023)


def test_a_column_twice_breaks_the_contract(read: Any) -> None:
    header = CO2_HEADER.strip() + ",Annual CO2 emissions (per capita)\n"
    with pytest.raises(SourceContractError, match="a column of co-emissions-per-capita is declared as"):
        read(CO2, header + "Russia,RUS,2023,12.5,12.6\n")


@pytest.mark.parametrize(
    ("columns", "fault"),
    [
        (
            {CO2_TITLE: {"unit": "kilograms per person"}},
            "'tonnes per person', but the publisher writes 'kilo",
        ),
        ({CO2_TITLE: {"unit": None}}, "'tonnes per person', but the publisher writes None"),
        ({"CO2 per head": {"unit": "tonnes per person"}}, "the metadata name no unit of 'Annual CO2"),
        ([], "the metadata name no unit of 'Annual CO2"),
    ],
)
def test_another_unit_in_the_metadata_breaks_the_contract(
    source: Source, snapshot_of: Any, years: Any, columns: object, fault: str
) -> None:
    url = f"https://publisher.example/grapher/{CO2}"
    answers = [
        snapshot_of(json.dumps({"columns": columns}).encode(), f"{url}.metadata.json"),
        snapshot_of(CO2_HEADER.encode() + b"Russia,RUS,2023,12.5\n", f"{url}.csv?csvType=filtered"),
    ]
    for archived in (answers, answers[::-1]):
        with pytest.raises(SourceContractError, match=fault):
            list(owid_grapher.read(source, iter(archived), years(2000, 2024)))


def test_the_declared_unit_in_the_metadata_is_accepted(source: Source, snapshot_of: Any, years: Any) -> None:
    url = f"https://publisher.example/grapher/{CO2}"
    metadata = json.dumps({"columns": {CO2_TITLE: {"unit": "tonnes per person"}}}).encode()
    answers = [
        snapshot_of(metadata, f"{url}.metadata.json"),
        snapshot_of(CO2_HEADER.encode() + b"Russia,RUS,2023,12.5\n", f"{url}.csv?csvType=filtered"),
    ]
    (record,) = owid_grapher.read(source, iter(answers), years(2000, 2024))
    assert (record.value, record.snapshot) == ("12.5", answers[1][0])


def test_every_declared_series_pins_its_unit(catalogue: Catalogue) -> None:
    assert all(series.unit_text for series in catalogue.sources["owid_grapher"].series)


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("Romania,RUS,2023,12.5", "line 2: the code 'RUS' is named 'Romania', not Russia"),
        ("Russia,ROU,2023,12.5", "line 2: 'Russia' has the code 'ROU', not 'RUS'"),
        ("Russia,,2023,12.5", "line 2: 'Russia' has the code '', not 'RUS'"),
    ],
)
def test_a_name_that_is_not_of_the_code_breaks_the_contract(read: Any, line: str, fault: str) -> None:
    with pytest.raises(SourceContractError, match=fault):
        read(CO2, f"{CO2_HEADER}{line}\n")


@pytest.mark.parametrize("header", ["Country,Code,Year,x\n", "Entity,Year,x\n", "\n", ""])
def test_a_header_without_the_three_keys_breaks_the_contract(read: Any, header: str) -> None:
    with pytest.raises(SourceContractError, match="the header lacks"):
        read(CO2, header + "Russia,RUS,2023,12.5\n")


def test_a_page_of_html_breaks_the_contract(read: Any) -> None:
    with pytest.raises(SourceContractError, match=r"a page of HTML instead of CSV: .*<!doctype html>"):
        read(CO2, "\n<!doctype html><html><body>Not found</body></html>")


@pytest.mark.parametrize("line", ["Russia,RUS,2023\n", "Russia,RUS\n", "Russia,RUS,2023,12.5,\n"])
def test_reports_a_ragged_line_with_its_number(read: Any, line: str) -> None:
    with pytest.raises(SourceContractError, match="line 3 has a different number of fields than the header"):
        read(CO2, CO2_HEADER + "China,CHN,2023,8.4\n" + line)


@pytest.mark.parametrize("lines", [1, 20_000])
def test_a_quote_that_is_never_closed_breaks_the_contract(read: Any, lines: int) -> None:
    with pytest.raises(SourceContractError, match=rf"{CO2}.csv"):
        read(CO2, CO2_HEADER + '"Russia,RUS,2023,12.5\n' + "China,CHN,2023,8.4\n" * lines)


def test_a_chart_that_was_not_requested_breaks_the_contract(read: Any) -> None:
    with pytest.raises(SourceContractError, match="co2-per-capita-renamed"):
        read("co2-per-capita-renamed", CO2_HEADER + "Russia,RUS,2023,12.5\n")


def test_a_wrongly_encoded_letter_of_a_name_matches_any_and_no_other_letter_does(read: Any) -> None:
    line = b"T\xfcrkey,TUR,2023,5.1\n"
    assert values(read(CO2, CO2_HEADER.encode() + line), "TUR", "2023") == {"CO2_PC": "5.1"}
    with pytest.raises(SourceContractError, match="the code 'TUR' is named 'T\ufffdnisia', not Turkey"):
        read(CO2, CO2_HEADER.encode() + line.replace(b"rkey", b"nisia"))


def test_a_chart_without_lines_has_no_records(read: Any) -> None:
    assert read(CO2, CO2_HEADER) == []


def test_an_empty_cell_is_not_zero(read: Any) -> None:
    (record,) = read(CO2, CO2_HEADER + "Russia,RUS,2023,\n")
    assert record.value is None


@pytest.mark.parametrize("cell", ["", " "])
def test_a_share_with_an_unknown_part_is_an_empty_cell(read: Any, mix_header: str, cell: str) -> None:
    line = RUSSIA_2023.replace(",12.2,", f",{cell},")
    assert values(read(MIX, mix_header + line), "RUS", "2023") == {
        "ELEC_LOWCARBON_SHARE": None,
        "ELEC_COAL_OIL_SHARE": None,
    }


def test_a_country_that_generates_nothing_has_no_shares(read: Any, mix_header: str) -> None:
    records = read(MIX, mix_header + "Russia,RUS,2023" + ",0" * 9 + "\n")
    assert [record.value for record in records] == [None, None]


@pytest.mark.parametrize("text", ["n/a", "528,43", "537.777.811", "1_0", "nan", "inf"])
def test_a_part_that_is_no_number_stays_visible(
    read: Any, mix_header: str, source: Source, catalogue: Catalogue, years: Any, text: str
) -> None:
    cell = f'"{text}"'
    records = read(MIX, mix_header + RUSSIA_2023.replace("528.43", cell))
    observations = normalise(records, source, catalogue, years(2023, 2023)).observations
    assert observations["obs_value"].isna().tolist() == [True, True]
    assert observations["value_as_published"].str.len().min() > 0


def test_requests_each_chart_once_with_our_countries_and_years(
    source: Source, catalogue: Catalogue, publisher: Any, years: Any
) -> None:
    publisher = publisher(*[b""] * 6)
    snapshots = owid_grapher.fetch(source, catalogue, years(2019, 2023), publisher)
    query = {
        "csvType": "filtered",
        "country": "~".join(catalogue.countries),
        "time": "2019..2023",
    }
    assert publisher.requests == [
        request
        for name in (MIX, ENERGY, CO2)
        for request in ((f"/grapher/{name}.metadata.json", {}), (f"/grapher/{name}.csv", query))
    ]
    assert len(snapshots) == 6


def test_a_quote_that_is_never_closed_swallows_no_rows(read: Callable[..., list[Record]]) -> None:
    text = CO2_HEADER + 'Russia,RUS,2022,"11.6\n' + "Russia,RUS,2023,11.7\n" * 3
    with pytest.raises(SourceContractError, match="is not CSV: unexpected end of data"):
        read(CO2, text)
