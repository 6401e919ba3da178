"""The committed sample has exactly the data of the publishers' real files."""

import shutil
from pathlib import Path

import pandas as pd
import pytest

from city_indicators.core.paths import CATALOG, PROJECT
from demo.paths import SAMPLE
from demo.sample.compile import compile_sample, main
from demo.sample.publishers import Observation, SourceFileError, long_rows, wdi_series
from demo.sample.table import SampleError, load_sample, read_text_csv

KEY = ["source", "series", "ref_area", "time_period"]


@pytest.fixture(scope="module")
def observations() -> pd.DataFrame:
    return load_sample().observations


def observation(observations: pd.DataFrame, series: str, area: str, year: str) -> str:
    indexed = observations.set_index(["series", "ref_area", "time_period"])["obs_value"]
    return str(indexed.loc[(series, area, year)])


def test_compiling_is_reproducible(shared: Path) -> None:
    compiled = compile_sample(shared / "data")
    committed = {path.relative_to(SAMPLE).as_posix(): path.read_bytes() for path in SAMPLE.rglob("*.csv")}
    assert compiled.keys() == committed.keys()
    for name, content in compiled.items():
        assert content == committed[name], name


def test_files_are_utf8_with_lf_and_name_no_local_path() -> None:
    for path in SAMPLE.rglob("*.csv"):
        text = path.read_bytes().decode("utf-8")
        assert "\r" not in text
        assert text.endswith("\n")
        assert str(PROJECT.parent) not in text
        assert "/home" not in text


def test_rows_are_sorted_unique_and_complete(observations: pd.DataFrame) -> None:
    keys = observations[KEY]
    assert not keys.duplicated().any()
    assert keys.equals(keys.sort_values(KEY, ignore_index=True))
    assert (observations != "").all(axis=None)
    assert pd.to_numeric(observations["obs_value"]).ge(0).all()


def test_areas_are_those_of_the_catalogue(observations: pd.DataFrame) -> None:
    catalogue = CATALOG
    countries = set(read_text_csv(catalogue / "countries.csv")["ref_area"])
    cities = set(read_text_csv(catalogue / "cities.csv")["ref_area"])
    by_source = observations.groupby("source")["ref_area"].agg(set)
    assert by_source["un_wup"] == cities
    assert by_source["owid_grapher"] == by_source["world_bank"] == countries


def test_observations_and_citations_match(observations: pd.DataFrame) -> None:
    citations = load_sample().citations
    in_tables = {read_text_csv(path)["citation"].iloc[0] for path in (SAMPLE / "tables").glob("*.csv")}
    of_days = {f"nasa-power-daily-{city}" for city in load_sample().daily_weather["ref_area"]}
    assert {*observations["citation"], *in_tables, *of_days} == set(citations["citation"])
    open_licences = {
        "CC-BY-4.0",
        "CC-BY-3.0-IGO",
        "MIT",
        "CC-BY-SA-4.0",
        "PDDL-1.0",
        "UNdata terms of use",
        "US-Government-Work",
    }
    assert set(citations["licence"]) <= open_licences
    assert citations["file_note"].str.contains(r"sha256 [0-9a-f]{64}").all()


@pytest.mark.parametrize(
    ("series", "area", "year", "value"),
    [
        ("population", "moscow", "2000", "10004.523"),
        ("population", "tokyo", "2025", "37036.204"),
        ("SP.POP.TOTL", "CHN", "2022", "1412175000"),
        ("SP.URB.TOTL.IN.ZS", "SGP", "2021", "100"),
        ("EN.ATM.PM25.MC.M3", "IND", "2019", "83.19931634"),
        ("NY.GDP.PCAP.PP.KD", "USA", "2022", "64623.125"),
    ],
)
def test_values_keep_their_digits(
    observations: pd.DataFrame, series: str, area: str, year: str, value: str
) -> None:
    assert observation(observations, series, area, year) == value


def test_a_missing_value_gives_no_row(observations: pd.DataFrame) -> None:
    pm25 = observations[observations["series"] == "EN.ATM.PM25.MC.M3"]
    assert set(pm25["time_period"]) == {"2018", "2019"}  # the file has `..` from 2020 on
    assert "HKG" not in set(pm25["ref_area"])


def test_projections_and_estimates_are_separate_series(observations: pd.DataFrame) -> None:
    wup = observations[observations["source"] == "un_wup"].set_index("time_period")["obs_status"]
    assert set(wup[wup.index <= "2018"]) == {"E"}
    assert set(wup[wup.index > "2018"]) == {"F"}


def test_price_base_is_2017(shared: Path, observations: pd.DataFrame) -> None:
    """In its base year, the value of the United States equals GDP per head in current dollars."""

    def usa(name: str) -> pd.Series:
        table = pd.read_csv(shared / "data" / "worldbank" / name)
        return table[table["Country Code"] == "USA"].set_index("Year")["Value"]

    current = usa("datasets_gdp.csv") / usa("datasets_population.csv")
    gap = {
        year: abs(float(observation(observations, "NY.GDP.PCAP.PP.KD", "USA", str(year))) / current[year] - 1)
        for year in (2011, 2017, 2021)  # the rounds of the comparison programme
    }
    assert gap[2017] < 0.005
    assert min(gap[2011], gap[2021]) > 0.09


def test_main_writes_the_files(shared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("demo.sample.compile.SAMPLE", tmp_path / "sample")
    main([str(shared / "data")])
    written = {path.relative_to(tmp_path / "sample") for path in (tmp_path / "sample").rglob("*.csv")}
    assert written == {path.relative_to(SAMPLE) for path in SAMPLE.rglob("*.csv")}


def test_absent_source_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SourceFileError, match=r"wdi\.csv is absent"):
        compile_sample(tmp_path)


def test_a_missing_sample_is_an_error_with_the_next_step(tmp_path: Path) -> None:
    shutil.copy(SAMPLE / "labels.csv", tmp_path)
    with pytest.raises(SampleError, match=r"demo\.sample\.compile"):
        load_sample(tmp_path)


def rows_of(table: pd.DataFrame) -> pd.DataFrame:
    return long_rows(
        table,
        area="Code",
        year="Year",
        observations=[Observation("Value", "X", "PS")],
        areas=["NAM"],
        source="s",
        citation="c",
    )


def test_empty_cells_and_early_years_give_no_row() -> None:
    table = pd.DataFrame(
        {"Code": ["NAM"] * 3, "Year": ["1999", "2000", "2001"], "Value": ["1", "", "0.10"]}, dtype=str
    )
    assert rows_of(table)[["time_period", "obs_value"]].to_numpy().tolist() == [["2001", "0.10"]]


def test_two_rows_for_one_year_are_refused() -> None:
    table = pd.DataFrame({"Code": ["NAM"] * 2, "Year": ["2000"] * 2, "Value": ["1", "2"]}, dtype=str)
    with pytest.raises(SourceFileError, match="two rows"):
        rows_of(table)


def test_absent_country_is_refused() -> None:
    table = pd.DataFrame({"Code": ["ZZZ"], "Year": ["2000"], "Value": ["1"]}, dtype=str)
    with pytest.raises(SourceFileError, match="no rows for NAM"):
        rows_of(table)


def test_databank_export_loses_its_two_dots() -> None:
    export = pd.DataFrame(
        [["Namibia", "NAM", "S", "7", ".."], ["Last Updated: 07/25/2023", "", "", "", ""]],
        columns=["Country Name", "Country Code", "Series Code", "2018 [YR2018]", "2019 [YR2019]"],
    )
    assert wdi_series(export, "S").to_numpy().tolist() == [["NAM", "2018", "7"], ["NAM", "2019", ""]]
