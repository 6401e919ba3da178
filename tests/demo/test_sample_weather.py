"""The sample's daily weather is that of the real files, under the cities of the requests."""

import csv
from pathlib import Path

import pandas as pd
import pytest

from city_indicators.catalog import Catalogue, load_catalogue
from demo.sample.citations import WEATHER, Citation
from demo.sample.publishers import SourceFileError
from demo.sample.table import load_sample
from demo.sample.weather import compile_weather

FOLDER = "daily_weather_nasa_power"
BERLIN = {"berlin": WEATHER["berlin"]}


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue()


@pytest.fixture(scope="module")
def days() -> pd.DataFrame:
    return load_sample().daily_weather


def cells(days: pd.DataFrame, city: str, day: str) -> list[str]:
    row = days[(days["ref_area"] == city) & (days["date"] == day)]
    assert len(row) == 1
    return [str(cell) for cell in row.iloc[0, 4:]]


@pytest.mark.parametrize(
    ("city", "day", "observations"),
    [
        ("beijing", "2000-01-01", ["-0.78", "-6.89", "0.21"]),
        ("beijing", "2023-06-22", ["42.63", "22.65", "0.0"]),  # day 173
        ("beijing", "2024-12-31", ["5.15", "-10.28", "0.0"]),  # day 366 of a leap year
        ("istanbul", "2024-12-31", ["10.45", "5.73", "0.03"]),  # a file without the UV column
    ],
)
def test_days_looked_up_in_the_files(
    days: pd.DataFrame, city: str, day: str, observations: list[str]
) -> None:
    assert cells(days, city, day) == observations


def test_sixteen_cities_have_every_day_of_25_years_once(days: pd.DataFrame) -> None:
    assert set(days.groupby("ref_area").size()) == {25 * 365 + 7}
    assert set(days["ref_area"]) == set(WEATHER)
    assert len(WEATHER) == 16
    assert not {"dubai", "moscow"} & set(WEATHER)  # a cell over the sea; no file at all
    assert not days.duplicated(["ref_area", "date"]).any()
    assert (days["date"].min(), days["date"].max()) == ("2000-01-01", "2024-12-31")
    assert (days != "").all(axis=None)


def test_all_digits_of_a_city_are_those_of_its_file(days: pd.DataFrame, shared: Path) -> None:
    with (shared / "data" / WEATHER["los-angeles"].file).open(encoding="utf-8", newline="") as stream:
        real = [
            [row[name] for name in ("LAT", "LON", "T2M_MAX", "T2M_MIN", "PRECTOTCORR")]
            for row in csv.DictReader(stream)
            if row["YEAR"] != "1999"
        ]
    ours = days[days["ref_area"] == "los-angeles"].drop(columns=["ref_area", "date"])
    assert ours.to_numpy().tolist() == real


def test_the_sample_begins_with_its_data() -> None:
    sample = load_sample()
    first_years = [sample.first_year(source) for source in ("nasa_power", "world_bank", "metro_systems")]
    assert first_years == [2000, 2000, None]


def copy(shared: Path, folder: Path, change: dict[str, str]) -> Path:
    """The real file of Berlin, with texts replaced, in a folder of its own."""
    text = (shared / "data" / WEATHER["berlin"].file).read_text(encoding="utf-8")
    for old, new in change.items():
        assert old in text
        text = text.replace(old, new)
    (folder / FOLDER).mkdir()
    (folder / WEATHER["berlin"].file).write_text(text, encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"52.52,13.405": "25.2769,55.2962"}, r"the coordinates are of \['None'\], not of berlin"),
        ({"52.52,13.405": "39.904,116.407"}, r"the coordinates are of \['beijing'\], not of berlin"),
        ({"\n2023,1,": "\n1999,1,"}, "9131 days of 9132"),
        ({"\n2023,2,": "\n2023,1,"}, "9132 days of 9132; each day must be there once"),
        ({"PRECTOTCORR": "PRECTOT"}, r"no columns \['PRECTOTCORR'\]"),
    ],
)
def test_a_wrong_file_is_refused(
    shared: Path, tmp_path: Path, catalogue: Catalogue, change: dict[str, str], fault: str
) -> None:
    with pytest.raises(SourceFileError, match=fault):
        compile_weather(copy(shared, tmp_path, change), BERLIN, catalogue)


def test_the_file_of_dubai_is_of_no_city(shared: Path, catalogue: Catalogue) -> None:
    file = f"{FOLDER}/nasa_weather_Dubai_1999_2024.csv"
    dubai = {"dubai": Citation("nasa-power-daily-dubai", file, "", "", "", "")}
    with pytest.raises(SourceFileError, match="not of dubai"):
        compile_weather(shared / "data", dubai, catalogue)


def test_an_absent_file_is_named(tmp_path: Path, catalogue: Catalogue) -> None:
    with pytest.raises(SourceFileError, match=r"nasa_weather_Berlin_1999_2024\.csv is absent"):
        compile_weather(tmp_path, BERLIN, catalogue)
