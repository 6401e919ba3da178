"""The sample's cases are the facts of the award's file, and nothing else."""

from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from city_indicators.cases.read import read
from city_indicators.cases.vocabulary import load_reference
from city_indicators.paths import SAMPLE
from city_indicators.sample.cases import FILE, compile_cases
from city_indicators.sample.publishers import SourceFileError
from city_indicators.sample.table import read_text_csv

REFERENCE = load_reference()


@pytest.fixture
def cases() -> pd.DataFrame:
    return read_text_csv(SAMPLE / "cases.csv").set_index("case_id")


def test_every_row_but_the_one_cut_off_is_there_and_is_a_case(shared: Path, cases: pd.DataFrame) -> None:
    table = read_text_csv(shared / "data" / FILE)
    assert len(table) == 53
    whole = table[table["city"] != "V[text cut]"]
    assert cases["city"].tolist() == whole["city"].tolist()
    assert cases["links"].tolist() == whole["source_url"].tolist()
    judged = read((SAMPLE / "cases.csv").read_bytes(), "cases.csv", REFERENCE, date(2026, 1, 1))
    assert (len(judged.accepted), judged.refused) == (52, ())


def test_facts_are_as_published_and_the_rest_is_empty(cases: pd.DataFrame) -> None:
    assert cases["stage"].value_counts().to_dict() == {
        "winner": 29,
        "medal": 10,
        "shortlisted": 10,
        "online_popular_city": 2,
        "special_mention": 1,
    }
    milan = cases.loc["guangzhou-award-2018-milan"]
    assert milan["name_en"].startswith("Milan Food Policy: An Innovative Framework")
    assert (milan["country"], milan["cycle"]) == ("ITA", "4")
    silent = ["name_ru", "name_zh", "status", "field", "innovation_type", "sdgs", "start_year", "outcome"]
    assert (cases[silent] == "").all(axis=None)
    assert cases.loc["guangzhou-award-2012-seoul", "name_en"] == ""
    assert cases.loc["guangzhou-award-2023-ramallah", "country"] == "PSE"


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("winner", "victor", "the role 'victor' is unknown"),
        ("Malawi", "Malavi", "the country 'Malavi' is unknown"),
        ("Lilongwe", "Kocaeli", "two entries for guangzhou-award-2012-kocaeli"),
    ],
)
def test_what_the_compiler_does_not_know_it_does_not_guess(
    shared: Path, tmp_path: Path, before: str, after: str, told: str
) -> None:
    text = (shared / "data" / FILE).read_text(encoding="utf-8")
    (tmp_path / FILE).parent.mkdir()
    (tmp_path / FILE).write_text(text.replace(before, after), encoding="utf-8")
    with pytest.raises(SourceFileError) as caught:
        compile_cases(tmp_path, REFERENCE)
    # Kocaeli twice is of two countries: the country is judged only after the city.
    assert told in str(caught.value)
